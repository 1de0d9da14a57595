// A backup while simulated devices (simulator.cpp) send: how long it takes, what it costs them, and that the restored
// collector is the same, row by row, and meets its devices without enrolment.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { BINARIES, Collector } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { Figures } from './figures.mjs';
import { Simulator } from './simulator.mjs';

const DEVICES = Math.min(2_000, Number(process.env.ROLLCALL_BENCH_DEVICES ?? 2_000));
const READING_MS = 1_000;
/** Long enough that the store holds something. */
const FILL_MS = 60_000;
const CONNECT_LIMIT_MS = 300_000;

const exec = promisify(execFile);
const command = async (...words) => (await exec(join(BINARIES, 'rollcall-collector'), words)).stdout.trim();
const connected = (collector) => collector.metric('rollcall_devices_connected');
const stored = (collector) => collector.metric('rollcall_series_values_stored_total');

/** Values stored per second while `work` is done, and how long it took. */
async function meanwhile(collector, work) {
    const begun = performance.now();
    const before = await stored(collector);
    const done = await work();
    const seconds = (performance.now() - begun) / 1000;
    return { done, seconds, rate: (await stored(collector) - before) / seconds };
}

const databaseOf = (folder) => join(folder, readdirSync(folder).find((name) => /\.(db|sqlite)$/.test(name)));

async function ask(database, statement) {
    return (await exec('sqlite3', ['-readonly', '-list', '-noheader', database, statement])).stdout.trim();
}

/** Rows of all tables, and how many of them are in one database and not in the other. */
async function compare(one, other) {
    const tables = (await ask(one, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")).split('\n');
    let rows = 0;
    let differ = 0;
    for (const table of tables) {
        const either = (first, second) => `(SELECT count(*) FROM (SELECT * FROM ${first}."${table}" EXCEPT SELECT * FROM ${second}."${table}"))`;
        const [count, others, there, back] = (await ask(one, `ATTACH 'file:${other}?mode=ro' AS other; SELECT (SELECT count(*) FROM main."${table}"), `
            + `(SELECT count(*) FROM other."${table}"), ${either('main', 'other')}, ${either('other', 'main')}`)).split('|').map(Number);
        rows += count;
        differ += there + back + Math.abs(count - others);
    }
    return { rows, differ };
}

async function main() {
    process.env.TMPDIR = process.env.ROLLCALL_BENCH_WORK; // On a disk: a copy in memory would prove nothing.
    const figures = new Figures();
    const collector = await Collector.start({ thresholds: '', listen: '' });
    const folder = mkdtempSync(join('/run/rollcall-sandbox', 'simulated-'));
    await Simulator.enrol(folder, DEVICES, collector);
    const simulator = new Simulator(folder, 0, DEVICES, '--every-ms', String(READING_MS));
    await simulator.connected;
    const quiet = await meanwhile(collector, () => sleep(FILL_MS));
    figures.add(`series values of ${DEVICES} devices stored, before`, quiet.rate, '/s');

    const work = mkdtempSync(join(process.env.ROLLCALL_BENCH_WORK, 'backup-'));
    const [backup, restored] = [join(work, 'backup'), join(work, 'restored')];
    const copying = await meanwhile(collector, () => command('backup', backup, '--data', collector.store));
    console.log(copying.done);
    figures.add('backup, with its check', copying.seconds, 's');
    figures.add('series values stored meanwhile', copying.rate, '/s', { limit: quiet.rate });
    console.log(await command('verify', backup));
    console.log(await command('restore', backup, '--data', restored));
    const { rows, differ } = await compare(databaseOf(backup), databaseOf(restored));
    figures.add(`rows that differ after the restore, of ${rows}`, differ, 'rows', { reach: 0 });

    await collector.stop();
    const begun = performance.now();
    const second = await Collector.start({ thresholds: '', listen: '', store: restored });
    await eventually(() => connected(second).then((count) => count === DEVICES), CONNECT_LIMIT_MS, 'all are back');
    figures.add(`${DEVICES} devices at the restored collector`, (performance.now() - begun) / 1000, 's', { note: 'its start included; none enrolled again' });
    const again = await meanwhile(second, () => sleep(10_000));
    figures.add('series values stored there', again.rate, '/s');
    await simulator.stop();
    await second.stop();
    figures.keep(process.env.ROLLCALL_BENCH_RESULTS, 'backup', process.env.ROLLCALL_VERSION);
}

await main();
process.exit(0);
