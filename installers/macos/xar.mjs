// The outer archive of a flat package: "xar", whose table of contents is XML. Its members stand in it as they are, for
// Apple's installer takes them compressed only in part. The same members give the same bytes.
//
//   node xar.mjs FOLDER SECONDS ARCHIVE      SECONDS: the time that every member is said to be of
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { deflateSync } from 'node:zlib';

import { listFolder } from './payload.mjs';

const HEADER_BYTES = 28;
const VERSION = 1;
// The one that every version of macOS knows. It tells damage from its absence; signatures tell who made it.
const CHECKSUM = { name: 'sha1', number: 1, bytes: 20 };

const digest = (bytes) => createHash(CHECKSUM.name).update(bytes);
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function describe(entry, id, offset, children, time) {
    const { path, mode, contents } = entry;
    const facts = `<name>${escaped(path.slice(path.lastIndexOf('/') + 1))}</name>`
        + `<type>${contents ? 'file' : 'directory'}</type><mode>0${(mode & 0o7777).toString(8)}</mode>`
        + `<uid>0</uid><user>root</user><gid>0</gid><group>wheel</group><mtime>${time}</mtime>`;
    if (!contents) return `<file id="${id}">${facts}${children}</file>`;
    const sum = digest(contents).digest('hex');
    return `<file id="${id}">${facts}<data><length>${contents.length}</length><offset>${offset}</offset>`
        + `<size>${contents.length}</size><encoding style="application/octet-stream"/>`
        + `<archived-checksum style="${CHECKSUM.name}">${sum}</archived-checksum>`
        + `<extracted-checksum style="${CHECKSUM.name}">${sum}</extracted-checksum></data></file>`;
}

/** Of entries as `listFolder` has them. */
export function makeXar(entries, seconds) {
    const time = new Date(seconds * 1000).toISOString().replace('.000', '');
    const heap = [];
    let id = 0;
    // The table's own checksum is what the heap begins with.
    let end = CHECKSUM.bytes;
    const inside = (folder) => entries
        .filter(({ path }) => path !== folder && path.slice(0, path.lastIndexOf('/')) === folder)
        .map((entry) => {
            const [own, offset] = [++id, end];
            if (entry.contents) {
                heap.push(entry.contents);
                end += entry.contents.length;
            }
            return describe(entry, own, offset, entry.contents ? '' : inside(entry.path), time);
        }).join('\n');
    const table = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<xar><toc><creation-time>${time}</creation-time>`
        + `<checksum style="${CHECKSUM.name}"><offset>0</offset><size>${CHECKSUM.bytes}</size></checksum>\n`
        + `${inside('.')}\n</toc></xar>\n`);
    const packed = deflateSync(table, { level: 9 });
    const header = Buffer.alloc(HEADER_BYTES);
    header.write('xar!');
    header.writeUInt16BE(HEADER_BYTES, 4);
    header.writeUInt16BE(VERSION, 6);
    header.writeBigUInt64BE(BigInt(packed.length), 8);
    header.writeBigUInt64BE(BigInt(table.length), 16);
    header.writeUInt32BE(CHECKSUM.number, 24);
    return Buffer.concat([header, packed, digest(packed).digest(), ...heap]);
}

function main([folder, seconds, archive]) {
    writeFileSync(archive, makeXar(listFolder(folder, Number(seconds)), Number(seconds)));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main(process.argv.slice(2));
