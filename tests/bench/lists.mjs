// How long pages of Devices and Alerts take at the API, with 100,000 devices and 200,000 open alerts, while devices change
// 500 times a second (lists.cpp).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { BINARIES } from '../device/collector.mjs';
import { Figures } from './figures.mjs';

const PAGE_REACH_MS = 50;
const PROBE_REACH_MS = 500;

async function main() {
    const figures = new Figures();
    const folder = mkdtempSync(join(process.env.ROLLCALL_BENCH_WORK, 'lists-')); // On a disk, as a collector's is.
    const child = spawn(join(BINARIES, 'rollcall-lists'), ['--folder', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) {
        const told = JSON.parse(line);
        if (told.kind === 'failed') throw new Error(`${told.question}: ${told.answer}`);
        if (told.kind === 'filled')
            figures.add(`${told.devices} devices with ${told.alerts} alerts filled in`, told.seconds, 's');
        if (told.kind === 'measured')
            figures.add(`${told.list}, ${told.question}, p99`, told.p99_ms, 'ms', {
                reach: /probe/.test(told.question) ? PROBE_REACH_MS : PAGE_REACH_MS,
                note: `p50 ${told.p50_ms.toFixed(1)}, most ${told.most_ms.toFixed(1)}, ${told.total} match`,
            });
    }
    const [code] = await ended;
    if (code !== 0) throw new Error(`rollcall-lists ended with ${code}`);
    figures.keep(process.env.ROLLCALL_BENCH_RESULTS, 'lists', process.env.ROLLCALL_VERSION);
}

await main();
