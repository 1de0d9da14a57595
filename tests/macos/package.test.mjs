// The package and the archive of the program that was linked for macOS. Their form and their scripts are tested with any
// program in tests/scripts/macos_package.test.mjs; here it is what a Mac would get.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { HOME, build, listPayload, readBom, unpack, unpackPayload } from './package.mjs';

const PROGRAM = fileURLToPath(new URL('../../build/macos/rollcall-agent', import.meta.url));
// What the collector takes as a file of a release.
const FILE_LIMIT_BYTES = 256 * 1024 * 1024;

describe('the package of the program for macOS (nothing of it was run; whether Apple\'s installer takes it is not verified)', () => {
    let made;
    let flat;

    before(() => {
        made = build(PROGRAM, '1.2.3');
        flat = unpack(made.package);
    });

    test('holds that program, whole, as one that may be started', (t) => {
        const folder = unpackPayload(join(flat, 'agent.pkg/Payload'));
        const installed = join(folder, HOME, 'bin/rollcall-agent');
        assert.ok(readFileSync(installed).equals(readFileSync(PROGRAM)));
        assert.equal(lstatSync(installed).mode & 0o777, 0o755);
        for (const kind of ['package', 'archive']) {
            const bytes = lstatSync(made[kind]).size;
            t.diagnostic(`${kind}: ${bytes} bytes`);
            assert.ok(bytes < FILE_LIMIT_BYTES);
        }
    });

    test('lists what it holds', () => {
        const paths = (entries) => entries.map(({ path, size }) => [path, size]);
        const bom = readBom(join(flat, 'agent.pkg/Bom'));
        const sizes = (entry) => (entry.kind === 1 ? entry.size : 0);
        assert.deepEqual(bom.entries.map((entry) => [entry.path, sizes(entry)]), paths(listPayload(join(flat, 'agent.pkg/Payload'))));
    });

    test('is unpacked whole from the archive, too', () => {
        const name = 'rollcall-agent-1.2.3-macos-universal/rollcall-agent';
        const options = { maxBuffer: FILE_LIMIT_BYTES };
        assert.ok(execFileSync('tar', ['-xzOf', made.archive, name], options).equals(readFileSync(PROGRAM)));
    });
});
