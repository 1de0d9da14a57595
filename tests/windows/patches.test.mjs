// Updates of Windows, from the registry's entry of the update agent to the collector: the agent asks a server of COM that
// stands where the system's would (update_agent.cpp), since Wine's own finds nothing.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Collector, Technician } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { CUSTOMER } from '../device/scene.mjs';
import { AGENT, Windows } from './windows.mjs';

const LIMIT_MS = 60_000;
const SERVER = fileURLToPath(new URL('../../build/windows/tests/windows/update_agent.dll', import.meta.url));
// UpdateSession, as wuapi.h has it.
const CLASS = String.raw`HKLM\SOFTWARE\Classes\CLSID\{4CB43D7F-7EEE-4906-8698-60DA1C38F2FE}\InprocServer32`;
const SCRIPT = String.raw`HKLM\SOFTWARE\Rollcall test`;
const TITLE = 'Cumulative Update (KB5031358)';

describe('updates that Windows offers', { timeout: 300_000 }, () => {
    let collector;
    let technician;
    let windows;
    const folder = String.raw`C:\rollcall-updates`;

    before(async () => {
        collector = await Collector.start();
        technician = await Technician.first(collector);
        windows = await Windows.start();
        copyFileSync(SERVER, windows.path(String.raw`C:\update_agent.dll`));
        const entered = await windows.run('reg', ['add', CLASS, '/ve', '/d', String.raw`C:\update_agent.dll`, '/f']);
        assert.equal(entered.code, 0, entered.said);
    });
    after(async () => {
        await windows?.stop();
        await collector?.stop();
    });

    async function collectPatches(outcome) {
        const set = await windows.run('reg', ['add', SCRIPT, '/v', 'SearchOutcome', '/t', 'REG_DWORD', '/d', outcome, '/f']);
        assert.equal(set.code, 0, set.said);
        const answer = await windows.run(AGENT, ['collect', '--probe', 'patches']);
        assert.equal(answer.code, 0, answer.said);
        return JSON.stringify(JSON.parse(answer.stdout));
    }

    test('a search that fails says why in words, whatever its number', async () => {
        for (const [outcome, reason, name] of [
            ['0x8024402c', 'io', 'WU_E_PT_WINHTTP_NAME_NOT_RESOLVED'],
            ['0x80240438', 'io', 'WU_E_PT_ENDPOINT_UNREACHABLE'],
            ['0x8024001e', 'busy', 'WU_E_SERVICE_STOP'],
            ['0x80070005', 'permission_denied', '0x80070005'],
            ['0x8024fffe', 'io', '0x8024fffe'],
        ]) {
            const told = await collectPatches(outcome);
            assert.ok(told.includes(name), `${outcome}: ${told}`);
            assert.ok(told.includes(`"${reason}"`), `${outcome}: ${told}`);
            assert.ok(!told.includes(TITLE), told);
        }
    });

    test('what the search finds is told with its article, size and kind', async () => {
        const told = await collectPatches('0');
        for (const part of [TITLE, 'KB5031358', '700000000', 'Security Updates']) assert.ok(told.includes(part), told);
    });

    test('a technician sees it', async () => {
        const token = await collector.createToken(CUSTOMER);
        const enrolled = await windows.run(AGENT, ['enrol', '--token-file', '-', '--state', folder], token);
        assert.equal(enrolled.code, 0, enrolled.said);
        const agent = windows.begin(AGENT, ['run', '--state', folder], join(mkdtempSync(join(tmpdir(), 'windows-')), 'log'));
        try {
            const patch = await eventually(async () => {
                const [device] = await technician.devices();
                return device && await technician.row(device, 'patches', TITLE);
            }, LIMIT_MS, 'the update is at the collector').catch((error) => {
                throw new Error(`${error.message}; the agent's log says:\n${agent.log}`);
            });
            assert.equal(patch.cells.security, true, JSON.stringify(patch));
            assert.equal(patch.cells.size_bytes, 700_000_000, JSON.stringify(patch));
            const [device] = await technician.devices();
            assert.equal(device.patches.value, 1, JSON.stringify(device.patches));
        } finally {
            await agent.stop();
        }
    });
});
