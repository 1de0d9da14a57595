// Thousands of simulated devices (simulator.cpp) held for a while, each with a reading per minute: memory, presence, no
// false alert. Then the collector is restarted, and all of them come back.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Collector, Technician } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { Figures } from './figures.mjs';
import { memory, processor } from './process.mjs';
import { Simulator } from './simulator.mjs';

const DEVICES = Number(process.env.ROLLCALL_BENCH_DEVICES ?? 10_000);
const MINUTES = Number(process.env.ROLLCALL_BENCH_MINUTES ?? 10);
const PER_PROCESS = 2_000;
const READING_MS = 60_000;
const CONNECT_LIMIT_MS = 600_000;
/** Longer than the hold of device_offline: what would become a false alert has become one. */
const ALERTS_MS = 180_000;

/** How often a device was called offline until now. (That a simulated processor has much to do is no false alert.) */
const calledOffline = async (technician) => (await technician.get('/alerts?search=Device%20is%20offline&limit=0')).total;

const connected = (collector) => collector.metric('rollcall_devices_connected');

/** Minute by minute; the least that were connected counts. */
async function hold(figures, collector) {
    const base = processor(collector.pid).own;
    const curve = [];
    let least = DEVICES;
    for (let minute = 1; minute <= MINUTES; ++minute) {
        for (let look = 0; look < 12; ++look) {
            await sleep(5_000);
            least = Math.min(least, await connected(collector));
        }
        curve.push(Math.round(memory(collector.pid).anonymous / 2 ** 20));
        console.log(`minute ${minute}: ${curve.at(-1)} MiB anonymous, at least ${least} connected`);
    }
    figures.add(`least of ${DEVICES} connected in ${MINUTES} min`, least, 'devices', { reach: DEVICES, least: true });
    figures.add('collector anonymous memory, first minute', curve[0], 'MiB');
    figures.add('collector anonymous memory, last minute', curve.at(-1), 'MiB', { note: `curve: ${curve.join(' ')}` });
    figures.add('collector processor', (processor(collector.pid).own - base) / MINUTES / 60, 'cores');
    const values = await collector.metric('rollcall_series_values_stored_total');
    figures.add('series values stored meanwhile', values / MINUTES / 60, '/s');
}

async function restart(figures, collector) {
    await collector.stop();
    const begun = performance.now();
    await collector.restart();
    figures.add('collector ready again', (performance.now() - begun) / 1000, 's');
    await eventually(() => connected(collector).then((count) => count === DEVICES), CONNECT_LIMIT_MS, 'all are back');
    figures.add('all back after the restart', (performance.now() - begun) / 1000, 's', { reach: 90, note: 'simulators on the same cores' });
}

async function main() {
    process.env.TMPDIR = process.env.ROLLCALL_BENCH_WORK; // On a disk: a commit in memory would prove nothing.
    const figures = new Figures();
    const collector = await Collector.start({ thresholds: '', listen: '' });
    const technician = await Technician.first(collector);
    const folder = mkdtempSync(join('/run/rollcall-sandbox', 'simulated-'));
    await Simulator.enrol(folder, DEVICES, collector);

    const simulators = [];
    const begun = performance.now();
    for (let first = 0; first < DEVICES; first += PER_PROCESS)
        simulators.push(new Simulator(folder, first, Math.min(PER_PROCESS, DEVICES - first), '--every-ms', String(READING_MS)));
    await Promise.all(simulators.map((one) => one.connected));
    figures.add(`${DEVICES} devices connect`, (performance.now() - begun) / 1000, 's', { note: 'simulators on the same cores' });
    // From its enrolment until now each of them was away indeed.
    const before = await calledOffline(technician);
    await hold(figures, collector);
    await restart(figures, collector);
    await sleep(ALERTS_MS);
    figures.add('false alerts', await calledOffline(technician) - before, 'alerts', { reach: 0, note: 'devices called offline, the restart included' });
    await Promise.all(simulators.map((one) => one.stop()));
    await collector.stop();
    figures.keep(process.env.ROLLCALL_BENCH_RESULTS, 'presence', process.env.ROLLCALL_VERSION);
}

await main();
process.exit(0);
