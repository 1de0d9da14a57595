// What a booted Debian says of itself, and what happens to it, is what the API shows.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';

import { judge, record, runParserTests } from '../proof.mjs';
import { agentLog } from './agent.mjs';
import { eventually } from './machine.mjs';
import { Scene, measure } from './scene.mjs';

const SOON_MS = 1_000;
const HOLD_MS = 2_000;
/** What the tests here make happen, and the agent tells of. */
const EVENTS = ['boot', 'log_in', 'log_out', 'service_failed', 'agent_start', 'agent_stop', 'log_record'];

describe('a Debian machine with the agent as its service', { timeout: 600_000 }, () => {
    let scene;
    let machine;
    let technician;

    before(async () => {
        scene = await Scene.open();
        ({ machine, technician } = scene);
    });
    after(() => scene?.close());

    const eventNames = async (id) => new Set((await technician.get(`/devices/${id}/events?limit=200`)).items.map(({ name }) => name));
    const cell = async (probe, key, column) => (await technician.row(await scene.device(), probe, key))?.cells[column];

    test('says which system it is', async () => {
        const device = await scene.device();
        assert.match(device.os_name.value, /Debian GNU\/Linux 12/);
        assert.equal(device.host_name.value, 'rollcall-device');
        assert.equal(device.os_family.value, 'linux');
        const bootId = (await machine.run('cat', '/proc/sys/kernel/random/boot_id')).trim();
        assert.equal((await cell('os', '', 'boot_id')).replaceAll('-', ''), bootId.replaceAll('-', ''));
    });

    test('has the memory, the address and the services that it says it has', async () => {
        const device = await scene.device();
        const kib = Number((await machine.run('grep', 'MemTotal', '/proc/meminfo')).match(/\d+/)[0]);
        assert.equal(device.memory_bytes.value, kib * 1024);
        assert.ok(device.addresses.some((address) => address.startsWith('192.0.2.2')), String(device.addresses));
        assert.equal(await cell('services', 'rollcall-sample.service', 'state'), 'running');
        assert.equal(await cell('services', 'rollcall-agent.service', 'state'), 'running');
        assert.equal(await cell('services', 'rollcall-broken.service', 'state'), 'failed');
    });

    test('lists every installed package with its version', async () => {
        const said = (await machine.run('dpkg-query', '--show', '--showformat=${db:Status-Status} ${Version}\n'))
            .split('\n').filter((line) => line.startsWith('installed')).length;
        const rows = await technician.rows(await scene.device(), 'software');
        assert.equal(rows.length, said);
        assert.equal(rows.find((row) => row.key.startsWith('rollcall-sample-tool')).cells.version, '1.0');
    });

    test('waits for two patches, one of which is for security', async () => {
        const device = await scene.device();
        assert.equal(device.patches.value, 2);
        assert.equal(device.security_patches.value, 1);
        const rows = await technician.rows(device, 'patches');
        const library = rows.find((row) => row.key.startsWith('rollcall-sample-library'));
        assert.equal(library.cells.security, true);
        assert.equal(library.cells.installed_version, '1.0');
        assert.equal(library.cells.available_version, '1.1');
    });

    test('has an alert for the service that failed at boot', async () => {
        const alert = await eventually(() => scene.openAlert('service_failed', 'rollcall-broken'), 10_000, 'its alert is open');
        assert.match(alert.title, /rollcall-broken/);
    });

    test('a service that stops raises an alert, and its start resolves it', async (t) => {
        await measure(t, 'service stopped → alert', HOLD_MS + 2_000,
            () => machine.run('systemctl', 'stop', 'rollcall-sample.service'),
            () => scene.openAlert('service_stopped', 'rollcall-sample'));
        await measure(t, 'service started → resolved', 2_000,
            () => machine.run('systemctl', 'start', 'rollcall-sample.service'),
            async () => !(await scene.openAlert('service_stopped', 'rollcall-sample')));
    });

    test('a log-in through logind is the last log-in, and a session until its log-out', async (t) => {
        let terminal;
        await measure(t, 'log-in → last log-in', SOON_MS,
            async () => { terminal = await machine.logIn('alice'); },
            async () => (await scene.device()).last_login.value?.user === 'alice');
        await eventually(async () => (await technician.rows(await scene.device(), 'sessions'))
            .some((row) => row.cells.user === 'alice'), 5_000, 'the session is shown');
        await machine.logOut(terminal);
        await measure(t, 'logged out → session gone', SOON_MS, () => {},
            async () => !(await technician.rows(await scene.device(), 'sessions')).some((row) => row.cells.user === 'alice'));
        const events = (await technician.get(`/devices/${(await scene.device()).id}/events?limit=50`)).items;
        for (const name of ['log_in', 'log_out']) assert.ok(events.some((event) => event.name === name && event.detail.user === 'alice'), name);
    });

    test('an error in the journal is an event, once, also when the agent was restarted', async (t) => {
        const told = async (message) => (await technician.get(`/devices/${(await scene.device()).id}/events?limit=100`)).items
            .filter((event) => event.name === 'log_record' && event.detail.message === message);
        assert.equal(await cell('system_log', '', 'kept_by'), 'journald');
        await machine.run('logger', '--priority', 'user.err', '--tag', 'rollcall-sample', 'the disk burns');
        await machine.run('logger', '--priority', 'user.warning', '--tag', 'rollcall-sample', 'the disk is warm');
        await machine.run('logger', '--priority', 'authpriv.alert', '--tag', 'sudo', 'COMMAND=/bin/db --password=x');
        await measure(t, 'agent restarted → error told', 15_000, () => machine.run('systemctl', 'restart', 'rollcall-agent.service'),
            async () => (await told('the disk burns')).length === 1);
        const [event] = await told('the disk burns');
        assert.equal(event.detail.source, 'rollcall-sample');
        assert.equal(event.detail.priority, 'error');
        await machine.run('logger', '--priority', 'user.crit', '--tag', 'rollcall-sample', 'the disk is gone');
        await measure(t, 'agent restarted → next error told', 15_000, () => machine.run('systemctl', 'restart', 'rollcall-agent.service'),
            async () => (await told('the disk is gone')).length === 1);
        assert.equal((await told('the disk burns')).length, 1);
        assert.equal((await told('the disk is warm')).length, 0);
        assert.equal((await told('COMMAND=/bin/db --password=x')).length, 0);
    });

    test('/run/reboot-required is a pending reboot with its packages, and its removal ends it', async (t) => {
        await machine.run('sh', '-c', 'echo linux-image-amd64 >/run/reboot-required.pkgs');
        const device = await measure(t, 'reboot-required → shown', SOON_MS,
            () => machine.run('touch', '/run/reboot-required'),
            async () => {
                const seen = await scene.device();
                return seen.pending_reboot.value === true && seen;
            });
        assert.match(JSON.stringify(device.reboot_reasons), /linux-image-amd64/);
        await measure(t, 'reboot-required gone → shown', 2 * SOON_MS,
            () => machine.run('rm', '/run/reboot-required', '/run/reboot-required.pkgs'),
            async () => (await scene.device()).pending_reboot.value === false);
    });

    test('a patch that is installed waits no longer', async (t) => {
        await measure(t, 'package upgraded → patches', 30_000,
            () => machine.run('apt-get', 'install', '--yes', '-qq', 'rollcall-sample-library'),
            async () => (await scene.device()).security_patches.value === 0);
        assert.equal((await scene.device()).patches.value, 1);
        await eventually(async () => (await technician.rows(await scene.device(), 'software'))
            .find((row) => row.key.startsWith('rollcall-sample-library')).cells.version === '1.1', 30_000, 'software says so too');
    });

    test('after a restart of the collector it comes back with everything', async (t) => {
        const before = (await technician.rows(await scene.device(), 'services')).length;
        await scene.collector.stop();
        await measure(t, 'collector restarted → online', 60_000, () => scene.collector.restart(),
            () => scene.isOnline().catch(() => false));
        assert.equal((await technician.rows(await scene.device(), 'services')).length, before);
        assert.equal((await technician.devices()).length, 1);
    });

    test('after a reboot it is the same device with a new boot and no pending reboot', async (t) => {
        const old = await cell('os', '', 'boot_id');
        const { id } = await scene.device();
        await machine.run('touch', '/run/reboot-required');
        await eventually(async () => (await scene.device()).pending_reboot.value === true, 10_000, 'reboot required');
        await machine.reboot();
        await measure(t, 'rebooted → online with its new boot', 15_000, () => {},
            async () => (await scene.isOnline()) && (await cell('os', '', 'boot_id')) !== old);
        const [device, ...others] = await technician.devices();
        assert.deepEqual([device.id, others.length], [id, 0]);
        await eventually(async () => (await scene.device()).pending_reboot.value === false, 10_000, 'no reboot required');
    });

    test('answers what the README\'s table says that a real Linux answers', async (t) => {
        // What no fresh machine has: somebody who works there, a certificate, a file that somebody wants watched.
        const { id } = await scene.device();
        const terminal = await machine.logIn('alice');
        const certificate = execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
            '-keyout', '/dev/null', '-subj', '/CN=sample.example', '-days', '9'], { stdio: ['ignore', 'pipe', 'ignore'] });
        await machine.run('mkdir', '--parents', '/etc/nginx', '/etc/rollcall-agent');
        await machine.feed(certificate, 'tee', '/etc/nginx/sample.pem');
        await machine.feed('/etc/hostname\n', 'tee', '/etc/rollcall-agent/files');
        await eventually(async () => /alice/.test(await machine.run('loginctl', 'list-sessions')), 10_000, 'alice is logged in');
        await machine.run('systemctl', 'restart', 'rollcall-broken.service').catch(() => {});
        const collected = JSON.parse(await machine.run('rollcall-agent', 'collect'));
        await machine.logOut(terminal);
        await eventually(async () => {
            const seen = await eventNames(id);
            return EVENTS.every((name) => seen.has(name));
        }, 15_000, `all of ${EVENTS} were told`);
        const events = Object.fromEntries(EVENTS.map((name) => [`event ${name}`, 'R']));
        record('linux', { ...judge('linux', collected, runParserTests('linux')), ...events }, (line) => t.diagnostic(line));
    });

    test('power off is offline at once, and an alert', async (t) => {
        await machine.powerOff();
        await measure(t, 'powered off → offline', SOON_MS, () => {},
            async () => (await scene.device()).availability === 'offline');
        await eventually(() => scene.openAlert('device_offline'), 5_000, 'the offline alert is open');
        await machine.boot();
        await eventually(() => scene.isOnline(), 15_000, 'online again');
        await eventually(async () => !(await scene.openAlert('device_offline')), 5_000, 'the offline alert resolves');
    });

    test('a revoked device is cut off, is told so, and stays away', async (t) => {
        const { id } = await scene.device();
        // The list leaves it out from now on.
        const availability = async () => (await technician.get(`/devices/${id}`)).availability;
        await measure(t, 'revoked → cut off', SOON_MS, () => technician.post('/devices/retire', { ids: [id] }),
            async () => await availability() === 'retired');
        await eventually(async () => /revoked/i.test(await agentLog(machine)), 30_000, 'the agent says why');
        assert.equal(await availability(), 'retired');
    });
});
