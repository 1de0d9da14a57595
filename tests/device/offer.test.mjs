// Releases from the hand of their maker to the machines: the real collector offers them, the real agents fetch them from it,
// and what became of it stands in the API. How a program takes over is the business of update.test.mjs.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { LocalAgent, agentLog, installUpdatable } from './agent.mjs';
import { BINARIES } from './collector.mjs';
import { eventually } from './machine.mjs';
import { agentOfTest, makeRelease, packRelease } from './releases.mjs';
import { DEVICE, Scene } from './scene.mjs';

const OTHERS = 'Others Ltd';
const TRIAL_S = 10;
const CONFIG = '[updates]\nlook_every_s = 1\nspread_s = 0\n';
// Nothing here asserts speed: it ends what would hang.
const LIMIT_MS = 90_000;

describe('releases that a collector offers', { timeout: 600_000 }, () => {
    let scene;
    let technician;
    let machine;
    /** Another device, of another customer: it looks like the machine, which has the same board. */
    let other;
    let ids;

    before(async () => {
        scene = await Scene.open({ settle: false, prepare: (booted) => installUpdatable(booted, TRIAL_S), collector: { config: CONFIG } });
        ({ machine, technician } = scene);
        other = await LocalAgent.start(await scene.collector.createToken(OTHERS),
            { program: 'rollcall-agent-installed', words: ['--update-trial', String(TRIAL_S)] });
        ids = await eventually(async () => {
            const rows = await technician.devices();
            const [one, two] = [rows.find(({ name }) => name === DEVICE), rows.find(({ name }) => name !== DEVICE)];
            return one?.availability === 'online' && two?.availability === 'online' && { machine: one.id, other: two.id };
        }, LIMIT_MS, 'both are online');
    });
    after(async () => {
        await other?.stop();
        await scene?.close();
    });

    const explained = (waiting) => waiting.catch(async (error) => {
        throw new Error(`${error.message}\n--- updates:\n${JSON.stringify(await technician.get('/updates'), null, 1)}`
            + `\n--- machine:\n${await agentLog(machine)}\n--- other:\n${other.log}\n--- collector:\n${scene.collector.log}`);
    });
    const soon = (look, what) => explained(eventually(look, LIMIT_MS, what));
    const update = (which) => technician.get(`/devices/${ids[which]}/update`);
    const release = async (version) => (await technician.get('/releases')).items.find((one) => one.version === version);
    const says = (which, verdict, target) => soon(async () => {
        const now = await update(which);
        return now.verdict === verdict && now.target === target && now;
    }, `of the ${which} it is said that ${target} is ${verdict}`);
    const ends = (which, version, state) => soon(async () => {
        const now = await update(which);
        return now.attempt?.version === version && now.attempt.state === state && now;
    }, `${version} is ${state} on the ${which}`);
    const runs = (which, version) => soon(async () => {
        const now = await update(which);
        return now.version === version && now.availability === 'online';
    }, `the ${which} runs ${version}`);
    /** What the device itself told of a version, oldest first. */
    const told = async (which, version) => (await technician.get(`/devices/${ids[which]}/events?limit=500`)).items
        .filter(({ name, detail }) => name === 'agent_update' && detail.version === version).reverse().map(({ detail }) => detail.state);
    const policyOf = (which, policy) => technician.put(`/devices/${ids[which]}/update-policy`, { channel: null, pinned: null, paused: null, ...policy });
    const bad = (version) => makeRelease({ version, files: {
        [`rollcall-agent-${version}-linux-x86_64`]: { kind: 'program', system: 'linux', content: agentOfTest(BINARIES, 'mute') },
    } });

    test('what installers/release made is there a moment after it was added, and nobody has it while updates are paused', async () => {
        await technician.put('/update-policy', { channel: null, pinned: null, paused: true });
        const folder = await packRelease('0.1.1', '--program', `linux=${join(BINARIES, 'rollcall-agent-next')}`);
        assert.match(await scene.collector.addRelease(folder), /0\.1\.1: added/);
        await assert.rejects(scene.collector.addRelease(folder), /there is one already.*remove-release 0\.1\.1/s);
        const seen = await soon(() => release('0.1.1'), 'the release is seen');
        assert.deepEqual(seen.files.map(({ name, kind }) => [name, kind]), [['rollcall-agent-0.1.1-linux-x86_64', 'program']]);
        for (const which of ['machine', 'other']) {
            const { reason, attempt, version } = await says(which, 'paused', '');
            assert.deepEqual([reason, attempt, version], ['paused for all', null, '0.1.0']);
        }
    });

    test('let go, the others fetch it and run it; a device that is pinned stays', async () => {
        await policyOf('machine', { pinned: '0.1.0' });
        await technician.put('/update-policy', { channel: null, pinned: null, paused: null });
        await runs('other', '0.1.1');
        const { attempt, verdict } = await ends('other', '0.1.1', 'confirmed');
        assert.deepEqual([attempt.from_version, attempt.reason, verdict], ['0.1.0', '', 'current']);
        assert.deepEqual(await told('other', '0.1.1'), ['downloading', 'ready', 'trial', 'confirmed']);
        const pinned = await says('machine', 'pinned', '0.1.0');
        assert.deepEqual([pinned.reason, pinned.attempt, pinned.version], ['pinned to 0.1.0 for this device', null, '0.1.0']);
    });

    test('pinned to a newer one, it takes that, and the API counts both', async () => {
        await policyOf('machine', { pinned: '0.1.1' });
        await runs('machine', '0.1.1');
        await ends('machine', '0.1.1', 'confirmed');
        assert.match(await machine.run('rollcall-agent', 'update'), /^running {6}0\.1\.1$/m);
        const { versions, total } = await technician.get('/updates');
        assert.deepEqual([versions, total], [[{ version: '0.1.1', devices: 2 }], 2]);
        const { running, confirmed, failed, waiting } = await release('0.1.1');
        assert.deepEqual([running, confirmed, failed, waiting], [2, 2, 0, 0]);
        await policyOf('machine', {});
    });

    test('one that reaches nobody is rolled back on both, which the API explains, and stops itself', async () => {
        await scene.collector.addRelease(bad('0.1.2'));
        for (const which of ['machine', 'other']) {
            const { attempt, reason } = await ends(which, '0.1.2', 'rolled_back');
            assert.match(attempt.reason, /not connected and acknowledged within 10 s/);
            assert.equal(attempt.from_version, '0.1.1');
            assert.match(reason, /failed on this device: not connected/);
            assert.equal((await update(which)).verdict, 'failed');
            await runs(which, '0.1.1');
            assert.deepEqual(await told(which, '0.1.2'), ['downloading', 'ready', 'trial', 'rolled_back']);
        }
        const { stopped_ms: stopped, stopped_why: why, failed } = await release('0.1.2');
        assert.ok(stopped > 0);
        assert.deepEqual([why, failed], ['2 of 2 devices failed', 2]);
    });

    test('offered again to one, which takes it once more, and the other does not', async () => {
        await technician.post(`/devices/${ids.machine}/update/retry`);
        await says('machine', 'stopped', '0.1.2');
        await technician.post('/releases/0.1.2/resume');
        await soon(async () => (await told('machine', '0.1.2')).length === 7, 'the machine tried again');
        // Its program lies there still.
        assert.deepEqual((await told('machine', '0.1.2')).slice(4), ['ready', 'trial', 'rolled_back']);
        await ends('machine', '0.1.2', 'rolled_back');
        assert.equal((await told('other', '0.1.2')).length, 4);
        assert.equal((await update('other')).verdict, 'failed');
        assert.equal((await release('0.1.2')).stopped_ms, null, 'one is not enough');
    });

    test('the one that mends it is taken by both, and the bad one is taken out', async () => {
        assert.match(await scene.collector.removeRelease('0.1.2'), /0\.1\.2: removed/);
        await assert.rejects(scene.collector.removeRelease('0.1.2'), /there is none/);
        await soon(async () => !(await release('0.1.2')), 'the bad one is gone');
        await scene.collector.addRelease(await packRelease('0.1.3', '--program', `linux=${join(BINARIES, 'rollcall-agent-good')}`));
        for (const which of ['machine', 'other']) {
            await runs(which, '0.1.3');
            await ends(which, '0.1.3', 'confirmed');
        }
        const { versions } = await technician.get('/updates');
        assert.deepEqual(versions, [{ version: '0.1.3', devices: 2 }]);
    });
});
