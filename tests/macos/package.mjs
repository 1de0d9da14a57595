// Reads what installers/macos/build makes, by other means than it was written: bsdtar, cpio, and a reader of its own for
// the list of files. What Apple's installer makes of it nobody has seen here.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const BUILD = fileURLToPath(new URL('../../installers/macos/build', import.meta.url));

export const HOME = 'Library/Application Support/Rollcall';

/** Package and archive of a program; a folder of its own. */
export function build(program, version, environment = {}) {
    const output = mkdtempSync(join(tmpdir(), 'macos-'));
    execFileSync(BUILD, ['--output', output, '--program', program, '--version', version],
        { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'inherit'] });
    return {
        package: join(output, `rollcall-agent-${version}.pkg`),
        archive: join(output, `rollcall-agent-${version}-macos-universal.tar.gz`),
    };
}

/** Unpacked by bsdtar, which checks every checksum of the format. */
export function unpack(file) {
    const folder = mkdtempSync(join(tmpdir(), 'unpacked-'));
    execFileSync('bsdtar', ['-x', '-p', '-f', file, '-C', folder]);
    return folder;
}

/** What cpio(1) lists of a payload: [mode, links, owner, group, size] and path of each; fails where it complains. */
export function listPayload(file) {
    const listed = execFileSync('cpio', ['--list', '--verbose', '--numeric-uid-gid', '--quiet'],
        { input: gunzipSync(readFileSync(file)), stdio: ['pipe', 'pipe', 'pipe'], encoding: 'utf8' });
    return listed.trim().split('\n').map((line) => {
        const [, mode, owner, group, size, path] = /^(\S+)\s+\d+\s+(\d+)\s+(\d+)\s+(\d+) \w+ +\d+ +\S+ (.*)$/.exec(line);
        return { path, mode, owner: Number(owner), group: Number(group), size: Number(size) };
    });
}

/** Unpacked by cpio(1) into a folder of its own. */
export function unpackPayload(file) {
    const folder = mkdtempSync(join(tmpdir(), 'payload-'));
    execFileSync('cpio', ['--extract', '--make-directories', '--quiet', '--no-absolute-filenames'],
        { input: gunzipSync(readFileSync(file)), cwd: folder });
    return folder;
}

/** The entries of a list of files, with their whole paths. */
export function readBom(file) {
    const bytes = readFileSync(file);
    if (bytes.toString('latin1', 0, 8) !== 'BOMStore') throw new Error('no list of files');
    const [version, blocks, indexAt, indexBytes, namesAt, namesBytes] = [8, 12, 16, 20, 24, 28].map((at) => bytes.readUInt32BE(at));
    const count = bytes.readUInt32BE(indexAt);
    const block = (number) => {
        if (number === 0 || number >= count) throw new Error(`there is no block ${number}`);
        const [address, length] = [0, 4].map((more) => bytes.readUInt32BE(indexAt + 4 + 8 * number + more));
        if (address + length > bytes.length) throw new Error(`block ${number} ends behind the file`);
        return bytes.subarray(address, address + length);
    };
    const names = new Map();
    let at = namesAt + 4;
    for (let left = bytes.readUInt32BE(namesAt); left > 0; --left) {
        const length = bytes[at + 4];
        names.set(bytes.toString('latin1', at + 5, at + 5 + length), bytes.readUInt32BE(at));
        at += 5 + length;
    }
    if (at !== namesAt + namesBytes) throw new Error('the names have another length than the header says');

    const tree = block(names.get('Paths'));
    if (tree.toString('latin1', 0, 4) !== 'tree') throw new Error('Paths is no tree');
    const page = block(tree.readUInt32BE(8));
    if (page.readUInt16BE(0) !== 1) throw new Error('Paths does not begin with a leaf');
    const paths = new Map();
    const entries = [];
    for (let pair = 0; pair < page.readUInt16BE(2); ++pair) {
        const [facts, name] = [12, 16].map((more) => block(page.readUInt32BE(pair * 8 + more)));
        const [id, record] = [facts.readUInt32BE(0), block(facts.readUInt32BE(4))];
        const parent = name.readUInt32BE(0);
        const last = name.toString('utf8', 4, name.indexOf(0, 4));
        if (parent !== 0 && !paths.has(parent)) throw new Error(`${last} is in a folder that the list does not have`);
        const path = parent === 0 ? last : `${paths.get(parent)}/${last}`;
        paths.set(id, path);
        entries.push({
            path, kind: record[0], mode: record.readUInt16BE(4), owner: record.readUInt32BE(6),
            group: record.readUInt32BE(10), time: record.readUInt32BE(14), size: record.readUInt32BE(18),
            checksum: record.readUInt32BE(23),
        });
    }
    return { version, blocks, count, ends: indexAt + indexBytes, bytes: bytes.length, names: [...names.keys()], entries,
        pathCount: tree.readUInt32BE(16) };
}
