// Releases signed with the key of the tests, as their makers would sign them.
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KEY = fileURLToPath(new URL('../fixtures/release/test-key.pem', import.meta.url));

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** manifest.json, manifest.sig and the program of a release with one program in it. */
export function makeRelease(version, program, { system = 'linux', architecture = 'x86_64', name = `rollcall-agent-${version}` } = {}) {
    const manifest = JSON.stringify({ format: 1, product: 'rollcall', version, channel: 'stable', released_ms: Date.now(),
        files: [{ name, kind: 'program', system, architecture, bytes: program.length, sha256: sha256(program) }] });
    const signature = sign(null, Buffer.from(manifest), createPrivateKey(readFileSync(KEY))).toString('base64');
    return { version, name, manifest, signature: `${signature}\n`, program, sha256: sha256(program) };
}

/** One of tests/update_agents, as this build made it. */
export const agentOfTest = (folder, name) => readFileSync(join(folder, `rollcall-agent-${name}`));
