// Agents behind bad networks: real programs, and between them a router of its own network namespace that loses packets,
// swallows large ones without a word, or forgets connections.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { LocalAgent } from './agent.mjs';
import { Collector, Technician } from './collector.mjs';
import { COLLECTOR_ADDRESS, eventually } from './machine.mjs';
import { CUSTOMER } from './scene.mjs';

const exec = promisify(execFile);
const inside = (namespace, ...command) => exec('ip', ['netns', 'exec', namespace, ...command]);

/** Of what comes through, both ways together so much does not arrive. */
const LOSS_PERCENT = 30;
/** The router's narrow link. Packets of the usual 1,500 bytes do not pass it. */
const NARROW_BYTES = 1280;
// Nothing here asserts speed: these end what would hang.
const ONLINE_LIMIT_MS = 60_000;
const LOSSY_LIMIT_MS = 180_000;
const NARROW_LIMIT_MS = 120_000;

/** collector ── router ── the agent's namespace. The addresses are those of RFC 5737, which belong to nobody. */
class Path {
    constructor(name, number) {
        this.name = name;
        this.router = `${name}-router`;
        this.number = number;
    }

    async lay() {
        const [near, nearRouter] = [`198.51.100.${this.number * 4 + 1}`, `198.51.100.${this.number * 4 + 2}`];
        const [farRouter, far] = [`203.0.113.${this.number * 4 + 1}`, `203.0.113.${this.number * 4 + 2}`];
        for (const namespace of [this.name, this.router]) await exec('ip', ['netns', 'add', namespace]);
        await exec('ip', ['link', 'add', this.name, 'type', 'veth', 'peer', 'name', 'near', 'netns', this.router]);
        await exec('ip', ['-n', this.router, 'link', 'add', 'far', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.name]);
        await exec('ip', ['address', 'add', `${near}/30`, 'dev', this.name]);
        await exec('ip', ['link', 'set', this.name, 'up']);
        for (const [namespace, device, address] of [[this.router, 'near', nearRouter], [this.router, 'far', farRouter],
            [this.name, 'eth0', far]]) {
            await exec('ip', ['-n', namespace, 'address', 'add', `${address}/30`, 'dev', device]);
            await exec('ip', ['-n', namespace, 'link', 'set', device, 'up']);
            await exec('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
        }
        await exec('ip', ['-n', this.router, 'route', 'add', COLLECTOR_ADDRESS, 'via', near]);
        await exec('ip', ['-n', this.name, 'route', 'add', 'default', 'via', farRouter]);
        await exec('ip', ['route', 'add', `${far}/32`, 'via', nearRouter]);
        await inside(this.router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    }

    /** Rules for what the router passes on, as `nft` has them. */
    async rule(hook, words) {
        await inside(this.router, 'nft', `add table inet fault; add chain inet fault ${hook} `
            + `{ type filter hook ${hook} priority 0; }; add rule inet fault ${hook} ${words}`);
    }

    lose(percent) {
        return this.rule('forward', `numgen random mod 100 < ${percent} counter drop`);
    }

    /** The next link takes only short packets, and the word that says so never comes back: a black hole. */
    async narrow(bytes) {
        await this.rule('output', 'icmp type destination-unreachable counter drop');
        await exec('ip', ['-n', this.router, 'link', 'set', 'far', 'mtu', String(bytes)]);
    }

    /** How many packets the rules of a hook have met. */
    async met(hook) {
        const { stdout } = await inside(this.router, 'nft', '--json', 'list', 'chain', 'inet', 'fault', hook);
        const rule = JSON.parse(stdout).nftables.find((one) => one.rule).rule;
        return rule.expr.find((one) => one.counter).counter.packets;
    }
}

describe('agents behind bad networks', { timeout: 600_000 }, () => {
    let collector;
    let technician;
    const paths = { lossy: new Path('lossy', 1), narrow: new Path('narrow', 2) };
    const agents = {};

    // One machine, and so one name and one hardware: each is enrolled for a customer of its own.
    const customer = (name) => `${CUSTOMER} ${name}`;
    const device = async (name) => (await technician.devices()).find((row) => row.customer_name === customer(name));
    const events = async (name) => (await technician.get(`/devices/${(await device(name)).id}/events?limit=500`)).items;
    const isOnline = async (name) => (await device(name))?.availability === 'online';
    const starts = async (name) => (await events(name)).filter((event) => event.name === 'agent_start').length;

    /** An orderly restart: two events, and a new connection under what the network is like by now. */
    async function restart(name, limitMs) {
        const before = await starts(name);
        await agents[name].restart();
        await eventually(async () => (await starts(name)) === before + 1 && (await isOnline(name)), limitMs,
            `${name} is online again`).catch((error) => {
            throw new Error(`${error.message}\n--- agent:\n${agents[name].log}\n--- collector:\n${collector.log}`);
        });
    }

    before(async () => {
        collector = await Collector.start();
        technician = await Technician.first(collector);
        await Promise.all(Object.entries(paths).map(async ([name, path]) => {
            await path.lay();
            const word = await collector.createToken(customer(name));
            agents[name] = await LocalAgent.start(word, { namespace: name });
            await eventually(() => isOnline(name), ONLINE_LIMIT_MS, `${name} is online`);
            await eventually(async () => (await device(name)).os_name.value !== null, ONLINE_LIMIT_MS, `${name} is read`);
        }));
    });
    after(async () => {
        await Promise.all(Object.values(agents).map((agent) => agent.stop()));
        await collector?.stop();
    });

    // Side by side, since both are mostly waiting.
    test('both find their way', { concurrency: true }, async (t) => {
        const lossy = t.test(`with ${LOSS_PERCENT} % of packets lost everything arrives, each event once`, async (t) => {
            await paths.lossy.lose(LOSS_PERCENT);
            await restart('lossy', LOSSY_LIMIT_MS);
            const seen = (await events('lossy')).filter((event) => event.name === 'agent_stop').length;
            assert.equal(seen, 1);
            t.diagnostic(`packets lost: ${await paths.lossy.met('forward')}`);
            assert.ok(await paths.lossy.met('forward') > 0);
        });
        const narrow = t.test('where large packets vanish it is noticed, and the agent comes with small ones', async (t) => {
            await paths.narrow.narrow(NARROW_BYTES);
            await restart('narrow', NARROW_LIMIT_MS);
            t.diagnostic(`words about large packets lost: ${await paths.narrow.met('output')}`);
            assert.ok(await paths.narrow.met('output') > 0);
            assert.match(agents.narrow.log, /uplink\.segments next=small/);
        });
        await Promise.all([lossy, narrow]);
    });
});
