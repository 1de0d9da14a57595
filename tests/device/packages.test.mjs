// What the Debian packages do to a machine: install, upgrade, remove, purge; and what they never write down.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { BINARIES, Collector, PAGE, Technician } from './collector.mjs';
import { Host } from './host.mjs';
import { Machine, eventually } from './machine.mjs';
import { CUSTOMER, DEVICE } from './scene.mjs';

const exec = promisify(execFile);
const BUILD = fileURLToPath(new URL('../../installers/debian/build', import.meta.url));

const VERSION = '1.0.0';
const NEXT_VERSION = '1.0.1';
const AGENT_TOKEN = '/etc/rollcall-agent/token';
const READY_URL = 'https://192.0.2.2:8443/readyz';
// Nothing here asserts speed: these end what would hang.
// An enrolment that fails is tried again after a minute.
const ONLINE_LIMIT_MS = 180_000;
const READY_LIMIT_MS = 60_000;

/** The packages of this version; a folder of its own. */
async function build(version) {
    const output = mkdtempSync(join(tmpdir(), 'packages-'));
    await exec(BUILD, ['--output', output, '--agent', join(BINARIES, 'rollcall-agent'), '--bin', BINARIES, '--page', PAGE, '--version', version]);
    const files = readdirSync(output);
    const find = (name) => join(output, files.find((file) => file.startsWith(`${name}_${version}_`)));
    return { agent: find('rollcall-agent'), collector: find('rollcall-collector'), client: find('rollcall') };
}

const ready = () => new Promise((resolve, reject) => {
    request(READY_URL, { rejectUnauthorized: false, agent: false }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode));
    }).on('error', reject).end();
});

describe('Debian packages', { timeout: 900_000 }, () => {
    let packages;
    let next;

    before(async () => {
        [packages, next] = await Promise.all([build(VERSION), build(NEXT_VERSION)]);
    });

    test('lintian has nothing to say against them', async () => {
        const { stdout } = await exec('lintian', ['--allow-root', '--fail-on', 'error,warning', ...Object.values(packages)])
            .catch((error) => assert.fail(error.stdout + error.stderr));
        assert.equal(stdout, '');
    });

    test('built again, they are the same to the byte', async () => {
        const again = await build(VERSION);
        for (const name of Object.keys(packages))
            assert.ok(readFileSync(packages[name]).equals(readFileSync(again[name])), name);
    });

    test('no version but one that Debian knows', async () => {
        await assert.rejects(build('1.0-2'), /--version/);
    });

    describe('rollcall-agent', () => {
        let collector;
        let technician;
        let host;
        let untouched;
        let word;

        before(async () => {
            collector = await Collector.start();
            technician = await Technician.first(collector);
            host = await Host.boot();
            untouched = await host.inventory();
            word = await collector.createToken(CUSTOMER, 1);
        });
        after(async () => {
            await host?.machine.destroy();
            await collector?.stop();
        });

        const device = () => technician.device(DEVICE);
        // Of all: a machine that was purged comes back as another device, and the old row stays.
        const isOnline = async () => (await technician.devices()).some((row) => row.availability === 'online');
        const online = (what) => eventually(isOnline, ONLINE_LIMIT_MS, what).catch(async (error) => {
            throw new Error(`${error.message}\n--- machine:\n${await host.run('journalctl', '--no-pager', '--lines=60')}`);
        });
        const putToken = (text, mode = 0o644) => {
            mkdirSync(join(host.machine.root, 'etc/rollcall-agent'), { recursive: true });
            writeFileSync(join(host.machine.root, AGENT_TOKEN), `${text}\n`, { mode });
        };
        const enrolments = async () => (await technician.devices()).length;

        test('without a token it says how to enrol, and is installed all the same', async () => {
            assert.match(await host.install(packages.agent), /rollcall-agent enrol --token-file -/);
            assert.equal(await host.isActive('rollcall-agent.service'), false);
            assert.equal((await host.run('systemctl', 'is-enabled', 'rollcall-agent.service')).trim(), 'enabled');
            await host.apt('purge', 'rollcall-agent');
            await host.assertSame(untouched);
        });

        test('with a token that is no good it is installed, keeps the token and says where the reason stands', async () => {
            putToken('rc1.nothing');
            assert.match(await host.install(packages.agent), /journalctl -u rollcall-agent-enrol/);
            assert.match(await host.run('stat', '--format=%a %U', AGENT_TOKEN), /^600 root$/m);
            await host.apt('purge', 'rollcall-agent');
            await host.assertSame(untouched);
        });

        test('with a token file it enrols, is online, and the file is gone', async () => {
            putToken(word);
            await host.install(packages.agent);
            await online('the device is online');
            assert.equal(await host.exists(AGENT_TOKEN), false);
            assert.equal(await enrolments(), 1);
        });

        test('the next version has the same device, and runs', async () => {
            const { id } = await device();
            const pid = () => host.run('systemctl', 'show', '--property=MainPID', '--value', 'rollcall-agent.service');
            const [identity, first] = [await host.run('cat', '/var/lib/rollcall-agent/identity.json'), await pid()];
            // Left over from a roll-out: not used a second time.
            putToken(word);
            assert.match(await host.install(next.agent), /enrolled already/);
            assert.equal(await host.exists(AGENT_TOKEN), false);
            assert.match(await host.run('dpkg-query', '--show', '--showformat=${Version}', 'rollcall-agent'), /^1\.0\.1$/);
            assert.notEqual(await pid(), first);
            assert.ok(await host.isActive('rollcall-agent.service'));
            assert.equal(await host.run('cat', '/var/lib/rollcall-agent/identity.json'), identity);
            await online('the device is online again');
            assert.equal((await device()).id, id);
            assert.equal(await enrolments(), 1);
        });

        test('removed and installed again it is the same device', async () => {
            const { id } = await device();
            await host.apt('remove', 'rollcall-agent');
            assert.ok(await host.exists('/var/lib/rollcall-agent/identity.json'));
            await eventually(async () => !(await isOnline()), ONLINE_LIMIT_MS, 'the removed agent is offline');
            await host.install(packages.agent);
            await online('the device is online after it was installed again');
            assert.equal((await device()).id, id);
        });

        test('a reboot finds it enrolled and online', async () => {
            await host.machine.reboot();
            await online('the device is online after the boot');
        });

        test('the token stands in no log', async () => {
            const logs = await host.logs();
            // The right ones were read: dpkg's, and the journal of the enrolment.
            assert.match(logs, /install rollcall-agent/);
            assert.match(logs, /Enrolled as device/);
            const { secret } = JSON.parse(Buffer.from(word.slice('rc1.'.length), 'base64url'));
            for (const text of [word, secret]) {
                assert.equal(logs.includes(text), false);
                assert.equal(collector.log.includes(text), false);
            }
        });

        test('where the collector is away it enrols when that is back', async () => {
            await host.apt('purge', 'rollcall-agent');
            await host.run('mkdir', '-p', '/run/systemd/system/rollcall-agent-enrol.service.d');
            await host.write('/run/systemd/system/rollcall-agent-enrol.service.d/soon.conf', '[Service]\nRestartSec=3\n');
            const second = await collector.createToken(CUSTOMER, 1);
            await collector.stop();
            putToken(second);
            await host.install(packages.agent);
            assert.ok(await host.exists(AGENT_TOKEN));
            await collector.restart();
            technician = await Technician.logIn(collector);
            await online('the device is online once the collector is back');
            await eventually(async () => !(await host.exists(AGENT_TOKEN)), ONLINE_LIMIT_MS, 'the token is gone');
        });

        test('purged it leaves nothing', async () => {
            await host.apt('purge', 'rollcall-agent');
            await host.assertSame(untouched);
        });
    });

    describe('rollcall-agent in an image', () => {
        let collector;
        let machine;

        before(async () => {
            collector = await Collector.start();
            machine = await Machine.make();
        });
        after(async () => {
            await machine?.destroy();
            await collector?.stop();
        });

        test('is installed without a system that runs, and enrols at the first boot', async () => {
            const technician = await Technician.first(collector);
            mkdirSync(join(machine.root, 'etc/rollcall-agent'));
            writeFileSync(join(machine.root, AGENT_TOKEN), `${await collector.createToken(CUSTOMER)}\n`, { mode: 0o600 });
            machine.install(packages.agent, 'var/tmp/package.deb');
            assert.match(await machine.chroot('dpkg', '--install', '/var/tmp/package.deb'), /enrols when it is booted/);
            assert.equal((await technician.devices()).length, 0);
            await machine.boot();
            await eventually(async () => (await technician.device(DEVICE))?.availability === 'online', ONLINE_LIMIT_MS,
                'the device is online');
            assert.equal(existsSync(join(machine.root, AGENT_TOKEN)), false);
        });
    });

    describe('rollcall-collector', () => {
        let host;
        let untouched;

        before(async () => {
            host = await Host.boot();
            untouched = await host.inventory();
        });
        after(() => host?.machine.destroy());

        const BACKUPS = '/var/backups/rollcall-collector';
        const isReady = (what) => eventually(() => ready().then((status) => status === 200, () => false), READY_LIMIT_MS, what)
            .catch(async (error) => {
                throw new Error(`${error.message}\n--- machine:\n${await host.run('journalctl', '--no-pager', '--lines=60')}`);
            });
        const backups = async () => (await host.run('ls', BACKUPS)).split('\n').filter(Boolean);

        test('installed, it runs as a user of its own, shut in, and is ready', async () => {
            assert.match(await host.install(packages.collector), /reset-password admin/);
            await isReady('the collector is ready');
            const show = await host.run('systemctl', 'show', '--property=User,Type,WatchdogUSec,ProtectSystem,NoNewPrivileges,NRestarts',
                'rollcall-collector.service');
            for (const line of ['User=rollcall', 'Type=notify', 'WatchdogUSec=1min', 'ProtectSystem=strict', 'NoNewPrivileges=yes',
                'NRestarts=0'])
                assert.ok(show.split('\n').includes(line), `${line} in\n${show}`);
            assert.match(await host.run('stat', '--format=%a %U', '/var/lib/rollcall-collector'), /^700 rollcall$/m);
        });

        test('its page is there', async () => {
            const page = await new Promise((resolve, reject) => {
                request(new URL('/', READY_URL), { rejectUnauthorized: false, agent: false }, (answer) => {
                    const parts = [];
                    answer.on('data', (part) => parts.push(part));
                    answer.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
                }).on('error', reject).end();
            });
            assert.match(page, /<title>/);
        });

        test('its config file has nothing wrong', async () => {
            assert.match(await host.run('rollcall-collector', 'check-config', '/etc/rollcall-collector/config.toml'), /nothing is wrong/);
        });

        test('a backup every day: whole, and the oldest go', async () => {
            assert.ok(await host.isActive('rollcall-collector-backup.timer'));
            for (const day of [1, 2, 3, 4, 5, 6, 7]) await host.run('mkdir', `${BACKUPS}/2020-01-0${day}T000000Z`);
            await host.run('systemctl', 'start', 'rollcall-collector-backup.service');
            const kept = await backups();
            assert.equal(kept.length, 7);
            assert.equal(kept[0], '2020-01-02T000000Z');
            assert.match(await host.run('runuser', '-u', 'rollcall', '--', 'rollcall-collector', 'verify',
                `${BACKUPS}/${kept.at(-1)}`), /schema \d+, \d+ rows/);
            assert.match(await host.run('stat', '--format=%a %U', BACKUPS), /^700 rollcall$/m);
        });

        test('upgraded, it runs on with its data and its config', async () => {
            await host.run('sed', '--in-place', 's/^#port = 8443/port = 8443/', '/etc/rollcall-collector/config.toml');
            const authority = await host.run('cat', '/var/lib/rollcall-collector/ca.pem');
            await host.install(next.collector);
            await isReady('the upgraded collector is ready');
            assert.match(await host.run('cat', '/etc/rollcall-collector/config.toml'), /^port = 8443$/m);
            assert.equal(await host.run('cat', '/var/lib/rollcall-collector/ca.pem'), authority);
        });

        test('removed it keeps its data, purged it leaves nothing', async () => {
            await host.apt('remove', 'rollcall-collector');
            assert.ok(await host.exists('/var/lib/rollcall-collector/rollcall.db'));
            assert.equal((await backups()).length, 7);
            await host.apt('purge', 'rollcall-collector');
            await host.assertSame(untouched);
        });
    });

    describe('rollcall', () => {
        let host;
        let untouched;

        before(async () => {
            host = await Host.boot();
            untouched = await host.inventory();
        });
        after(() => host?.machine.destroy());

        test('installed, it runs, and its manual page and completions are where shells look', async () => {
            await host.install(packages.client);
            assert.match(await host.run('rollcall', '--help'), /alerts resolve/);
            assert.match(await host.run('sh', '-c', 'zcat /usr/share/man/man1/rollcall.1.gz'), /^\.TH ROLLCALL 1/);
            await host.run('bash', '-n', '/usr/share/bash-completion/completions/rollcall');
            for (const file of ['zsh/vendor-completions/_rollcall', 'fish/vendor_completions.d/rollcall.fish'])
                assert.ok(await host.exists(`/usr/share/${file}`), file);
        });

        test('without a log-in it says how to log in', async () => {
            await assert.rejects(host.run('env', 'HOME=/root', 'rollcall', 'devices'), /rollcall login ADDRESS/);
        });

        test('purged it leaves nothing', async () => {
            await host.apt('purge', 'rollcall');
            await host.assertSame(untouched);
        });
    });
});
