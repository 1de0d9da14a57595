// The agent on a test machine: its program and its service, as its package would install them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

/** The agent on this very machine, outside the container, as scripts/run starts it. */
export class LocalAgent {
    #process;

    static async start(word) {
        const state = join(mkdtempSync(join(tmpdir(), 'agent-')), 'state');
        const program = join(BINARIES, 'rollcall-agent');
        const enrolment = spawn(program, ['enrol', '--token-file', '-', '--state', state], { stdio: ['pipe', 'ignore', 'inherit'] });
        enrolment.stdin.end(word);
        const [code] = await once(enrolment, 'exit');
        if (code !== 0) throw new Error(`rollcall-agent enrol ended with ${code}`);
        const agent = new LocalAgent();
        agent.#process = spawn(program, ['run', '--state', state], { stdio: 'ignore' });
        return agent;
    }

    async stop() {
        if (this.#process.exitCode !== null) return;
        this.#process.kill('SIGTERM');
        await once(this.#process, 'exit');
    }
}
