// The agent takes a newer program of itself as a service under Wine, offered and served by the real collector; and those
// that fail are taken back, however they fail.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Collector, Technician } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { makeRelease } from '../device/releases.mjs';
import { CUSTOMER } from '../device/scene.mjs';
import { AGENT, Windows } from './windows.mjs';

const SERVICE = 'RollcallAgent';
const INSTALLED = String.raw`C:\Program Files\Rollcall\rollcall-agent.exe`;
const STATE = String.raw`C:\ProgramData\Rollcall\rollcall-agent\data`;
const TRIAL_S = 15;
// Nothing here asserts speed: it ends what would hang. Three starts and their pauses fit.
const LIMIT_MS = 90_000;

const programOfTest = (name) => readFileSync(join(dirname(AGENT), `rollcall-agent-${name}.exe`));
const fileOf = (version) => `rollcall-agent-${version}-windows-x86_64.exe`;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The bad ones are for those who ask for them by number only. */
const RELEASES = [
    { version: '0.1.1', program: 'next', channel: 'stable' },
    { version: '0.1.2', program: 'mute', channel: 'beta' },
    { version: '0.1.3', program: 'good', channel: 'beta' },
    { version: '0.2.1', program: 'crashes', channel: 'beta' },
];

describe('updates of the agent on Windows', { timeout: 600_000 }, () => {
    let collector;
    let technician;
    let windows;
    let id;

    before(async () => {
        collector = await Collector.start({ config: '[updates]\nlook_every_s = 1\nspread_s = 0\n' });
        for (const { version, program, channel } of RELEASES) {
            const content = programOfTest(program);
            await collector.addRelease(makeRelease({ version, channel,
                files: { [fileOf(version)]: { kind: 'program', system: 'windows', content } } }));
        }
        technician = await Technician.first(collector);
        await technician.put('/update-policy', { channel: 'stable', pinned: '', paused: true });

        windows = await Windows.start();
        mkdirSync(dirname(windows.path(INSTALLED)), { recursive: true });
        writeFileSync(windows.path(INSTALLED), programOfTest('installed'));
        const customer = await technician.post('/customers', { name: CUSTOMER });
        const token = await technician.post('/enrolment-tokens', { customer_id: customer.id, uses: 1, expires_in_s: 3600 });
        await windows.does(INSTALLED, ['enrol', '--token-file', '-', '--state', STATE], token.word);
        await windows.does(INSTALLED, ['install', '--state', STATE]);
        // As an administrator would, in the registry; it counts from the next boot on.
        const key = String.raw`HKLM\SYSTEM\CurrentControlSet\Services` + `\\${SERVICE}`;
        const line = /ImagePath\s+\w+\s+(.*?)\s*$/m.exec(await windows.does('reg', ['query', key, '/v', 'ImagePath']))[1];
        await windows.does('reg', ['add', key, '/v', 'ImagePath', '/t', 'REG_EXPAND_SZ', '/d', `${line} --update-trial ${TRIAL_S}`, '/f']);
        await windows.boot();
        id = (await eventually(async () => (await technician.devices())[0], LIMIT_MS, 'the device is there')).id;
    });
    after(async () => {
        await windows?.stop();
        await collector?.stop();
    });

    const log = () => readFileSync(windows.path(`${STATE}\\agent.log`), 'utf8');
    /** What it remembers is kept as a secret: only the program can say it. */
    const update = () => windows.does(INSTALLED, ['update', '--state', STATE]);
    const explained = (waiting) => waiting.catch(async (error) => {
        throw new Error(`${error.message}\n--- agent:\n${log()}\n--- it remembers:\n${await update()}`);
    });
    const runs = (version) => explained(eventually(async () => {
        const [device, ...others] = await technician.devices();
        assert.deepEqual(others, [], 'it stays one device');
        assert.equal(device.id, id, 'and the same');
        return device.availability === 'online' && device.agent_version === version;
    }, LIMIT_MS, `the collector sees ${version}`));
    const events = async () => (await technician.get(`/devices/${id}/events?limit=500`)).items
        .filter((event) => event.name === 'agent_update').map((event) => event.detail);
    const tells = (version, state, reason = /^$/) => explained(eventually(async () => (await events())
        .find((detail) => detail.version === version && detail.state === state && reason.test(detail.reason)), LIMIT_MS, `${version} is ${state}`));
    const asks = (version) => technician.put(`/devices/${id}/update-policy`, { channel: null, pinned: version, paused: null });

    test('a newer program takes over under the same service, and is confirmed when the collector has heard it', async () => {
        await runs('0.1.0');
        const [service] = windows.processes('rollcall-agent.exe');
        assert.ok(service, 'the service has a process');
        await technician.put('/update-policy', { channel: 'stable', pinned: '', paused: false });
        await runs('0.1.1');
        for (const state of ['downloading', 'ready', 'trial']) await tells('0.1.1', state);
        assert.equal((await tells('0.1.1', 'confirmed')).from, '0.1.0');
        assert.deepEqual(windows.processes('rollcall-agent.exe'), [service], 'to Windows it is the same service');
        assert.equal(windows.processes(fileOf('0.1.1')).length, 1);
        assert.match(await windows.does('sc', ['query', SERVICE]), /RUNNING/);
        assert.equal(sha256(readFileSync(windows.path(INSTALLED))), sha256(programOfTest('installed')), 'what was installed is not touched');
        const told = await update();
        assert.match(told, /^installed {4}0\.1\.0\r?$/m);
        assert.match(told, /^running {6}0\.1\.1\r?$/m);
        const said = await technician.get(`/devices/${id}/update`);
        assert.equal(said.verdict, 'current', JSON.stringify(said));
    });

    test('after the service was stopped and started, and after a boot, it is the newer one that runs', async () => {
        await windows.does('sc', ['stop', SERVICE]);
        await eventually(() => windows.processes(fileOf('0.1.1')).length === 0, LIMIT_MS, 'it ends with its service');
        await eventually(async () => /STOPPED/.test(await windows.does('sc', ['query', SERVICE])), LIMIT_MS, 'the service is stopped');
        await windows.does('sc', ['start', SERVICE]);
        await runs('0.1.1');
        await windows.boot();
        await runs('0.1.1');
    });

    for (const [version, how, reason] of [
        ['0.2.1', 'crashes at its start', /started 3 times/],
        ['0.1.2', 'works, but reaches nobody', new RegExp(`not connected and acknowledged within ${TRIAL_S} s`)],
    ]) {
        test(`one that ${how} is rolled back to the one before it, and the collector tells why`, async () => {
            const [service] = windows.processes('rollcall-agent.exe');
            await asks(version);
            await tells(version, 'ready');
            assert.equal((await tells(version, 'rolled_back', reason)).from, '0.1.1');
            await runs('0.1.1');
            assert.deepEqual(windows.processes('rollcall-agent.exe'), [service]);
            const said = await technician.get(`/devices/${id}/update`);
            assert.equal(said.verdict, 'failed', JSON.stringify(said));
            assert.match(said.reason, reason);
            assert.match(await update(), new RegExp(`^failed {7}${version}: `, 'm'));
        });
    }

    test('killed on its trial, and at its next start without power, it is started again and confirmed', async () => {
        await asks('0.1.3');
        await explained(eventually(() => /update .*0\.1\.3.*ready/.test(log()), LIMIT_MS, 'it is ready'));
        // Whoever does not answer confirms nothing: what follows happens within the trial.
        process.kill(collector.pid, 'SIGSTOP');
        try {
            const starts = (count) => explained(eventually(() => windows.processes(fileOf('0.1.3')).length === 1 &&
                log().match(/update\.hands_over.*0\.1\.3.*/g)?.length === count, LIMIT_MS, `start ${count}`));
            await starts(1);
            await windows.does('taskkill', ['/F', '/IM', fileOf('0.1.3')]);
            await starts(2);
            await windows.boot();
            await starts(3);
        } finally {
            process.kill(collector.pid, 'SIGCONT');
        }
        await runs('0.1.3');
        await tells('0.1.3', 'confirmed');
        assert.deepEqual(readdirSync(windows.path(`${STATE}\\programs`)).filter((name) => /^0\.1\.[13]$/.test(name)).sort(),
            ['0.1.1', '0.1.3'], 'the one before it is the way back');
    });
});
