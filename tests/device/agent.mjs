// The agent on a test machine: its program and its service, as its package would install them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
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

/** An agent whose version and key are the tests', with a shorter trial; the service starts it again at once, however often. */
export function installUpdatable(machine, trialS) {
    machine.install(join(BINARIES, 'rollcall-agent-installed'), 'usr/bin/rollcall-agent');
    const folder = join(machine.root, 'etc/systemd/system/rollcall-agent.service.d');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'trial.conf'),
        `[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=\nExecStart=/usr/bin/rollcall-agent run --update-trial ${trialS}\nRestartSec=100ms\n`);
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
    #program;
    #words;

    /** `namespace`: a network other than the test's; `program`: another one of the build; `words`: more to say to `run`. */
    static async start(word, { namespace, program = 'rollcall-agent', words = [] } = {}) {
        const agent = new LocalAgent();
        agent.#namespace = namespace;
        agent.#program = program;
        agent.#words = words;
        agent.state = join(mkdtempSync(join(tmpdir(), 'agent-')), 'state');
        const enrolment = agent.#spawn('enrol', ['--token-file', '-'], ['pipe', 'ignore', 'inherit']);
        enrolment.stdin.end(word);
        const [code] = await once(enrolment, 'exit');
        if (code !== 0) throw new Error(`rollcall-agent enrol ended with ${code}`);
        agent.#run();
        return agent;
    }

    #spawn(verb, words, stdio) {
        const command = [join(BINARIES, this.#program), verb, '--state', this.state, ...words];
        const around = this.#namespace ? ['nsenter', `--net=/run/netns/${this.#namespace}`, '--'] : [];
        const [program, ...rest] = [...around, ...command];
        return spawn(program, rest, { stdio });
    }

    #run() {
        const log = openSync(`${this.state}.log`, 'a');
        this.#process = this.#spawn('run', this.#words, ['ignore', 'ignore', log]);
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
