// The agent for Windows under Wine, and the collector on Linux: what a technician sees of that machine.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Collector, Technician } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { CUSTOMER } from '../device/scene.mjs';
import { AGENT, Windows } from './windows.mjs';

// Nothing here asserts speed: it ends what would hang.
const LIMIT_MS = 30_000;
const SERVICE = 'RollcallAgent';

describe('the agent for Windows', { timeout: 300_000 }, () => {
    let collector;
    let technician;
    let windows;
    let customer;
    const folder = String.raw`C:\rollcall-${Date.now()}`;

    before(async () => {
        collector = await Collector.start();
        technician = await Technician.first(collector);
        customer = await technician.post('/customers', { name: CUSTOMER });
        windows = await Windows.start();
    });
    after(async () => {
        await windows?.stop();
        await collector?.stop();
    });

    async function makeToken() {
        return (await technician.post('/enrolment-tokens', { customer_id: customer.id, uses: 1, expires_in_s: 3600 })).word;
    }

    const availability = async () => (await technician.devices())[0]?.availability;
    const becomes = (wanted, log) => eventually(async () => (await availability()) === wanted, LIMIT_MS, `the device is ${wanted}`)
        .catch((error) => {
            throw new Error(`${error.message}; the agent's log says:\n${log()}`);
        });

    test('a wrong token is a sentence, and leaves nothing', async () => {
        const answer = await windows.run(AGENT, ['enrol', '--token-file', '-', '--state', folder], 'rc1.nonsense');
        assert.equal(answer.code, 2, answer.said);
        assert.match(answer.said, /token/);
        assert.ok(!existsSync(windows.path(folder)), 'half an enrolment would be worse than none');
    });

    test('enrolled and started, it is a device that is online and says that it runs Windows', async () => {
        const enrolled = await windows.run(AGENT, ['enrol', '--token-file', '-', '--state', folder], await makeToken());
        assert.equal(enrolled.code, 0, enrolled.said);
        const agent = windows.begin(AGENT, ['run', '--state', folder], join(mkdtempSync(join(tmpdir(), 'windows-')), 'log'));
        try {
            await becomes('online', () => agent.log);
            const [device] = await technician.devices();
            const [os] = await eventually(async () => {
                const rows = await technician.rows(device, 'os');
                return rows.length > 0 && rows;
            }, LIMIT_MS, 'the device tells its system');
            assert.equal(os.cells.family, 'windows', JSON.stringify(os));
            const services = await eventually(async () => {
                const rows = await technician.rows(device, 'services');
                return rows.length > 0 && rows;
            }, LIMIT_MS, 'the device tells its services');
            assert.ok(services.some((row) => row.key === 'PlugPlay'), JSON.stringify(services));
        } finally {
            await agent.stop();
        }
        await becomes('offline', () => agent.log);
    });

    test('its secrets lie in no file as they are', async () => {
        const identity = readFileSync(windows.path(`${folder}\\identity.json`));
        assert.ok(!identity.includes('PRIVATE KEY'));
    });

    test('as a service it is the same device, and ends when the service is stopped', async () => {
        const log = () => readFileSync(windows.path(`${folder}\\agent.log`), 'utf8');
        const installed = await windows.run(AGENT, ['install', '--state', folder]);
        assert.equal(installed.code, 0, installed.said);
        const started = await windows.run('sc', ['start', SERVICE]);
        assert.equal(started.code, 0, started.said);
        await becomes('online', log);
        assert.equal((await technician.devices()).length, 1);
        const stopped = await windows.run('sc', ['stop', SERVICE]);
        assert.equal(stopped.code, 0, stopped.said);
        await becomes('offline', log);
        await eventually(() => log().includes('agent.stopped'), LIMIT_MS, 'the agent says that it ends');
        const gone = await windows.run(AGENT, ['uninstall']);
        assert.equal(gone.code, 0, gone.said);
        assert.notEqual((await windows.run('sc', ['query', SERVICE])).code, 0);
    });

    test('a state folder with a path of 300 characters, in any script, is a folder like others', async () => {
        const long = `C:\\${'Jürgen 😀 家族 '.repeat(6)}x\\${'ä'.repeat(100)}\\${'b'.repeat(110)}`;
        assert.ok(long.length > 270);
        const enrolled = await windows.run(AGENT, ['enrol', '--token-file', '-', '--state', long], await makeToken());
        assert.equal(enrolled.code, 0, enrolled.said);
        assert.ok(existsSync(windows.path(`${long}\\identity.json`)), long);
        const agent = windows.begin(AGENT, ['run', '--state', long], join(mkdtempSync(join(tmpdir(), 'windows-')), 'log'));
        try {
            await becomes('online', () => agent.log);
            assert.ok(existsSync(windows.path(`${long}\\spool.db`)), 'what waits is kept there');
        } finally {
            await agent.stop();
        }
    });
});
