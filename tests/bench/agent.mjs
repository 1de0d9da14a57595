// What the agent costs on this very machine: the real programs, all probes at their default cadence.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { BINARIES, Collector } from '../device/collector.mjs';
import { Figures } from './figures.mjs';
import { memory, processor } from './process.mjs';
import { Relay } from './relay.mjs';

const MINUTES = Number(process.env.ROLLCALL_BENCH_MINUTES ?? 10);
const WARM_UP_MS = 60_000;
const STARTS = 11;
const AGENT = join(BINARIES, 'rollcall-agent');

async function run(program, words, input) {
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(input);
    let said = '';
    child.stdout.on('data', (text) => { said += text; });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`${program} ${words[0]} ended with ${code}`);
    return said;
}

/** Enrolled at the collector, but dialling the relay before it. */
async function enrol(collector, relay) {
    const state = join(mkdtempSync(join(tmpdir(), 'bench-')), 'state');
    await run(AGENT, ['enrol', '--token-file', '-', '--state', state], await collector.createToken('Bench'));
    const file = join(state, 'identity.json');
    const identity = JSON.parse(readFileSync(file, 'utf8'));
    identity.address = identity.address.replace(/:\d+$/, `:${relay.port}`);
    writeFileSync(file, JSON.stringify(identity));
    return state;
}

/** An agent that runs; `connected` resolves with the milliseconds from its start until it was connected. */
function start(state) {
    const begun = performance.now();
    const agent = spawn(AGENT, ['run', '--state', state], { stdio: ['ignore', 'ignore', 'pipe'] });
    const connected = new Promise((resolve) => {
        createInterface({ input: agent.stderr }).on('line', (line) => {
            if (line.includes('uplink.connected')) resolve(performance.now() - begun);
        });
    });
    return { agent, connected };
}

async function stop(agent) {
    agent.kill('SIGTERM');
    await once(agent, 'exit');
}

async function startsOf(state) {
    const times = [];
    for (let round = 0; round < STARTS; ++round) {
        const { agent, connected } = start(state);
        times.push(await connected);
        await stop(agent);
    }
    return times.sort((a, b) => a - b);
}

const median = (sorted) => sorted[Math.floor(sorted.length / 2)];

const inventory = async () => JSON.parse(await run(join(BINARIES, 'rollcall-cost'), [AGENT, 'collect']));

async function main() {
    const figures = new Figures();
    const collector = await Collector.start({ listen: '' }); // Its figures are told on the loopback only.
    const relay = await Relay.start(8443);
    const state = await enrol(collector, relay);

    const times = await startsOf(state);
    figures.add('start → connected, median of ' + STARTS, median(times) / 1000, 's', { reach: 0.3 });
    figures.add('start → connected, slowest', times.at(-1) / 1000, 's');

    const cost = await inventory();
    figures.add('one full inventory, agent alone', cost.own_cpu_s, 'CPU s', { reach: 0.2 });
    figures.add('one full inventory, package managers', cost.children_cpu_s, 'CPU s');

    const { agent, connected } = start(state);
    await connected;
    console.log(`connected; measuring for ${MINUTES} min after a minute of warming up`);
    await sleep(WARM_UP_MS);
    const look = async () => ({ cpu: processor(agent.pid), bytes: relay.bytes, up: relay.up,
        values: await collector.metric('rollcall_series_values_stored_total') });
    const before = await look();
    const peak = { rss: 0, anonymous: 0 };
    for (let second = 0; second < MINUTES * 60; second += 5) {
        await sleep(5_000);
        const now = memory(agent.pid);
        peak.rss = Math.max(peak.rss, now.rss);
        peak.anonymous = Math.max(peak.anonymous, now.anonymous);
    }
    const after = await look();
    const values = after.values - before.values;
    figures.add('agent RSS, most', peak.rss / 2 ** 20, 'MiB', { reach: 11 });
    figures.add('agent RssAnon, most', peak.anonymous / 2 ** 20, 'MiB', { reach: 4 });
    figures.add('agent processor', (after.cpu.own - before.cpu.own) / MINUTES, 'CPU s/min', { reach: 0.03 });
    figures.add('its package managers', (after.cpu.children - before.cpu.children) / MINUTES, 'CPU s/min');
    figures.add('series values', values / MINUTES, 'values/min');
    figures.add('wire, both ways', (after.bytes - before.bytes) / MINUTES, 'B/min');
    figures.add('wire, per series value', (after.bytes - before.bytes) / values, 'B/value', { reach: 15, note: 'heartbeats and acknowledgements counted in' });
    figures.add('wire, upward part', (after.up - before.up) / (after.bytes - before.bytes), 'of all');
    await stop(agent);
    await collector.stop();
    figures.keep(process.env.ROLLCALL_BENCH_RESULTS, 'agent', process.env.ROLLCALL_VERSION);
}

await main();
process.exit(0);
