// Of a folder, what a package for macOS holds of it: a compressed archive, and where it is to be installed the list of
// what is in there. The same files give the same bytes.
//
//   node payload.mjs FOLDER SECONDS ARCHIVE [LIST]      SECONDS: the time that every file is said to be of
import { lstatSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

import { makeBom } from './bom.mjs';

const MODE_BITS = 0o177777;

/** What lies in a folder, parents first, in the order of the bytes of its names. */
export function listFolder(folder, mtime_s) {
    const entries = [];
    const visit = (path) => {
        const where = join(folder, path);
        const facts = lstatSync(where);
        if (!facts.isFile() && !facts.isDirectory()) throw new Error(`${where} is neither a file nor a folder`);
        const contents = facts.isFile() ? readFileSync(where) : undefined;
        entries.push({ path, mode: facts.mode & MODE_BITS, mtime_s, contents });
        if (!contents) for (const name of readdirSync(where).sort()) visit(`${path}/${name}`);
    };
    visit('.');
    return entries;
}

/** The "odc" format of cpio(5), the one that Apple's packages have: numbers are octal digits. */
export function makeCpio(entries) {
    const octal = (value, digits) => value.toString(8).padStart(digits, '0');
    const member = (inode, { path, mode, mtime_s, contents }, links) => {
        const name = `${path}\0`;
        // Magic; device, inode, mode, owner, group, links, special device; time; lengths of name and contents.
        const head = ['070707', octal(0, 6), octal(inode, 6), octal(mode, 6), octal(0, 6), octal(0, 6), octal(links, 6),
            octal(0, 6), octal(mtime_s, 11), octal(Buffer.byteLength(name), 6), octal(contents?.length ?? 0, 11), name];
        return Buffer.concat([Buffer.from(head.join('')), contents ?? Buffer.alloc(0)]);
    };
    const end = member(0, { path: 'TRAILER!!!', mode: 0, mtime_s: 0 }, 1);
    return Buffer.concat([...entries.map((entry, index) => member(index + 1, entry, entry.contents ? 1 : 2)), end]);
}

function main([folder, seconds, archive, list]) {
    const entries = listFolder(folder, Number(seconds));
    writeFileSync(archive, gzipSync(makeCpio(entries), { level: 9 }));
    if (list) writeFileSync(list, makeBom(entries));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main(process.argv.slice(2));
