// The agent takes a newer program of itself on a booted Debian, by the real systemd service; and those that fail are
// taken back, however they fail. What is offered and fetched is the business of offer.test.mjs: here a release lies ready.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { agentLog, installUpdatable } from './agent.mjs';
import { BINARIES } from './collector.mjs';
import { eventually } from './machine.mjs';
import { agentOfTest, signProgram } from './releases.mjs';
import { Scene } from './scene.mjs';

const SERVICE = 'rollcall-agent.service';
const TRIAL_S = 10;
// Nothing here asserts speed: it ends what would hang. Three starts and their pauses fit.
const LIMIT_MS = 90_000;
const STATE = 'var/lib/rollcall-agent';

describe('updates of the agent', { timeout: 600_000 }, () => {
    let scene;
    const inside = (...path) => join(scene.machine.root, STATE, ...path);

    before(async () => {
        scene = await Scene.open({ settle: false, prepare: (machine) => installUpdatable(machine, TRIAL_S) });
    });
    after(() => scene?.close());

    const explained = (waiting) => waiting.catch(async (error) => {
        throw new Error(`${error.message}\n--- agent:\n${await agentLog(scene.machine)}\n--- memory:\n${readFileSync(inside('update.json'), 'utf8')}`);
    });
    const runs = (version) => explained(eventually(async () => {
        const device = await scene.device();
        return device?.availability === 'online' && device.agent_version === version;
    }, LIMIT_MS, `the collector sees ${version}`));
    const events = async () => (await scene.technician.get(`/devices/${(await scene.device()).id}/events?limit=500`)).items
        .filter((event) => event.name === 'agent_update').map((event) => event.detail);
    const tells = (version, state, reason = /^$/) => explained(eventually(async () => (await events())
        .find((detail) => detail.version === version && detail.state === state && reason.test(detail.reason)), LIMIT_MS, `${version} is ${state}`));
    const memory = () => JSON.parse(readFileSync(inside('update.json'), 'utf8'));
    const pid = async () => (await scene.machine.run('systemctl', 'show', '--property=MainPID', '--value', SERVICE)).trim();
    const update = async (...words) => await scene.machine.run('rollcall-agent', 'update', ...words);

    /** As if it had been offered and fetched: the agent finds it at its next start. */
    async function layReady(release) {
        await scene.machine.run('systemctl', 'stop', SERVICE);
        const folder = inside('programs', release.version);
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(join(folder, 'manifest.json'), release.manifest);
        writeFileSync(join(folder, 'manifest.sig'), release.signature);
        writeFileSync(join(folder, `${release.name}.part`), release.program);
        const known = existsSync(inside('update.json')) ? memory()
            : { format: 1, active: null, previous: null, highest: null, trial: null, untold: [] };
        writeFileSync(inside('update.json'), JSON.stringify({ ...known, wanted: release.version, failures: [] }));
        chmodSync(inside('update.json'), 0o600);
        await scene.machine.run('systemctl', 'reset-failed', SERVICE).catch(() => {});
        await scene.machine.run('systemctl', 'start', SERVICE);
    }

    test('a newer program takes over in the same process, and is confirmed when the collector has heard it', async () => {
        await runs('0.1.0');
        await layReady(signProgram('0.1.1', agentOfTest(BINARIES, 'next')));
        const before = await pid();
        await runs('0.1.1');
        await tells('0.1.1', 'ready');
        await tells('0.1.1', 'trial');
        const confirmed = await tells('0.1.1', 'confirmed');
        assert.equal(confirmed.from, '0.1.0');
        assert.equal(await pid(), before, 'to systemd it is the same service');
        assert.match(await scene.machine.run('readlink', `/proc/${before}/exe`), /programs\/0\.1\.1\/rollcall-agent-0\.1\.1/);
        assert.equal((await scene.machine.run('systemctl', 'is-active', SERVICE)).trim(), 'active');
        const told = await update();
        assert.match(told, /^installed {4}0\.1\.0$/m);
        assert.match(told, /^running {6}0\.1\.1$/m);
        assert.match(await scene.machine.run('rollcall-agent', 'status'), /^installed {4}0\.1\.0$/m);
    });

    test('after a restart, and after a boot, it is the newer one that runs', async () => {
        await scene.machine.run('systemctl', 'restart', SERVICE);
        await runs('0.1.1');
        await scene.machine.reboot();
        await runs('0.1.1');
        assert.equal(memory().active, '0.1.1');
    });

    // Each under a version of its own, so that what is told of one is not taken for another's.
    for (const [name, version, how] of [
        ['crashes', '0.2.1', 'crashes at its start'],
        ['leaves', '0.2.2', 'ends with the exit code of one that is not enrolled'],
    ]) {
        test(`one that ${how} is rolled back to the one before it, and not tried again`, async () => {
            await layReady(signProgram(version, agentOfTest(BINARIES, name)));
            await tells(version, 'ready');
            const told = await tells(version, 'rolled_back', /started 3 times/);
            assert.equal(told.from, '0.1.1');
            await runs('0.1.1');
            assert.equal(memory().trial, null);
            assert.match(await update(), new RegExp(`^failed {7}${version}: `, 'm'));
            await scene.machine.run('systemctl', 'restart', SERVICE);
            await runs('0.1.1');
        });
    }

    test('one that hangs is ended from outside and rolled back', async () => {
        // Its alarm is the limit and 30 s more, three times: here without the wait. That it rings is a test of platform.
        await layReady(signProgram('0.2.3', agentOfTest(BINARIES, 'hangs')));
        await eventually(async () => memory().trial?.attempts === 1, LIMIT_MS, 'it is started');
        for (const attempt of [2, 3]) {
            await scene.machine.run('systemctl', 'kill', '--signal=ALRM', SERVICE);
            await explained(eventually(async () => memory().trial?.attempts === attempt, LIMIT_MS, `start ${attempt}`));
        }
        await scene.machine.run('systemctl', 'kill', '--signal=ALRM', SERVICE);
        await tells('0.2.3', 'rolled_back', /started 3 times/);
        await runs('0.1.1');
    });

    test('killed while it is on trial, it is started again and confirmed', async () => {
        const program = agentOfTest(BINARIES, 'good');
        await layReady(signProgram('0.1.3', program));
        await explained(eventually(async () => memory().trial?.attempts >= 1, LIMIT_MS, 'its trial begins'));
        await scene.machine.run('systemctl', 'kill', '--signal=KILL', SERVICE).catch(() => {});
        await runs('0.1.3');
        await tells('0.1.3', 'confirmed');
        assert.equal(memory().active, '0.1.3');
        assert.deepEqual(readdirSync(inside('programs')).sort(), ['0.1.1', '0.1.3'], 'the one before it is the way back');
    });

    test('a program that was changed on the disk is never started: the one before it runs, and that is told', async () => {
        await scene.machine.run('systemctl', 'stop', SERVICE);
        const file = inside('programs/0.1.3/rollcall-agent-0.1.3');
        const bytes = readFileSync(file);
        bytes[bytes.length - 1] ^= 1;
        writeFileSync(file, bytes);
        await scene.machine.run('systemctl', 'start', SERVICE);
        await runs('0.1.1');
        await tells('0.1.3', 'failed', /not what the manifest says/);
    });

    test('wrong bytes are thrown away before anything is started, and fetched anew from their beginning', async () => {
        const release = signProgram('0.1.4', agentOfTest(BINARIES, 'good'));
        await layReady({ ...release, program: Buffer.from(release.program).fill(0, 100, 200) });
        // This collector has no such file to give: it stays wanted, and what runs runs on.
        await explained(eventually(async () => /update\.later.*not what the manifest says/.test(await agentLog(scene.machine)),
            LIMIT_MS, 'the bytes are found wrong'));
        assert.deepEqual(readdirSync(inside('programs', '0.1.4')).sort(), ['manifest.json', 'manifest.sig']);
        assert.equal(memory().wanted, '0.1.4');
        await runs('0.1.1');
    });

    test('a package with a newer program takes over again, and what was fetched is gone', async () => {
        await scene.machine.run('systemctl', 'stop', SERVICE);
        // In one step, as dpkg does it.
        scene.machine.install(join(BINARIES, 'rollcall-agent-good'), 'usr/bin/rollcall-agent.new');
        await scene.machine.run('chmod', '755', '/usr/bin/rollcall-agent.new');
        await scene.machine.run('mv', '/usr/bin/rollcall-agent.new', '/usr/bin/rollcall-agent');
        await scene.machine.run('systemctl', 'start', SERVICE);
        await runs('0.1.3');
        assert.equal((await scene.machine.run('readlink', `/proc/${await pid()}/exe`)).trim(), '/usr/bin/rollcall-agent');
        // What is wanted stays, and is newer.
        await eventually(() => !readdirSync(inside('programs')).some((name) => ['0.1.1', '0.1.3'].includes(name)), LIMIT_MS, 'what it overtook is gone');
    });

    test('a person on the machine holds updates back, and lets them go', async () => {
        assert.match(await update('--pause'), /paused on this machine/);
        await layReady(signProgram('0.1.4', agentOfTest(BINARIES, 'good')));
        await tells('0.1.4', 'refused', /paused on this machine/);
        assert.equal(memory().wanted, '0.1.4');
        assert.doesNotMatch(await update('--resume'), /paused/);
        // It says that it is 0.1.4 and is not: what runs is what counts.
        await tells('0.1.4', 'ready');
    });
});
