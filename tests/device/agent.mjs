// The agent on a test machine: its program and its service, as its package would install them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
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
    #namespace;

    /** `namespace`: a network other than the test's. */
    static async start(word, { namespace } = {}) {
        const agent = new LocalAgent();
        agent.#namespace = namespace;
        agent.state = join(mkdtempSync(join(tmpdir(), 'agent-')), 'state');
        const enrolment = agent.#spawn('enrol', ['--token-file', '-'], ['pipe', 'ignore', 'inherit']);
        enrolment.stdin.end(word);
        const [code] = await once(enrolment, 'exit');
        if (code !== 0) throw new Error(`rollcall-agent enrol ended with ${code}`);
        agent.#run();
        return agent;
    }

    #spawn(verb, words, stdio) {
        const command = [join(BINARIES, 'rollcall-agent'), verb, '--state', this.state, ...words];
        const around = this.#namespace ? ['nsenter', `--net=/run/netns/${this.#namespace}`, '--'] : [];
        const [program, ...rest] = [...around, ...command];
        return spawn(program, rest, { stdio });
    }

    #run() {
        const log = openSync(`${this.state}.log`, 'a');
        this.#process = this.#spawn('run', [], ['ignore', 'ignore', log]);
        closeSync(log);
    }

    get log() {
        return readFileSync(`${this.state}.log`, 'utf8');
    }

    async restart() {
        await this.stop();
        this.#run();
    }

    async stop() {
        if (this.#process.exitCode !== null) return;
        this.#process.kill('SIGTERM');
        await once(this.#process, 'exit');
    }
}
