// One program for every Linux: what it asks of a system, and that Debian 11 and 12 have it and answer it rightly.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { Collector, Technician } from '../device/collector.mjs';
import { Host } from '../device/host.mjs';
import { eventually } from '../device/machine.mjs';
import { CUSTOMER, DEVICE } from '../device/scene.mjs';
import { AGENT, AGENT_TOKEN, IDENTITY, ONLINE_LIMIT_MS, build, secretsOf } from './portable.mjs';

const exec = promisify(execFile);

const GLIBC = [2, 31];
const LIBRARIES = ['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'libdl.so.2', 'ld-linux-x86-64.so.2'];
const SIZE_LIMIT_BYTES = 6 * 1024 * 1024;
const SETTLE_LIMIT_MS = 60_000;

const isNewer = ([major, minor], than) => major > than[0] || (major === than[0] && minor > than[1]);

describe('the program', () => {
    const said = async (program, ...words) => (await exec(program, [...words, AGENT], { maxBuffer: 1 << 26 })).stdout;

    test('asks for nothing newer than glibc 2.31, and for versions of nothing else', async () => {
        const symbols = (await said('objdump', '--dynamic-syms')).split('\n').filter((line) => line.includes('*UND*'));
        const versions = new Set(symbols.flatMap((line) => line.match(/\(([A-Z_]+[\d.]*)\)/)?.[1] ?? []));
        assert.ok(versions.has('GLIBC_2.2.5'), `the versions were read: ${[...versions]}`);
        for (const version of versions) {
            assert.match(version, /^GLIBC_[\d.]+$/);
            assert.ok(!isNewer(version.slice('GLIBC_'.length).split('.').map(Number), GLIBC),
                `${version}, which these want:\n${symbols.filter((line) => line.includes(version)).join('\n')}`);
        }
    });

    test('needs the C library alone, and looks for it where the system does', async () => {
        const headers = await said('objdump', '--private-headers');
        const needed = [...headers.matchAll(/^\s+NEEDED\s+(\S+)$/gm)].map((match) => match[1]);
        assert.ok(needed.includes('libc.so.6'));
        assert.deepEqual(needed.filter((name) => !LIBRARIES.includes(name)), []);
        assert.doesNotMatch(headers, /RPATH|RUNPATH/);
    });

    test('can be loaded anywhere, and what it is linked by cannot be written', async () => {
        const headers = await said('readelf', '--wide', '--file-header', '--program-headers', '--dynamic');
        assert.match(headers, /Type:\s+DYN/);
        assert.match(headers, /GNU_RELRO/);
        assert.match(headers, /FLAGS_1\)\s+Flags:.*NOW/);
        assert.match(headers, /GNU_STACK\s+(\S+\s+){5}RW\s/);
    });

    test('takes at most 6 MiB when it is stripped', async (t) => {
        const file = join(mkdtempSync(join(tmpdir(), 'size-')), 'rollcall-agent');
        await exec('strip', ['-o', file, AGENT]);
        t.diagnostic(`${statSync(file).size} bytes`);
        assert.ok(statSync(file).size <= SIZE_LIMIT_BYTES, `${statSync(file).size} bytes`);
    });
});

for (const { kind, name } of [{ kind: 'bullseye', name: /Debian GNU\/Linux 11/ }, { kind: 'bookworm', name: /Debian GNU\/Linux 12/ }]) {
    describe(`its Debian package on ${kind}`, { timeout: 600_000 }, () => {
        let collector;
        let technician;
        let host;
        let untouched;
        let word;

        before(async () => {
            const packages = await Promise.all([build('debian', '1.0.0'), build('debian', '1.0.1')]);
            [host, collector] = [await Host.boot(kind), await Collector.start()];
            host.packages = packages;
            untouched = await host.inventory();
            technician = await Technician.first(collector);
            word = await collector.createToken(CUSTOMER, 1);
        });
        after(async () => {
            await host?.machine.destroy();
            await collector?.stop();
        });

        const device = () => technician.device(DEVICE);
        const cell = async (probe, key, column) => (await technician.row(await device(), probe, key))?.cells[column];
        const soon = (probe, limitMs, what) => eventually(probe, limitMs, what).catch(async (error) => {
            throw new Error(`${error.message}\n--- machine:\n${await host.run('journalctl', '--no-pager', '--lines=60')}`);
        });
        const online = (what) => soon(async () => (await device())?.availability === 'online', ONLINE_LIMIT_MS, what);

        test('is installed there, enrols with the token that lies ready, and is online', async () => {
            mkdirSync(join(host.machine.root, 'etc/rollcall-agent'), { recursive: true });
            writeFileSync(join(host.machine.root, AGENT_TOKEN), `${word}\n`, { mode: 0o600 });
            await host.install(host.packages[0]);
            await online('the device is online');
            assert.equal(await host.exists(AGENT_TOKEN), false);
            await soon(async () => (await device()).os_name.value !== null, SETTLE_LIMIT_MS, 'its system is read');
            assert.match((await device()).os_name.value, name);
        });

        test('an exception finds who catches it', async () => {
            // That is how a wrong word on the command line is told.
            const { code, stderr } = await host.run('rollcall-agent', 'run', '--nonsense').catch((error) => error);
            assert.equal(code, 2);
            assert.match(stderr, /--nonsense/);
        });

        test('lists every installed package with its version', async () => {
            await soon(async () => (await technician.rows(await device(), 'software')).length > 0, SETTLE_LIMIT_MS, 'software is read');
            const installed = (await host.run('dpkg-query', '--show', '--showformat=${db:Status-Status} ${Version}\n'))
                .split('\n').filter((line) => line.startsWith('installed')).length;
            // The agent itself came while it looked.
            await soon(async () => (await technician.rows(await device(), 'software')).length === installed, SETTLE_LIMIT_MS,
                `${installed} packages`);
        });

        test('waits for two patches, one of which is for security', async () => {
            await soon(async () => (await device()).patches.value !== null, SETTLE_LIMIT_MS, 'patches are read');
            const { patches, security_patches: security } = await device();
            assert.deepEqual([patches.value, security.value], [2, 1]);
        });

        test('has the services that it says it has', async () => {
            await soon(async () => (await technician.rows(await device(), 'services')).length > 0, SETTLE_LIMIT_MS, 'services are read');
            assert.equal(await cell('services', 'rollcall-sample.service', 'state'), 'running');
            assert.equal(await cell('services', 'rollcall-agent.service', 'state'), 'running');
            assert.equal(await cell('services', 'rollcall-broken.service', 'state'), 'failed');
        });

        test('a log-in is a session, and the last log-in', async () => {
            const terminal = await host.machine.logIn('alice');
            await soon(async () => (await technician.rows(await device(), 'sessions')).some((row) => row.cells.user === 'alice'),
                SETTLE_LIMIT_MS, 'the session is shown');
            await soon(async () => (await device()).last_login.value?.user === 'alice', SETTLE_LIMIT_MS, 'the log-in is shown');
            await host.machine.logOut(terminal);
        });

        test('the next version is the same device, and a reboot finds it online', async () => {
            const identity = await host.run('cat', IDENTITY);
            await host.install(host.packages[1]);
            await host.machine.reboot();
            await online('the device is online after the boot');
            assert.equal(await host.run('cat', IDENTITY), identity);
            assert.equal((await technician.devices()).length, 1);
        });

        test('the token stands in no log, and a purge leaves nothing', async () => {
            const logs = await host.logs();
            assert.match(logs, /Enrolled as device/);
            for (const text of secretsOf(word)) assert.equal(logs.includes(text), false);
            await host.apt('purge', 'rollcall-agent');
            await host.assertSame(untouched);
        });
    });
}
