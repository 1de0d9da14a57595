// The agent for any Linux, and its packages, as installers/ makes them.
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { BINARIES, PAGE } from '../device/collector.mjs';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

export const AGENT = join(root, 'build/portable/bin/rollcall-agent');
export const AGENT_TOKEN = '/etc/rollcall-agent/token';
export const IDENTITY = '/var/lib/rollcall-agent/identity.json';
// Nothing here asserts speed: this ends what would hang.
export const ONLINE_LIMIT_MS = 60_000;

/** What `installers/KIND/build` makes of it: the agent's file. */
export async function build(kind, version) {
    const output = mkdtempSync(join(tmpdir(), 'packages-'));
    const more = kind === 'debian' ? ['--bin', BINARIES, '--page', PAGE] : [];
    const { stdout } = await exec(join(root, 'installers', kind, 'build'),
        ['--output', output, '--agent', AGENT, '--version', version, ...more]);
    return stdout.trim().split('\n').find((file) => file.includes('rollcall-agent'));
}

/** The word and the secret in it, which no log may hold. */
export function secretsOf(word) {
    const { secret } = JSON.parse(Buffer.from(word.slice('rc1.'.length), 'base64url'));
    return [word, secret];
}
