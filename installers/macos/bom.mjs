// The bill of materials of a package for macOS: which files it puts where, as Apple's `mkbom` would write it. Apple does
// not describe the format. This follows what is publicly known of it: a store of numbered blocks, some of which have
// names. Every number in it is big-endian.

const HEADER_BYTES = 512;
const PAGE_BYTES = 4096;
/** One leaf holds so many paths; branches above leaves are not written, since an agent has a dozen files. */
export const PATHS_LIMIT = 256;

const VARIABLES = ['BomInfo', 'Paths', 'HLIndex', 'VIndex', 'Size64'];
const KIND = { file: 1, folder: 2 };
// What Apple's own lists say of files and folders for every processor.
const ANY_ARCHITECTURE = 3;

/** One number after another: `words(32, 1, 2)` is two of 32 bits. */
function words(bits, ...values) {
    const bytes = bits / 8;
    const out = Buffer.alloc(values.length * bytes);
    values.forEach((value, index) => out.writeUIntBE(value, index * bytes, bytes));
    return out;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte << 24;
    for (let bit = 0; bit < 8; ++bit) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
    return value >>> 0;
});

/** The checksum of cksum(1), POSIX.1-2017: the length follows the contents, lowest byte first. */
export function cksum(contents) {
    let value = 0;
    const take = (byte) => {
        value = ((value << 8) ^ CRC_TABLE[(value >>> 24) ^ byte]) >>> 0;
    };
    for (const byte of contents) take(byte);
    for (let length = contents.length; length > 0; length = Math.floor(length / 256)) take(length % 256);
    return ~value >>> 0;
}

/** Blocks by number, from 1; 0 is nothing. */
class Store {
    #blocks = [];

    add(block) {
        this.#blocks.push(block);
        return this.#blocks.length;
    }

    /** A tree of one leaf that holds these pairs of block numbers. */
    addTree(pairs, pageBytes) {
        const page = Buffer.alloc(pageBytes);
        // Is a leaf, how many; no page after it and none before.
        Buffer.concat([words(16, 1, pairs.length), words(32, 0, 0), words(32, ...pairs.flat())]).copy(page);
        const child = this.add(page);
        return this.add(Buffer.concat([Buffer.from('tree'), words(32, 1, child, pageBytes, pairs.length), words(8, 0)]));
    }

    /** The file: header, blocks, then the names of some and the places of all. */
    write(names) {
        const places = [[0, 0]];
        let end = HEADER_BYTES;
        for (const block of this.#blocks) {
            places.push([end, block.length]);
            end += block.length;
        }
        const named = names.map(([name, block]) => Buffer.concat([words(32, block), words(8, name.length), Buffer.from(name)]));
        const variables = Buffer.concat([words(32, names.length), ...named]);
        // Behind the places is the list of free ones: two of nothing, as nothing was ever freed.
        const index = Buffer.concat([words(32, places.length), words(32, ...places.flat()), words(32, 2, 0, 0, 0, 0)]);
        const header = Buffer.alloc(HEADER_BYTES);
        const facts = words(32, 1, this.#blocks.length, end + variables.length, index.length, end, variables.length);
        Buffer.concat([Buffer.from('BOMStore'), facts]).copy(header);
        return Buffer.concat([header, ...this.#blocks, variables, index]);
    }
}

/**
 * The list of these entries, parents first, "." being the first: {path, mode, mtime_s, contents}; a folder has no
 * contents. All belong to root.
 */
export function makeBom(entries) {
    if (entries.length > PATHS_LIMIT) {
        throw new Error(`${entries.length} paths are more than the ${PATHS_LIMIT} that one page of the list takes`);
    }
    const store = new Store();
    const ids = new Map();
    const pairs = entries.map(({ path, mode, mtime_s, contents }, index) => {
        const id = index + 1;
        const slash = path.lastIndexOf('/');
        const parent = slash < 0 ? 0 : ids.get(path.slice(0, slash));
        if (parent === undefined) throw new Error(`"${path}" comes before the folder it is in`);
        ids.set(path, id);
        const facts = store.add(Buffer.concat([
            words(8, contents ? KIND.file : KIND.folder, 1), words(16, ANY_ARCHITECTURE, mode),
            words(32, 0, 0, mtime_s, contents?.length ?? 0), words(8, 1), words(32, contents ? cksum(contents) : 0, 0),
        ]));
        const name = Buffer.concat([words(32, parent), Buffer.from(path.slice(slash + 1)), words(8, 0)]);
        return [store.add(words(32, id, facts)), store.add(name)];
    });
    const info = store.add(words(32, 1, entries.length + 1, 1, 0, 0, 0, 0));
    const paths = store.addTree(pairs, PAGE_BYTES);
    const hardLinks = store.addTree([], PAGE_BYTES);
    const versions = store.add(Buffer.concat([words(32, 1, store.addTree([], 128), 0), words(8, 0)]));
    const large = store.addTree([], PAGE_BYTES);
    return store.write([info, paths, hardLinks, versions, large].map((block, index) => [VARIABLES[index], block]));
}
