// What the collector costs under simulated devices (simulator.cpp): each with its own key, certificate and spool, over
// real TLS, in processes of their own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { BINARIES, Collector } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { Figures } from './figures.mjs';
import { memory, processor } from './process.mjs';
import { Simulator } from './simulator.mjs';

const DEVICES = Number(process.env.ROLLCALL_BENCH_DEVICES ?? 10_000);
const PER_PROCESS = 2_000;
const FLOODING = 200;
const FLOOD_S = 60;
const CONNECT_LIMIT_MS = 600_000;
const SETTLE_MS = 30_000;
const HANDSHAKES_S = 10;
const BARE_S = 10;

/**
 * Processor time that a bare OpenSSL server spends on a handshake with a client's certificate. As with devices, a CA signed
 * the client's certificate, which comes alone, and the server's, which brings the CA's along.
 */
async function bareHandshake() {
    const folder = mkdtempSync(join(tmpdir(), 'bare-'));
    const at = (name) => join(folder, name);
    const openssl = async (...words) => {
        const [code] = await once(spawn('openssl', words, { stdio: 'ignore' }), 'exit');
        if (code !== 0) throw new Error(`openssl ${words[0]} ended with ${code}`);
    };
    const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
    await openssl('req', '-x509', ...fresh, '-subj', '/CN=ca', '-days', '1', '-keyout', at('ca.key'), '-out', at('ca.pem'));
    for (const name of ['server', 'client']) {
        await openssl('req', ...fresh, '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`));
        await openssl('x509', '-req', '-in', at(`${name}.csr`), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '1',
            '-out', at(`${name}.pem`));
    }
    const server = spawn('openssl', ['s_server', '-accept', '127.0.0.1:9443', '-cert', at('server.pem'), '-key', at('server.key'),
        '-cert_chain', at('ca.pem'), '-verifyCAfile', at('ca.pem'), '-Verify', '1', '-verify_return_error', '-quiet', '-num_tickets', '0', '-no_cache'],
    { stdio: 'ignore' });
    await sleep(500);
    const before = processor(server.pid).own;
    const client = spawn('openssl', ['s_time', '-connect', '127.0.0.1:9443', '-new', '-time', String(HANDSHAKES_S), '-cert', at('client.pem'),
        '-key', at('client.key')], { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    client.stdout.on('data', (text) => { said += text; });
    await once(client, 'close');
    const spent = processor(server.pid).own - before;
    server.kill('SIGTERM');
    const connections = Number(/(\d+) connections in \d+ real seconds/.exec(said)[1]);
    return spent / connections;
}

/** Values per second that SQLite alone stores durably, in rows like the collector's. */
async function bareStore() {
    const child = spawn(join(BINARIES, 'rollcall-bare-sqlite'), [join(mkdtempSync(join(tmpdir(), 'bare-')), 'bare.db'), String(BARE_S)],
        { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (text) => { said += text; });
    await once(child, 'close');
    return JSON.parse(said).values_per_s;
}

async function hold(figures, collector, folder) {
    const base = memory(collector.pid).anonymous;
    const cpu = processor(collector.pid).own;
    const begun = performance.now();
    const simulators = [];
    for (let first = 0; first < DEVICES; first += PER_PROCESS)
        simulators.push(new Simulator(folder, first, Math.min(PER_PROCESS, DEVICES - first)));
    await Promise.all(simulators.map((one) => one.connected));
    const took = (performance.now() - begun) / 1000;
    const spent = processor(collector.pid).own - cpu;
    figures.add(`${DEVICES} devices connect`, took, 's', { note: 'simulators and collector on the same cores' });
    await sleep(SETTLE_MS);
    const held = await collector.metric('rollcall_devices_connected');
    if (held !== DEVICES) throw new Error(`${held} of ${DEVICES} are held`);
    figures.add(`per held device, of ${DEVICES}`, (memory(collector.pid).anonymous - base) / DEVICES / 1024, 'KiB anonymous', { reach: 28 });
    figures.add('collector RSS with them', memory(collector.pid).rss / 2 ** 20, 'MiB');
    const bare = await bareHandshake();
    figures.add('authenticated connects per core', DEVICES / spent, '/s', { limit: 1 / bare, note: 'greeting and its commit counted in' });
    figures.add('… of bare OpenSSL', 100 * bare * DEVICES / spent, '%', { reach: 60, least: true });
    const idle = processor(collector.pid).own;
    const traffic = await bytes(collector);
    await sleep(60_000);
    figures.add('held devices, collector processor', (processor(collector.pid).own - idle) / 60, 'cores');
    figures.add('wire of an idle device, both ways', (await bytes(collector) - traffic) / DEVICES, 'B/min', { reach: 200, note: 'TLS records, heartbeats' });
    await Promise.all(simulators.map((one) => one.stop()));
}

async function bytes(collector) {
    return await collector.metric('rollcall_bytes_in_total') + await collector.metric('rollcall_bytes_out_total');
}

async function flood(figures, collector, folder) {
    const simulator = new Simulator(folder, 0, FLOODING, '--flood');
    await simulator.connected;
    await sleep(5_000);
    const look = async () => ({ at: performance.now(), cpu: processor(collector.pid).own,
        values: await collector.metric('rollcall_series_values_stored_total') });
    const before = await look();
    await sleep(FLOOD_S * 1000);
    const after = await look();
    await simulator.stop();
    const bare = await bareStore();
    const values = after.values - before.values;
    const seconds = (after.at - before.at) / 1000;
    figures.add('series values stored and evaluated', values / seconds, '/s',
        { reach: 150_000, least: true, limit: bare, note: 'simulators on the same cores; limit: SQLite alone' });
    figures.add('… per second of the collector\'s processor', values / (after.cpu - before.cpu), '/CPU s');
}

async function main() {
    process.env.TMPDIR = process.env.ROLLCALL_BENCH_WORK; // On a disk: a commit in memory would prove nothing.
    const figures = new Figures();
    const collector = await Collector.start({ thresholds: '', listen: '' });
    const folder = mkdtempSync(join('/run/rollcall-sandbox', 'simulated-'));
    const begun = performance.now();
    await Simulator.enrol(folder, DEVICES, collector);
    figures.add('enrolments', DEVICES / ((performance.now() - begun) / 1000), '/s', { note: 'four at a time' });
    await collector.stop();
    await collector.restart();
    await eventually(() => collector.metric('rollcall_devices_connected').then((count) => count === 0), 5_000, 'nobody is connected');
    await hold(figures, collector, folder);
    await eventually(() => collector.metric('rollcall_devices_connected').then((count) => count === 0), CONNECT_LIMIT_MS, 'all are gone');
    await flood(figures, collector, folder);
    await collector.stop();
    figures.keep(process.env.ROLLCALL_BENCH_RESULTS, 'collector', process.env.ROLLCALL_VERSION);
}

await main();
process.exit(0);
