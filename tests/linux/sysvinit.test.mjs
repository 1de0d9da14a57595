// A machine without systemd: the package runs the agent there, too, and what only systemd knows is said to be unknown.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Collector, Technician } from '../device/collector.mjs';
import { Host } from '../device/host.mjs';
import { eventually } from '../device/machine.mjs';
import { CUSTOMER, DEVICE } from '../device/scene.mjs';
import { AGENT_TOKEN, IDENTITY, ONLINE_LIMIT_MS, build, secretsOf } from './portable.mjs';

const LOG = '/var/log/rollcall-agent.log';
const READ_LIMIT_MS = 60_000;

describe('a Debian machine with sysvinit', { timeout: 600_000 }, () => {
    let collector;
    let technician;
    let host;
    let untouched;
    let packages;
    let word;

    before(async () => {
        packages = await Promise.all([build('debian', '1.0.0'), build('debian', '1.0.1')]);
        [host, collector] = [await Host.boot('sysvinit'), await Collector.start()];
        untouched = await host.inventory();
        technician = await Technician.first(collector);
        word = await collector.createToken(CUSTOMER, 1);
    });
    after(async () => {
        await host?.machine.destroy();
        await collector?.stop();
    });

    const device = () => technician.device(DEVICE);
    const probe = async (name) => await technician.get(`/devices/${(await device()).id}/probes/${name}`);
    const soon = (condition, limitMs, what) => eventually(condition, limitMs, what).catch(async (error) => {
        throw new Error(`${error.message}\n--- agent:\n${await host.run('cat', LOG).catch((missing) => missing.message)}`);
    });
    const online = (what) => soon(async () => (await device())?.availability === 'online', ONLINE_LIMIT_MS, what);
    const agents = async () => (await host.run('pgrep', '--full', '^rollcall-agent run').catch(() => '')).trim().split('\n').filter(Boolean);

    test('runs no systemd', async () => {
        assert.equal((await host.run('cat', '/proc/1/comm')).trim(), 'init');
        assert.equal(await host.exists('/run/systemd/system'), false);
    });

    test('takes the package without a token, and is told what to do', async () => {
        assert.match(await host.install(packages[0]), /rollcall-agent enrol --token-file - && service rollcall-agent start/);
        await host.apt('purge', 'rollcall-agent');
        await host.assertSame(untouched);
    });

    test('with a token file it enrols, is online, and the file is gone', async () => {
        await host.run('mkdir', '-p', '/etc/rollcall-agent');
        await host.write(AGENT_TOKEN, `${word}\n`);
        await host.install(packages[0]);
        await online('the device is online');
        assert.equal(await host.exists(AGENT_TOKEN), false);
        await soon(async () => (await device()).os_name.value !== null, READ_LIMIT_MS, 'its system is read');
        assert.match((await device()).os_name.value, /Debian GNU\/Linux 12/);
    });

    test('services are not supported, which is neither an empty list nor a failure of theirs', async () => {
        await soon(async () => (await probe('services')).unknown === 'not_supported', READ_LIMIT_MS, 'services are not supported');
        assert.equal((await device()).services.value, null);
        for (const item of ['service_stopped', 'service_failed']) assert.deepEqual(await technician.alerts(await device(), item), []);
    });

    test('everything else is read', async () => {
        await soon(async () => {
            const { patches, cpu_percent: cpu } = await device();
            return patches.value === 2 && cpu.value !== null;
        }, READ_LIMIT_MS, 'patches and CPU are known');
        const installed = (await host.run('dpkg-query', '--show', '--showformat=${db:Status-Status}\n'))
            .split('\n').filter((line) => line === 'installed').length;
        await soon(async () => (await technician.rows(await device(), 'software')).length === installed, READ_LIMIT_MS,
            `${installed} packages`);
    });

    test('a log-in is a session, by utmp', async () => {
        assert.deepEqual(await technician.rows(await device(), 'sessions'), []);
        // As long as something may still be typed.
        await host.run('sh', '-c', '(sleep 600 | setsid script --quiet --command "login -f alice" /dev/null) >/dev/null 2>&1 &');
        await soon(async () => (await technician.rows(await device(), 'sessions')).some((row) => row.cells.user === 'alice'),
            READ_LIMIT_MS, 'the session is shown');
        await host.run('pkill', '--uid', 'alice');
    });

    test('an agent that is killed comes back, and a service that is stopped stays so', async () => {
        const [first] = await agents();
        await host.run('kill', '-KILL', first);
        await soon(async () => (await agents()).some((pid) => pid !== first), ONLINE_LIMIT_MS, 'another agent runs');
        await host.run('service', 'rollcall-agent', 'stop');
        assert.deepEqual(await agents(), []);
        await host.run('service', 'rollcall-agent', 'stop');
        await assert.rejects(host.run('service', 'rollcall-agent', 'status'), { code: 3 });
        await host.run('service', 'rollcall-agent', 'start');
        await soon(async () => (await agents()).length === 1, ONLINE_LIMIT_MS, 'it runs');
        const keeper = () => host.run('cat', '/run/rollcall-agent.pid');
        const one = await keeper();
        await host.run('service', 'rollcall-agent', 'start');
        assert.equal(await keeper(), one);
        await host.run('service', 'rollcall-agent', 'status');
    });

    test('the next version is the same device, and a boot starts it', async () => {
        const identity = await host.run('cat', IDENTITY);
        await host.install(packages[1]);
        await host.machine.reboot();
        await soon(async () => (await agents()).length === 1, ONLINE_LIMIT_MS, 'it runs after the boot');
        await online('the device is online after the boot');
        assert.equal(await host.run('cat', IDENTITY), identity);
        assert.equal((await technician.devices()).length, 1);
    });

    test('its log is for root alone and holds no token; a purge leaves nothing', async () => {
        assert.match(await host.run('stat', '--format=%a %U', LOG), /^600 root$/m);
        const logs = await host.logs();
        assert.match(logs, /Enrolled as device/);
        for (const text of secretsOf(word)) assert.equal(logs.includes(text), false);
        await host.apt('purge', 'rollcall-agent');
        assert.deepEqual(await agents(), []);
        assert.equal(await host.exists(LOG), false);
        await host.assertSame(untouched);
    });
});
