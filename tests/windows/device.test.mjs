// The agent for Windows under Wine, and the collector on Linux: what a technician sees of that machine.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

        // A collector that hangs holds up nobody who wants to shut the machine down.
        await windows.run('sc', ['start', SERVICE]);
        await becomes('online', log);
        process.kill(collector.pid, 'SIGSTOP');
        try {
            await windows.run('sc', ['stop', SERVICE]);
            await eventually(async () => /STOPPED/.test((await windows.run('sc', ['query', SERVICE])).said), LIMIT_MS, 'the service ends')
                .catch((error) => { throw new Error(`${error.message}; the agent's log says:\n${log()}`); });
        } finally {
            process.kill(collector.pid, 'SIGCONT');
        }
        await becomes('offline', log);

        await windows.run('sc', ['start', SERVICE]);
        await becomes('online', log);
        const gone = await windows.run(AGENT, ['uninstall']);
        assert.equal(gone.code, 0, gone.said);
        assert.deepEqual(windows.processes('rollcall-agent.exe'), [], 'its process is gone when that is said');
        assert.notEqual((await windows.run('sc', ['query', SERVICE])).code, 0);
    });

    test('a service that hangs while it starts is told as starting, and holds up nobody', async () => {
        const hangs = `Z:${join(dirname(AGENT), 'rollcall-agent-hangs.exe')}`.replaceAll('/', '\\');
        await windows.does('sc', ['create', 'Hangs', 'binPath=', hangs]);
        const starting = windows.begin('sc', ['start', 'Hangs'], join(mkdtempSync(join(tmpdir(), 'windows-')), 'log'));
        try {
            await eventually(async () => /START_PENDING/.test(await windows.does('sc', ['query', 'Hangs'])), LIMIT_MS, 'it starts');
            const told = JSON.parse((await windows.run(AGENT, ['collect', '--probe', 'services'])).stdout).probes.services.rows;
            assert.equal(told.Hangs.state, 'starting', JSON.stringify(told.Hangs));
            assert.equal(told.PlugPlay.state, 'running');
        } finally {
            await starting.stop();
            await windows.run('taskkill', ['/F', '/IM', 'rollcall-agent-hangs.exe']);
        }
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

    test('on a Windows older than 10 1903, whose programs speak the language of the system, names are in any script, too', async () => {
        // Such a one does not know what the manifest asks for.
        const program = readFileSync(AGENT, 'latin1');
        assert.ok(program.includes('<activeCodePage '), 'the manifest asks for UTF-8');
        const bytes = Buffer.from(program.replaceAll('activeCodePage', 'activeCodeNone'), 'latin1');
        const older = String.raw`C:\älter 家\rollcall-agent.exe`;
        mkdirSync(dirname(windows.path(older)), { recursive: true });
        writeFileSync(windows.path(older), bytes);
        const names = String.raw`C:\Jürgen 家族 😀`;
        const token = String.raw`C:\標識 ü.txt`;
        writeFileSync(windows.path(token), await makeToken());
        const enrolled = await windows.run(older, ['enrol', '--token-file', token, '--state', names]);
        assert.equal(enrolled.code, 0, enrolled.said);
        assert.ok(existsSync(windows.path(`${names}\\identity.json`)), names);
        const agent = windows.begin(older, ['run', '--state', names, '--log-file', `${names}\\日誌.log`], join(mkdtempSync(join(tmpdir(), 'windows-')), 'log'));
        const log = () => readFileSync(windows.path(`${names}\\日誌.log`), 'utf8');
        try {
            await eventually(() => existsSync(windows.path(`${names}\\日誌.log`)) && log().includes('uplink.connected'), LIMIT_MS, 'it logs that it is connected');
            assert.ok(existsSync(windows.path(`${names}\\spool.db`)));
        } finally {
            await agent.stop();
        }
    });
});
