// The agent for any Linux, and its packages, as installers/ makes them.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { packageOf } from '../device/install.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

export const AGENT = join(root, 'build/portable/bin/rollcall-agent');
export const AGENT_TOKEN = '/etc/rollcall-agent/token';
export const IDENTITY = '/var/lib/rollcall-agent/identity.json';
// Nothing here asserts speed: this ends what would hang. An enrolment that fails is tried again after a minute.
export const ONLINE_LIMIT_MS = 180_000;

/** What `installers/KIND/build` makes of it: the agent's file. */
export const build = (kind, version) => packageOf(kind, version, AGENT);

/** The word and the secret in it, which no log may hold. */
export function secretsOf(word) {
    const { secret } = JSON.parse(Buffer.from(word.slice('rc1.'.length), 'base64url'));
    return [word, secret];
}
