// A release as its maker gives it, signed with the key of the tests.
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const KEY = new URL('../fixtures/release/test-key.pem', import.meta.url);

/** `files`: name → { kind, system, architecture, content }. The folder of the release. */
export function makeRelease({ version, channel = 'stable', waves = [], files }) {
    const folder = join(mkdtempSync(join(tmpdir(), 'release-')), version);
    mkdirSync(folder);
    const listed = Object.entries(files).map(([name, { kind, system, architecture = 'x86_64', content }]) => {
        const bytes = Buffer.from(content);
        writeFileSync(join(folder, name), bytes);
        return { name, kind, system, architecture, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    });
    const text = JSON.stringify({ format: 1, product: 'rollcall', version, channel, released_ms: Date.now(), waves, files: listed });
    writeFileSync(join(folder, 'manifest.json'), text);
    const signature = sign(null, Buffer.from(text), createPrivateKey(readFileSync(KEY)));
    writeFileSync(join(folder, 'manifest.sig'), `${signature.toString('base64')}\n`);
    return folder;
}
