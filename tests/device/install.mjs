// The line that the "Add device" dialog shows, pasted on a machine.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { BINARIES, PAGE } from './collector.mjs';
import { CUSTOMER } from './scene.mjs';

const exec = promisify(execFile);
const INSTALLERS = fileURLToPath(new URL('../../installers', import.meta.url));

/** What `installers/KIND/build` makes of a program of the agent: the agent's file. */
export async function packageOf(kind, version, agent) {
    const output = mkdtempSync(join(tmpdir(), 'packages-'));
    const more = kind === 'debian' ? ['--bin', BINARIES, '--page', PAGE] : [];
    const { stdout } = await exec(join(INSTALLERS, kind, 'build'), ['--output', output, '--agent', agent, '--version', version, ...more]);
    return stdout.trim().split('\n').find((file) => file.includes('rollcall-agent'));
}

/** A new token as the page makes it: its own row, the word, and the line for a system. */
export async function addDevice(technician, system = 'linux', { uses = 1 } = {}) {
    const customers = (await technician.get('/customers')).items;
    const customer = customers.find(({ name }) => name === CUSTOMER) ?? await technician.post('/customers', { name: CUSTOMER });
    const { token, word, install } = await technician.post('/enrolment-tokens', { customer_id: customer.id, uses, expires_in_s: 3600 });
    const { command, missing, version } = install.find((line) => line.system === system);
    assert.equal(missing, '');
    return { token, word, command, version };
}

/** Pastes it into a new shell of root: what it says, and its exit code. */
export async function paste(machine, command) {
    const { code = 0, stdout, stderr } = await machine.run('env', '--ignore-environment', 'HOME=/root', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'bash', '-c', command).then((said) => ({ stdout: said, stderr: '' }), (error) => error);
    return { code, stdout, stderr };
}
