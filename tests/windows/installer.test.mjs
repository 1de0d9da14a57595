// The agent's package for Windows under Wine's Windows Installer: installed with and without a token, again, upgraded,
// refused, taken away; what a technician sees of it, and that the token is nowhere.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Window, openBrowser } from '../browser/page.mjs';
import { Collector, PASSWORD, Technician } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { CUSTOMER } from '../device/scene.mjs';
import { Windows } from './windows.mjs';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
// Nothing here asserts speed: it ends what would hang.
const LIMIT_MS = 45_000;
/** A collector that is away is tried again within a minute. */
const TOKEN_LIMIT_MS = 90_000;
const SERVICE = 'RollcallAgent';
const PROGRAM = String.raw`C:\Program Files\Rollcall\rollcall-agent.exe`;
const KEPT = String.raw`C:\ProgramData\Rollcall\rollcall-agent`;
const VERSIONS = ['0.1.0', '0.2.0'];
/** Of the program, as it is installed. */
const MOST_BYTES = 8 * 1024 * 1024;

describe('the package of the agent for Windows', { timeout: 600_000 }, () => {
    let collector;
    let technician;
    let windows;
    let customer;
    const packages = mkdtempSync(join(tmpdir(), 'packages-'));
    const tokens = [];
    const logs = [];

    before(async () => {
        for (const version of VERSIONS)
            await exec(join(root, 'installers/windows/build'), ['--output', packages, '--version', version]);
        collector = await Collector.start();
        technician = await Technician.first(collector);
        customer = await technician.post('/customers', { name: CUSTOMER });
        windows = await Windows.start();
    });
    after(async () => {
        await windows?.stop();
        await collector?.stop();
    });

    async function makeToken() {
        const made = await technician.post('/enrolment-tokens', { customer_id: customer.id, uses: 1, expires_in_s: 3600 });
        tokens.push(made.word);
        return made.word;
    }

    /** What a script of an administrator's does; the answer has the log in it, or where there is none what was said. */
    async function msiexec(action, version, ...properties) {
        const log = join(packages, `${logs.length}.log`);
        logs.push(log);
        const file = `Z:${join(packages, `rollcall-agent-${version}-x64.msi`)}`.replaceAll('/', '\\');
        const answer = await windows.run('msiexec', [action, file, '/qn', '/l*v', `Z:${log}`.replaceAll('/', '\\'), ...properties]);
        return { code: answer.code, log: readText(log) || answer.said || 'neither a log nor a word' };
    }
    const install = (version, ...properties) => msiexec('/i', version, ...properties);
    const uninstall = (version, ...properties) => msiexec('/x', version, ...properties);

    /** Windows Installer writes UTF-16 on some systems, bytes on others. */
    function readText(file) {
        if (!existsSync(file)) return '';
        const bytes = readFileSync(file);
        return bytes.toString(bytes.includes(0) ? 'utf16le' : 'utf8');
    }
    /** A table of the package. */
    const table = async (name) =>
        (await exec('msiinfo', ['export', join(packages, 'rollcall-agent-0.1.0-x64.msi'), name])).stdout;
    const agentLog = () => readText(windows.path(`${KEPT}\\data\\agent.log`));
    const identity = () => JSON.stringify(readText(windows.path(`${KEPT}\\data\\identity.json`)));
    const isInstalled = () => existsSync(windows.path(PROGRAM));
    async function service() {
        const answer = await windows.run('sc', ['query', SERVICE]);
        return answer.code === 0 ? /STATE\s*:\s*\d+\s+(\w+)/.exec(answer.said)?.[1] : 'none';
    }
    async function serviceValue(name) {
        const key = String.raw`HKLM\SYSTEM\CurrentControlSet\Services` + `\\${SERVICE}`;
        return (await windows.run('reg', ['query', key, '/v', name])).said;
    }
    async function becomes(wanted, limitMs = LIMIT_MS) {
        const isOnline = async () => (await technician.devices()).some(({ availability }) => availability === 'online');
        await eventually(async () => (await isOnline()) === (wanted === 'online'), limitMs, `the device is ${wanted}`)
            .catch((error) => {
                throw new Error(`${error.message}; the agent's log says:\n${agentLog()}`);
            });
    }
    function wipe() {
        rmSync(windows.path(KEPT), { recursive: true, force: true });
    }

    test('without a token it is installed, its service runs and waits', async (t) => {
        const answer = await install('0.1.0');
        assert.equal(answer.code, 0, answer.log);
        assert.equal(await service(), 'RUNNING');
        const { size } = statSync(windows.path(PROGRAM));
        assert.ok(size <= MOST_BYTES, `the program has ${size} bytes`);
        t.diagnostic(`the program has ${(size / 1024 / 1024).toFixed(2)} MiB`);
        const path = await serviceValue('ImagePath');
        assert.match(path, /"C:\\Program Files\\Rollcall\\rollcall-agent\.exe" run /);
        assert.ok(path.includes(String.raw`--token-file ${KEPT}\token`), path);
        assert.match(await serviceValue('Description'), /Tells the Rollcall collector/, 'what `rollcall-agent install` sets is set');
        await eventually(() => agentLog().includes('agent.waits_for_token'), LIMIT_MS, 'the agent says that it waits');
        assert.deepEqual(await technician.devices(), []);
    });

    test('a token that is put where it waits makes it a device that is online', async () => {
        writeFileSync(windows.path(`${KEPT}\\token`), `${await makeToken()}\r\n`);
        await becomes('online');
        assert.ok(!existsSync(windows.path(`${KEPT}\\token`)), 'the token is destroyed');
    });

    test('removed it keeps its identity, installed again it is the same device', async () => {
        const before = identity();
        const gone = await uninstall('0.1.0');
        assert.equal(gone.code, 0, gone.log);
        assert.equal(await service(), 'none');
        assert.ok(!isInstalled());
        await becomes('offline');
        assert.equal(identity(), before);
        assert.equal((await install('0.1.0')).code, 0);
        await becomes('online');
        assert.equal((await technician.devices()).length, 1);
    });

    test('installed again with another token it stays the same device, and the token is destroyed unused', async () => {
        const before = identity();
        const file = windows.path(String.raw`C:\another token.txt`);
        writeFileSync(file, await makeToken());
        const answer = await install('0.1.0', String.raw`TOKENFILE=C:\another token.txt`);
        assert.equal(answer.code, 0, answer.log);
        assert.ok(!existsSync(file), answer.log);
        assert.ok(!existsSync(windows.path(`${KEPT}\\token`)));
        assert.equal(identity(), before);
        assert.equal((await technician.devices()).length, 1);
    });

    test('the next version has the same device, and runs', async () => {
        const before = identity();
        const answer = await install('0.2.0');
        assert.equal(answer.code, 0, answer.log);
        assert.equal(await service(), 'RUNNING');
        assert.equal(identity(), before);
        await becomes('online');
        await windows.run('reg', ['export', String.raw`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`, String.raw`C:\u.reg`, '/y']);
        const listed = readText(windows.path(String.raw`C:\u.reg`)).match(/"DisplayName"="Rollcall agent"|"DisplayVersion"="[^"]*"/g);
        assert.deepEqual(listed, ['"DisplayName"="Rollcall agent"', '"DisplayVersion"="0.2.0"']);
    });

    test('an older version is refused, and changes nothing', async () => {
        const answer = await install('0.1.0');
        assert.notEqual(answer.code, 0);
        assert.match(answer.log, /LaunchConditions\. Return value 0/);
        // Wine does not tell a condition's sentence to those who look at the log only.
        assert.match(await table('LaunchCondition'), /NOT WIX_DOWNGRADE_DETECTED\tRollcall: a newer version/);
        assert.equal(await service(), 'RUNNING');
        await becomes('online');
    });

    test('a technician sees it on the page, with its system and its services', async () => {
        const [device] = await technician.devices();
        await eventually(async () => (await technician.rows(device, 'services')).length > 0, LIMIT_MS, 'its services are told');
        const browser = await openBrowser();
        try {
            const window = await Window.open(browser, collector.origin);
            const tab = await window.tab();
            await tab.logIn(PASSWORD);
            await tab.seesHeading('Customers');
            await tab.openCustomer(CUSTOMER);
            const seen = (column, text) => eventually(() => tab.shows(tab.cell(device.name, column), text), LIMIT_MS,
                `${column} shows ${text}`);
            await seen('availability', 'Online');
            await seen('os', /Windows 1\d/);
            await seen('services', /of \d+/);
            assert.deepEqual(await tab.inspect('windows-devices'), []);
            await tab.openDevice(device.name);
            await tab.page.getByText(/Windows 1\d/).first().waitFor();
            assert.deepEqual(await tab.inspect('windows-device'), []);
            await tab.page.getByRole('link', { name: /^Services/ }).first().click();
            await tab.page.getByRole('heading', { name: 'Services', level: 2 }).waitFor();
            await tab.page.getByText('PlugPlay').first().waitFor();
            assert.deepEqual(await tab.inspect('windows-services'), []);
            assert.deepEqual(window.faults, []);
        } finally {
            await browser.close();
        }
    });

    test('removed with PURGE=1 it leaves nothing', async () => {
        const answer = await uninstall('0.2.0', 'PURGE=1');
        assert.equal(answer.code, 0, answer.log);
        assert.equal(await service(), 'none');
        assert.ok(!isInstalled());
        assert.ok(!existsSync(windows.path(String.raw`C:\ProgramData\Rollcall`)), answer.log);
    });

    test('what is no token installs nothing and says why', async () => {
        const answer = await install('0.1.0', 'TOKEN=nonsense');
        assert.notEqual(answer.code, 0);
        assert.match(answer.log, /does not begin with rc1\./);
        assert.equal(await service(), 'none');
        assert.ok(!isInstalled());
        wipe();
    });

    test('properties that do not fit together are refused before anything is done', async () => {
        for (const [properties, sentence] of [
            [['TOKEN=rc1.a', String.raw`TOKENFILE=C:\x`], /both given/],
            [['SERVER=rollcall.example:8443'], /SERVER changes the address in a token/],
            [['TOKEN=rc1.a|b'], /TOKEN has a \|/],
        ]) {
            const answer = await install('0.1.0', ...properties);
            assert.notEqual(answer.code, 0);
            assert.match(answer.log, sentence);
            assert.ok(!isInstalled());
        }
        const missing = await install('0.1.0', String.raw`TOKENFILE=C:\no such file`);
        assert.notEqual(missing.code, 0);
        assert.match(missing.log, /TOKENFILE: C:\\no such file/);
        wipe();
    });

    test('beside an agent that came another way it is refused, with the remedy', async () => {
        const folder = String.raw`C:\by hand`;
        mkdirSync(windows.path(folder), { recursive: true });
        writeFileSync(windows.path(`${folder}\\rollcall-agent.exe`), readFileSync(join(root, 'build/windows/bin/rollcall-agent.exe')));
        const byHand = await windows.run(`${folder}\\rollcall-agent.exe`, ['install']);
        assert.equal(byHand.code, 0, byHand.said);
        const answer = await install('0.1.0');
        assert.notEqual(answer.code, 0);
        assert.match(answer.log, /another Rollcall agent is on this machine: its service runs C:\\by hand\\rollcall-agent\.exe/);
        assert.ok(!isInstalled());
        assert.equal((await windows.run(`${folder}\\rollcall-agent.exe`, ['uninstall'])).code, 0);
        wipe();
    });

    test('with a token and an address it is a device at once, though the token named another address', async () => {
        const told = JSON.parse(Buffer.from((await makeToken()).slice('rc1.'.length), 'base64url'));
        const { host } = new URL(collector.origin);
        const elsewhere = `rc1.${Buffer.from(JSON.stringify({ ...told, address: 'nowhere.invalid:8443' })).toString('base64url')}`;
        tokens.push(elsewhere);
        const answer = await install('0.1.0', `TOKEN=${elsewhere}`, `SERVER=${host}`);
        assert.equal(answer.code, 0, answer.log);
        await becomes('online');
        assert.ok(!existsSync(windows.path(`${KEPT}\\token`)));
        assert.equal((await uninstall('0.1.0', 'PURGE=1')).code, 0);
    });

    test('where the collector is away it is installed, and enrols when that is back', async () => {
        const token = await makeToken();
        await collector.stop();
        const file = windows.path(String.raw`C:\token`);
        writeFileSync(file, token);
        const answer = await install('0.1.0', String.raw`TOKENFILE=C:\token`);
        assert.equal(answer.code, 0, answer.log);
        assert.ok(!existsSync(file), 'the file is destroyed');
        await eventually(() => agentLog().includes('agent.enrolment_failed'), LIMIT_MS, 'the agent says that it is away');
        await collector.restart();
        technician = await Technician.logIn(collector);
        await becomes('online', TOKEN_LIMIT_MS);
        assert.ok(!existsSync(windows.path(`${KEPT}\\token`)));
        assert.equal((await uninstall('0.1.0', 'PURGE=1')).code, 0);
    });

    test('no token stands in a log, in the registry, or in a file that stays', async () => {
        // Microsoft's Windows Installer keeps them out of its log, since the package says so. Wine's does not know that,
        // and lists all properties where an installation fails; what else it writes must be clean.
        assert.match(await table('Property'), /^MsiHiddenProperties\tTOKEN;LeaveToken\r?$/m);
        const listed = /^Property\(S\): (TOKEN|LeaveToken|CustomActionData) = .*$/gm;
        const texts = logs.map((log) => [log, readText(log).replace(listed, '')]);
        for (const branch of ['HKLM', 'HKCU', 'HKU', 'HKCR']) {
            const exported = windows.path(`C:\\${branch}.reg`);
            await windows.run('reg', ['export', branch, `C:\\${branch}.reg`, '/y']);
            texts.push([branch, readText(exported)]);
            rmSync(exported, { force: true });
        }
        // As Wine keeps the registry.
        for (const file of readdirSync(windows.folder).filter((name) => name.endsWith('.reg')))
            texts.push([file, readFileSync(join(windows.folder, file), 'utf8')]);
        assert.ok(texts.some(([name, text]) => name === 'system.reg' && text.length > 10_000), 'there is a registry to look at');
        assert.ok(logs.length > 10 && texts.filter(([, text]) => text.length > 0).length > 10, 'there are logs to look at');
        for (const [name, text] of texts)
            for (const token of tokens) {
                const at = text.indexOf(token.slice(0, 40));
                assert.equal(at, -1, `${name} holds a token: …${text.slice(at - 120, at + 20)}`);
            }
    });
});
