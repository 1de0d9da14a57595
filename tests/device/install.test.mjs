// A machine becomes a device by the line that the "Add device" dialog shows, word by word; and what becomes of it where
// something is wrong.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { BINARIES, Collector, Technician } from './collector.mjs';
import { Host } from './host.mjs';
import { addDevice, packageOf, paste } from './install.mjs';
import { eventually } from './machine.mjs';
import { packRelease } from './releases.mjs';
import { DEVICE } from './scene.mjs';

const VERSION = '1.0.0';
const TOKEN = '/etc/rollcall-agent/token';
const IDENTITY = '/var/lib/rollcall-agent/identity.json';
// Nothing here asserts speed: it ends what would hang.
const LIMIT_MS = 60_000;
// What is served is looked at while a test says so, not meanwhile.
const CONFIG = '[updates]\nlook_every_s = 3600\n';

describe('one line installs the agent on a Debian', { timeout: 600_000 }, () => {
    let collector;
    let technician;
    let host;
    let packages;

    before(async () => {
        const agent = join(BINARIES, 'rollcall-agent');
        packages = [await packageOf('linux', VERSION, agent), await packageOf('debian', VERSION, agent)];
        collector = await Collector.start({ config: CONFIG });
        await collector.addRelease(await packRelease(VERSION, ...packages));
        technician = await Technician.first(collector);
        await look();
        host = await Host.boot();
    });
    after(async () => {
        await host?.machine.destroy();
        await collector?.stop();
    });

    async function look() {
        await collector.stop();
        await collector.restart();
        technician = await Technician.logIn(collector);
    }
    const device = () => technician.device(DEVICE);
    const isOnline = (what) => eventually(async () => (await device())?.availability === 'online', LIMIT_MS, what).catch(async (error) => {
        throw new Error(`${error.message}\n--- machine:\n${await host.run('journalctl', '--no-pager', '--lines=60')}`);
    });
    const usesLeft = async ({ token }) => (await technician.get(`/enrolment-tokens/${token.id}`)).uses_left;
    const pasted = async (command, pattern) => {
        const { code, stdout, stderr } = await paste(host.machine, command);
        assert.equal(code, 0, stdout + stderr);
        assert.match(stdout, pattern);
        assert.equal(stderr, '');
    };
    const refused = async (command, pattern) => {
        const { code, stdout, stderr } = await paste(host.machine, command);
        assert.notEqual(code, 0, stdout);
        assert.match(stderr, pattern);
        assert.equal(await host.exists(TOKEN), false, 'no token lies about');
        assert.equal(await host.exists(IDENTITY), false);
        return stderr;
    };
    const isInstalled = () => host.run('sh', '-c', 'command -v rollcall-agent').then(() => true, () => false);

    test('what installers/release made of the packages is what the collector has and hands out', async () => {
        const [{ version, files }] = (await technician.get('/releases')).items;
        assert.equal(version, VERSION);
        assert.deepEqual(files.map(({ name, kind, system, sha256 }) => [name, kind, system, sha256]),
            packages.map((file, at) => [basename(file), ['tar.gz', 'deb'][at], 'linux', createHash('sha256').update(readFileSync(file)).digest('hex')]));
        for (const { name, bytes, sha256 } of files) {
            const fetched = await host.run('sh', '-c', `curl -fsSk '${collector.origin}/install/files/${sha256}/${name}' | wc -c; curl -fsSk '${collector.origin}/install'`);
            assert.match(fetched, new RegExp(`^${bytes}\n`));
            assert.ok(fetched.includes(name) && fetched.includes(sha256));
        }
    });

    test('another key than the pinned one: nothing is fetched, and nothing runs', async () => {
        const made = await addDevice(technician);
        const other = made.command.replace(/sha256\/\/[^']+/, `sha256//${Buffer.alloc(32).toString('base64')}`);
        assert.notEqual(other, made.command);
        await refused(other, /public key does not match/);
        assert.equal(await isInstalled(), false);
        assert.equal(await usesLeft(made), 1);
    });

    test('a package that was changed since the collector looked at it is not installed', async () => {
        const made = await addDevice(technician);
        const file = join(collector.store, 'releases', VERSION, `rollcall-agent_${VERSION}_amd64.deb`);
        const bytes = readFileSync(file);
        const changed = Buffer.from(bytes);
        changed[changed.length - 1] ^= 1;
        writeFileSync(file, changed);
        await refused(made.command, new RegExp(`^rollcall: ${basename(file)} is not what the collector told \\(its SHA-256 differs\\): it is not installed\\.$`, 'm'));
        writeFileSync(file, bytes.subarray(1));
        await refused(made.command, /has not the size that the collector told/);
        writeFileSync(file, bytes);
        assert.equal(await isInstalled(), false);
        assert.equal(await usesLeft(made), 1);
    });

    test('what is no token is told before anything is fetched; so is who is not root', async () => {
        const { command, word } = await addDevice(technician);
        await refused(command.replace(word, 'hello'), /^rollcall: what came on standard input is no token/m);
        await refused(command.replace(word, 'rc1.a b'), /^rollcall: what came on standard input is no token/m);
        const { code, stderr } = await host.run('runuser', '-u', 'alice', '--', 'bash', '-c', command.replace('sudo ', '')).catch((error) => error);
        assert.equal(code, 1);
        assert.match(stderr, /^rollcall: only root can install/m);
        assert.equal(await isInstalled(), false);
    });

    test('an expired token is told in one sentence; with a good one the machine that has its agent is enrolled', async () => {
        const old = await addDevice(technician);
        await collector.sql(`UPDATE enrolment_token SET expires_ms = created_ms + 1 WHERE id = '${old.token.id}'`);
        assert.match(await refused(old.command, /^rollcall: the agent is installed, but this machine is not enrolled: the collector says: .*expired/m), /^[^\n]*\n$/);
        assert.ok(await isInstalled());
        const made = await addDevice(technician);
        await pasted(made.command, /Fetching rollcall-agent_1\.0\.0_amd64\.deb[\s\S]*Done: this machine is enrolled, and its agent 1\.0\.0 runs\./);
        await isOnline('the device is online');
        assert.equal(await usesLeft(made), 0);
        assert.equal(await host.exists(TOKEN), false);
        assert.match(await host.run('dpkg-query', '--show', '--showformat=${db:Status-Status} ${Version}', 'rollcall-agent'), /^installed 1\.0\.0$/);
        const logs = await host.logs();
        assert.match(logs, /Enrolled as device/);
        for (const { word } of [old, made]) {
            const { secret } = JSON.parse(Buffer.from(word.slice('rc1.'.length), 'base64url'));
            for (const text of [word, secret]) for (const log of [logs, collector.log]) assert.equal(log.includes(text), false);
        }
    });

    test('once more it changes nothing, and uses nothing up', async () => {
        const { id } = await device();
        const made = await addDevice(technician);
        await pasted(made.command, /^This machine is enrolled with this collector already; nothing was changed\./);
        assert.equal(await usesLeft(made), 1);
        assert.deepEqual((await technician.devices()).map((row) => row.id), [id]);
    });

    test('removed and installed by it again it is the same device, and no token is used up', async () => {
        const { id } = await device();
        await host.apt('remove', 'rollcall-agent');
        const made = await addDevice(technician);
        await pasted(made.command, /Done: this machine is enrolled as before/);
        await isOnline('the device is online again');
        assert.equal(await usesLeft(made), 1);
        assert.deepEqual((await technician.devices()).map((row) => row.id), [id]);
    });

    test('a machine of another collector is left to it', async () => {
        await host.run('sed', '--in-place', 's/192\\.0\\.2\\.1:8443/192.0.2.9:8443/', IDENTITY);
        const { code, stderr } = await paste(host.machine, (await addDevice(technician)).command);
        assert.equal(code, 1);
        assert.match(stderr, /enrolled with another collector/);
        await host.run('sed', '--in-place', 's/192\\.0\\.2\\.9:8443/192.0.2.1:8443/', IDENTITY);
    });

    test('a token that is used up is told in one sentence', async () => {
        await host.apt('purge', 'rollcall-agent');
        const made = await addDevice(technician);
        await pasted(made.command, /Done/);
        await host.apt('purge', 'rollcall-agent');
        assert.match(await refused(made.command, /^rollcall: the agent is installed, but this machine is not enrolled: the collector says: .*used/m), /^[^\n]*\n$/);
        await host.apt('purge', 'rollcall-agent');
    });

    test('where the release has no Debian package it is the archive', async () => {
        await collector.addRelease(await packRelease('1.0.1', await packageOf('linux', '1.0.1', join(BINARIES, 'rollcall-agent'))));
        await look();
        const old = await addDevice(technician);
        await collector.sql(`UPDATE enrolment_token SET uses_left = 0 WHERE id = '${old.token.id}'`);
        await refused(old.command, /not enrolled: the collector says: .*used/);
        const made = await addDevice(technician);
        assert.equal(made.version, '1.0.1');
        await pasted(made.command, /Fetching rollcall-agent-1\.0\.1-linux-x86_64\.tar\.gz[\s\S]*Done: this machine is enrolled, and its agent 1\.0\.1 runs\./);
        await eventually(async () => (await technician.devices()).some(({ availability }) => availability === 'online'), LIMIT_MS, 'the device is online');
        assert.equal((await host.run('sh', '-c', 'command -v rollcall-agent')).trim(), '/usr/local/bin/rollcall-agent');
        assert.equal(await host.exists(TOKEN), false);
        await pasted((await addDevice(technician)).command, /nothing was changed/);
    });
});
