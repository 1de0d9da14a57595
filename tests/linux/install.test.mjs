// The line of the "Add device" dialog on a machine with dnf, and on one without systemd. tests/device/install.test.mjs has the
// others, and what may be wrong.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Collector, Technician } from '../device/collector.mjs';
import { Host } from '../device/host.mjs';
import { addDevice, paste } from '../device/install.mjs';
import { eventually } from '../device/machine.mjs';
import { packRelease } from '../device/releases.mjs';
import { DEVICE } from '../device/scene.mjs';
import { AGENT_TOKEN, IDENTITY, ONLINE_LIMIT_MS, build, secretsOf } from './portable.mjs';

const VERSION = '1.0.0';

/** A collector with a release of these builds, and a machine; they are there while the tests of the suite run. */
function installable(kind, ...builds) {
    const at = {};
    before(async () => {
        at.collector = await Collector.start({ config: '[updates]\nlook_every_s = 1\n' });
        at.technician = await Technician.first(at.collector);
        const files = [];
        for (const one of builds) files.push(await build(one, VERSION));
        await at.collector.addRelease(await packRelease(VERSION, ...files));
        await eventually(async () => (await at.technician.get('/releases')).items.length === 1, ONLINE_LIMIT_MS, 'the release is seen');
        at.host = await Host.boot(kind);
    });
    after(async () => {
        await at.host?.machine.destroy();
        await at.collector?.stop();
    });
    return at;
}

describe('one line installs the agent on a machine with dnf', { timeout: 600_000 }, () => {
    const at = installable('dnf', 'rpm', 'linux');
    const device = () => at.technician.device(DEVICE);
    const isOnline = (what) => eventually(async () => (await device())?.availability === 'online', ONLINE_LIMIT_MS, what).catch(async (error) => {
        throw new Error(`${error.message}\n--- machine:\n${await at.host.run('journalctl', '--no-pager', '--lines=60')}`);
    });
    const pasted = async (command, pattern) => {
        const { code, stdout, stderr } = await paste(at.host.machine, command);
        assert.equal(code, 0, stdout + stderr);
        assert.match(stdout, pattern);
    };

    test('a token that is no good is told in one sentence; with a good one the machine that has its agent is enrolled', async () => {
        const old = await addDevice(at.technician);
        await at.technician.delete(`/enrolment-tokens/${old.token.id}`);
        const { code, stderr } = await paste(at.host.machine, old.command);
        assert.equal(code, 1);
        assert.match(stderr, /^rollcall: the agent is installed, but this machine is not enrolled: the collector says: [^\n]*\n$/);
        const made = await addDevice(at.technician);
        await pasted(made.command, /Fetching rollcall-agent-1\.0\.0-1\.x86_64\.rpm[\s\S]*Done: this machine is enrolled, and its agent 1\.0\.0 runs\./);
        await isOnline('the device is online');
        assert.equal(await at.host.run('rpm', '--query', '--queryformat', '%{VERSION}', 'rollcall-agent'), VERSION);
        assert.equal(await at.host.exists(AGENT_TOKEN), false);
        const logs = await at.host.logs();
        for (const text of [...secretsOf(old.word), ...secretsOf(made.word)]) assert.equal(logs.includes(text), false);
    });

    test('once more, and after the package was erased, it is the same device', async () => {
        const [{ id }, identity] = [await device(), await at.host.run('cat', IDENTITY)];
        await pasted((await addDevice(at.technician)).command, /nothing was changed/);
        await at.host.machine.feed('', 'dnf', '--assumeyes', '--noplugins', '--disablerepo=*', 'remove', 'rollcall-agent');
        await pasted((await addDevice(at.technician)).command, /Done: this machine is enrolled as before/);
        await isOnline('the device is online again');
        assert.equal(await at.host.run('cat', IDENTITY), identity);
        assert.deepEqual((await at.technician.devices()).map((row) => row.id), [id]);
    });
});

describe('one line installs the agent where there is no systemd', { timeout: 300_000 }, () => {
    const at = installable('sysvinit', 'debian');

    test('it is enrolled and started by the script in init.d; a token that is no good is told', async () => {
        const old = await addDevice(at.technician);
        await at.technician.delete(`/enrolment-tokens/${old.token.id}`);
        const { code, stderr } = await paste(at.host.machine, old.command);
        assert.equal(code, 1);
        assert.match(stderr, /^rollcall: the agent is installed, but this machine is not enrolled: the collector says: [^\n]*\n$/);
        const made = await addDevice(at.technician);
        const good = await paste(at.host.machine, made.command);
        assert.equal(good.code, 0, good.stderr);
        assert.match(good.stdout, /Done: this machine is enrolled, and its agent 1\.0\.0 runs\./);
        await eventually(async () => (await at.technician.device(DEVICE))?.availability === 'online', ONLINE_LIMIT_MS, 'the device is online');
        assert.equal(await at.host.exists(AGENT_TOKEN), false);
    });
});
