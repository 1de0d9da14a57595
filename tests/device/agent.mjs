// The agent on a test machine: its program and its service, as its package would install them.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { BINARIES } from './collector.mjs';

const UNIT = fileURLToPath(new URL('../../installers/debian/rollcall-agent.service', import.meta.url));

/** Before the machine boots. The service is enabled when the machine is enrolled. */
export function installAgent(machine) {
    machine.install(join(BINARIES, 'rollcall-agent'), 'usr/bin/rollcall-agent');
    machine.install(UNIT, 'lib/systemd/system/rollcall-agent.service');
}

/** What "Add device" tells a person to do on the machine. */
export async function enrolAgent(machine, word) {
    await machine.feed(word, 'rollcall-agent', 'enrol', '--token-file', '-');
    await machine.run('systemctl', 'enable', '--now', '--quiet', 'rollcall-agent.service');
}

export const agentLog = (machine) => machine.run('journalctl', '--unit=rollcall-agent', '--no-pager', '--output=cat');
