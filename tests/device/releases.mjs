// Releases signed with the key of the tests, as their makers would sign them.
import { execFile } from 'node:child_process';
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { copyFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const KEY = fileURLToPath(new URL('../fixtures/release/test-key.pem', import.meta.url));
const PUBLIC_KEY = fileURLToPath(new URL('../fixtures/release/test-key.pub', import.meta.url));
const RELEASE = fileURLToPath(new URL('../../installers/release', import.meta.url));

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

function signed({ version, channel = 'stable', waves = [], files }) {
    const listed = Object.entries(files).map(([name, { kind, system, architecture = 'x86_64', content }]) =>
        ({ name, kind, system, architecture, bytes: Buffer.from(content).length, sha256: sha256(content) }));
    const manifest = JSON.stringify({ format: 1, product: 'rollcall', version, channel, released_ms: Date.now(), waves, files: listed });
    const signature = sign(null, Buffer.from(manifest), createPrivateKey(readFileSync(KEY)));
    return { manifest, signature: `${signature.toString('base64')}\n` };
}

/** manifest.json, manifest.sig and the program of a release with one program in it. */
export function signProgram(version, program) {
    const name = `rollcall-agent-${version}`;
    return { version, name, program, ...signed({ version, files: { [name]: { kind: 'program', system: 'linux', content: program } } }) };
}

/** `files`: name → { kind, system, architecture, content }. The folder of the release. */
export function makeRelease({ version, files, ...rest }) {
    const folder = join(mkdtempSync(join(tmpdir(), 'release-')), version);
    mkdirSync(folder);
    for (const [name, { content }] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const { manifest, signature } = signed({ version, files, ...rest });
    writeFileSync(join(folder, 'manifest.json'), manifest);
    writeFileSync(join(folder, 'manifest.sig'), signature);
    return folder;
}

/** The folder that installers/release makes of `words` (its files and options). */
export async function packRelease(version, ...words) {
    const output = mkdtempSync(join(tmpdir(), 'release-'));
    const key = join(output, 'key.pem');
    // As git has it, everybody may read it.
    copyFileSync(KEY, key);
    chmodSync(key, 0o600);
    await exec(RELEASE, ['--version', version, '--key', key, '--public-key', readFileSync(PUBLIC_KEY, 'utf8').trim(),
        '--output', output, '--waves', '', ...words]);
    return join(output, version);
}

/** One of tests/update_agents, as this build made it. */
export const agentOfTest = (folder, name) => readFileSync(join(folder, `rollcall-agent-${name}`));
