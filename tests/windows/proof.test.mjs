// What the agent for Windows answers under Wine, against what the README's table says of it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Collector, Technician } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { CUSTOMER } from '../device/scene.mjs';
import { PROBES, judge, passed, record, runParserTests, testArguments } from '../proof.mjs';
import { AGENT, Windows } from './windows.mjs';

const PLATFORM_TEST = fileURLToPath(new URL('../../build/windows/tests/platform/platform_test.exe', import.meta.url));
const UNINSTALL = String.raw`HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\RollcallSample`;
const LISTED_FILES = String.raw`C:\ProgramData\Rollcall\rollcall-agent\files`;
// Nothing here asserts speed: it ends what would hang.
const LIMIT_MS = 30_000;
/** What the agent tells by itself when it starts. */
const EVENTS = ['agent_start'];

describe('the agent for Windows', { timeout: 300_000 }, () => {
    let collector;
    let windows;

    before(async () => {
        collector = await Collector.start();
        windows = await Windows.start();
    });
    after(async () => {
        await windows?.stop();
        await collector?.stop();
    });

    async function plant() {
        for (const [name, value] of [['DisplayName', 'Sample'], ['DisplayVersion', '1.0'], ['Publisher', 'Sample Ltd']]) {
            const added = await windows.run('reg', ['add', UNINSTALL, '/v', name, '/d', value, '/f']);
            assert.equal(added.code, 0, added.said);
        }
        mkdirSync(dirname(windows.path(LISTED_FILES)), { recursive: true });
        writeFileSync(windows.path(LISTED_FILES), 'C:\\windows\\win.ini\r\n');
    }

    async function testsThatPassed() {
        const own = Object.values(PROBES).flatMap(({ wine }) => wine ?? []);
        const { stdout, said } = await windows.run(PLATFORM_TEST, testArguments(own));
        const names = passed(stdout);
        assert.ok(names.size > 0, said);
        return names;
    }

    async function eventsThatCame() {
        const technician = await Technician.first(collector);
        const customer = await technician.post('/customers', { name: CUSTOMER });
        const { word } = await technician.post('/enrolment-tokens', { customer_id: customer.id, uses: 1, expires_in_s: 3600 });
        const folder = String.raw`C:\rollcall-proof`;
        const enrolled = await windows.run(AGENT, ['enrol', '--token-file', '-', '--state', folder], word);
        assert.equal(enrolled.code, 0, enrolled.said);
        const agent = windows.begin(AGENT, ['run', '--state', folder], join(mkdtempSync(join(tmpdir(), 'windows-')), 'log'));
        try {
            await eventually(async () => {
                const [device] = await technician.devices();
                const seen = (await technician.get(`/devices/${device.id}/events?limit=100`)).items.map(({ name }) => name);
                return EVENTS.every((name) => seen.includes(name));
            }, LIMIT_MS, `the events ${EVENTS}`);
        } finally {
            await agent.stop();
        }
        return Object.fromEntries(EVENTS.map((name) => [`event ${name}`, 'W']));
    }

    test('answers what the README\'s table says that it answers under Wine', async (t) => {
        await plant();
        const told = await windows.run(AGENT, ['collect']);
        assert.equal(told.code, 0, told.said);
        const levels = judge('windows', JSON.parse(told.stdout), runParserTests('windows'), await testsThatPassed());
        record('windows', { ...levels, ...await eventsThatCame() }, (line) => t.diagnostic(line));
    });
});
