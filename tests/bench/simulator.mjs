// Simulated devices (simulator.cpp) in a process of their own: each has its own key, certificate and spool.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { BINARIES } from '../device/collector.mjs';

/** Of one token. */
const MOST_USES = 10_000;
const SIMULATOR = join(BINARIES, 'rollcall-simulator');

export class Simulator {
    /** With as few tokens as do. */
    static async enrol(folder, count, collector) {
        for (let first = 0; first < count; first += MOST_USES) {
            const some = Math.min(MOST_USES, count - first);
            const child = spawn(SIMULATOR, ['enrol', '--folder', folder, '--first', String(first), '--count', String(some)],
                { stdio: ['pipe', 'inherit', 'inherit'] });
            child.stdin.end(await collector.createToken('Bench', some));
            const [code] = await once(child, 'exit');
            if (code !== 0) throw new Error(`the simulator could not enrol: ${code}`);
        }
    }

    constructor(folder, first, count, ...words) {
        this.child = spawn(SIMULATOR, ['run', '--folder', folder, '--first', String(first), '--count', String(count), ...words],
            { stdio: ['ignore', 'pipe', 'inherit'] });
        this.connected = new Promise((resolve, reject) => {
            createInterface({ input: this.child.stdout }).on('line', (line) => resolve(JSON.parse(line)));
            this.child.on('exit', (code) => reject(new Error(`a simulator ended with ${code}`)));
        });
    }

    async stop() {
        this.connected.catch(() => {});
        this.child.kill('SIGTERM');
        await once(this.child, 'exit');
    }
}
