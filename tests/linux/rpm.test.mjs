// The agent's rpm package on a machine with dnf, and the archive with install.sh on one that takes neither.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Collector, Technician } from '../device/collector.mjs';
import { Host } from '../device/host.mjs';
import { Machine, eventually } from '../device/machine.mjs';
import { CUSTOMER, DEVICE } from '../device/scene.mjs';
import { AGENT_TOKEN, IDENTITY, ONLINE_LIMIT_MS, build, secretsOf } from './portable.mjs';

const exec = promisify(execFile);
const RPMLINT = fileURLToPath(new URL('../../installers/rpm/rpmlint.toml', import.meta.url));
const STATE = '/var/lib/rollcall-agent';

describe('the rpm package', { timeout: 900_000 }, () => {
    let collector;
    let technician;
    let host;
    let untouched;
    let packages;
    let word;
    let said = '';

    before(async () => {
        packages = [await build('rpm', '1.0.0'), await build('rpm', '1.0.1')];
        [host, collector] = [await Host.boot('dnf'), await Collector.start()];
        technician = await Technician.first(collector);
        word = await collector.createToken(CUSTOMER, 1);
        // What dnf itself writes down at its first use is not the package's.
        await dnf('install', '1.0.0');
        await dnf('remove', 'rollcall-agent');
        untouched = await inventory();
    });
    after(async () => {
        await host?.machine.destroy();
        await collector?.stop();
    });

    /** A version stands for its file. */
    async function dnf(verb, what) {
        const file = packages.find((path) => basename(path).includes(`-${what}-1.`));
        if (file) host.machine.install(file, 'root/rollcall-agent.rpm');
        const words = [verb, file ? '/root/rollcall-agent.rpm' : what];
        const { stdout, stderr } = await host.machine.feed('', 'dnf', '--assumeyes', '--noplugins', '--disablerepo=*', ...words)
            .catch((error) => assert.fail(`${error.message}\n${error.stdout}`));
        if (file) await host.run('rm', '/root/rollcall-agent.rpm');
        said += stdout + stderr;
        return stdout + stderr;
    }

    // dnf's and rpm's own books change with each transaction.
    const inventory = async () => (await host.inventory()).filter((path) => !/^\/var\/lib\/(dnf|rpm)\/|^\/root\/\.rpmdb\//.test(path));
    const assertSame = async (before, { but = [] } = {}) => {
        const now = await inventory();
        assert.deepEqual(now.filter((line) => !before.includes(line) && !but.some((path) => line.startsWith(path))), []);
        assert.deepEqual(before.filter((line) => !now.includes(line)), []);
    };
    const device = () => technician.device(DEVICE);
    const soon = (condition, limitMs, what) => eventually(condition, limitMs, what).catch(async (error) => {
        throw new Error(`${error.message}\n--- machine:\n${await host.run('journalctl', '--no-pager', '--lines=60')}`);
    });
    const online = (what) => soon(async () => (await device())?.availability === 'online', ONLINE_LIMIT_MS, what);
    const isEnabled = async (unit) => (await host.run('systemctl', 'is-enabled', unit).catch((error) => error.stdout)).trim();

    test('rpmlint finds no error in it', async () => {
        const { stdout } = await exec('rpmlint', ['--config', RPMLINT, packages[0]]).catch((error) => error);
        assert.match(stdout, /1 packages .*checked/);
        assert.match(stdout, / 0 errors/, stdout);
    });

    test('built again, it is the same to the byte', async () => {
        assert.ok(readFileSync(packages[0]).equals(readFileSync(await build('rpm', '1.0.0'))));
    });

    test('no version but three numbers', async () => {
        await assert.rejects(build('rpm', '1.0-2'), /--version/);
    });

    test('asks for the C library no newer than 2.31', async () => {
        host.machine.install(packages[0], 'root/rollcall-agent.rpm');
        const wants = await host.run('rpm', '--query', '--requires', '--package', '/root/rollcall-agent.rpm');
        await host.run('rm', '/root/rollcall-agent.rpm');
        assert.match(wants, /libc\.so\.6\(GLIBC_2/);
        for (const [, minor] of wants.matchAll(/GLIBC_2\.(\d+)/g)) assert.ok(Number(minor) <= 31, wants);
    });

    test('without a token it says how to enrol; erased, it leaves nothing', async () => {
        assert.match(await dnf('install', '1.0.0'), /rollcall-agent enrol --token-file -/);
        assert.equal(await isEnabled('rollcall-agent.service'), 'enabled');
        await dnf('remove', 'rollcall-agent');
        await assertSame(untouched);
    });

    test('with a token that is no good it is installed, keeps the token and says where the reason stands', async () => {
        await host.run('mkdir', '-p', '/etc/rollcall-agent');
        await host.write(AGENT_TOKEN, 'rc1.nothing\n');
        assert.match(await dnf('install', '1.0.0'), /journalctl -u rollcall-agent-enrol/);
        assert.match(await host.run('stat', '--format=%a %U', AGENT_TOKEN), /^600 root$/m);
        await dnf('remove', 'rollcall-agent');
        assert.equal(await host.exists(AGENT_TOKEN), false);
        await host.run('rm', '-rf', STATE);
        await assertSame(untouched);
    });

    test('with a token file it enrols, is online, and the file is gone', async () => {
        await host.run('mkdir', '-p', '/etc/rollcall-agent');
        await host.write(AGENT_TOKEN, `${word}\n`);
        await dnf('install', '1.0.0');
        await online('the device is online');
        assert.equal(await host.exists(AGENT_TOKEN), false);
    });

    test('the next version is the same device, runs, and is left as the administrator had it', async () => {
        const pid = () => host.run('systemctl', 'show', '--property=MainPID', '--value', 'rollcall-agent.service');
        const [identity, first] = [await host.run('cat', IDENTITY), await pid()];
        await host.run('systemctl', 'disable', 'rollcall-agent-enrol.service');
        // Left over from a roll-out: not used a second time.
        await host.write(AGENT_TOKEN, `${word}\n`);
        assert.match(await dnf('upgrade', '1.0.1'), /enrolled already/);
        assert.equal(await host.exists(AGENT_TOKEN), false);
        assert.equal((await host.run('rpm', '--query', '--queryformat', '%{VERSION}', 'rollcall-agent')), '1.0.1');
        assert.equal(await isEnabled('rollcall-agent-enrol.service'), 'disabled');
        assert.equal(await isEnabled('rollcall-agent.service'), 'enabled');
        await soon(async () => ![first, '0\n'].includes(await pid()), ONLINE_LIMIT_MS, 'the new program runs');
        await online('the device is online after the upgrade');
        assert.equal(await host.run('cat', IDENTITY), identity);
    });

    test('erased it keeps the identity, and installed again it is the same device', async () => {
        const { id } = await device();
        assert.match(await dnf('remove', 'rollcall-agent'), /identity stays/);
        await assertSame(untouched, { but: [STATE] });
        assert.equal(await host.isActive('rollcall-agent.service'), false);
        await soon(async () => (await device()).availability !== 'online', ONLINE_LIMIT_MS, 'the erased agent is offline');
        await dnf('install', '1.0.1');
        await online('the device is online after it was installed again');
        assert.deepEqual((await technician.devices()).map((row) => row.id), [id]);
    });

    test('the token stands in no log', async () => {
        const logs = await host.logs();
        assert.match(logs, /Enrolled as device/);
        for (const text of secretsOf(word)) for (const place of [logs, said, collector.log]) assert.equal(place.includes(text), false);
    });
});

describe('the archive', { timeout: 600_000 }, () => {
    let collector;
    let technician;
    let archive;

    before(async () => {
        archive = await build('linux', '1.0.0');
        collector = await Collector.start();
        technician = await Technician.first(collector);
    });
    after(() => collector?.stop());

    const unpacked = '/srv/rollcall-agent-1.0.0-linux-x86_64';
    const unpack = async (machine, run) => {
        machine.install(archive, 'srv/agent.tar.gz');
        await run('tar', '--extract', '--file', '/srv/agent.tar.gz', '--directory', '/srv');
    };
    const online = (name, what) => eventually(async () => (await technician.devices())
        .some((row) => row.name === name && row.availability === 'online'), ONLINE_LIMIT_MS, what);

    test('is the same to the byte when it is built again', async () => {
        assert.ok(readFileSync(archive).equals(readFileSync(await build('linux', '1.0.0'))));
    });

    test('installs, enrols with a token from standard input, stays the device when installed again, and goes', async () => {
        const host = await Host.boot('bullseye');
        try {
            const untouched = await host.inventory();
            await unpack(host.machine, (...words) => host.run(...words));
            const word = await collector.createToken(CUSTOMER, 1);
            await host.machine.feed(`${word}\n`, `${unpacked}/install.sh`, '--token-file', '-');
            await online(DEVICE, 'the device is online');
            assert.equal(await host.exists(AGENT_TOKEN), false);
            const identity = await host.run('cat', IDENTITY);
            assert.match(await host.run(`${unpacked}/install.sh`), /is enrolled/);
            await online(DEVICE, 'the device is online after another installation');
            assert.equal(await host.run('cat', IDENTITY), identity);
            await host.machine.reboot();
            await online(DEVICE, 'the device is online after the boot');
            const logs = await host.logs();
            for (const text of secretsOf(word)) assert.equal(logs.includes(text), false);
            assert.match(await host.run(`${unpacked}/install.sh`, '--uninstall'), /identity stays/);
            assert.equal(await host.exists('/usr/local/bin/rollcall-agent'), false);
            await host.run(`${unpacked}/install.sh`, '--uninstall', '--purge');
            await host.run('rm', '-r', unpacked, '/srv/agent.tar.gz');
            await host.assertSame([...untouched, '/usr/local/share/man/man8'].sort());
        } finally {
            await host.machine.destroy();
        }
    });

    test('where there is no systemd it enrols at once and says what to start', async () => {
        const host = await Host.boot('sysvinit');
        try {
            await unpack(host.machine, (...words) => host.run(...words));
            const { stdout } = await host.machine.feed(`${await collector.createToken(CUSTOMER, 1)}\n`,
                `${unpacked}/install.sh`, '--token-file', '-');
            assert.match(stdout, /\/usr\/local\/bin\/rollcall-agent run --log-file/);
            assert.ok(await host.exists(IDENTITY));
            assert.equal(await host.exists(AGENT_TOKEN), false);
        } finally {
            await host.machine.destroy();
        }
    });

    test('refuses what it cannot do, and changes nothing', async () => {
        const machine = await Machine.make('bullseye');
        await unpack(machine, (...words) => machine.chroot(...words));
        const refused = async (pattern, ...words) => {
            const { code, stderr } = await machine.chroot(...words).catch((error) => error);
            assert.equal(code, 1);
            assert.match(stderr, pattern);
        };
        await refused(/only root/, 'runuser', '-u', 'alice', '--', `${unpacked}/install.sh`);
        await refused(/unknown argument: --token/, `${unpacked}/install.sh`, '--token', 'x');
        await refused(/wants a file/, `${unpacked}/install.sh`, '--token-file');
        await refused(/goes with --uninstall/, `${unpacked}/install.sh`, '--purge');
        await machine.chroot('sh', '-c', `printf '#!/nonexistent\\n' >${unpacked}/rollcall-agent`);
        await refused(/glibc 2[.]31/, `${unpacked}/install.sh`);
        await assert.rejects(machine.chroot('test', '-e', '/usr/local/bin/rollcall-agent'));
    });
});
