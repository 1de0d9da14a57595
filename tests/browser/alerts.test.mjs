// What technicians do about alerts, on the real collector with a real device: one or many, at once on every screen, and
// without anybody undoing unseen what somebody else has done.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PASSWORD, QUICK_THRESHOLDS } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { CUSTOMER, Scene, measure } from '../device/scene.mjs';
import { Window, openBrowser } from './page.mjs';

/** Memory is always used: an alert of a curve, as soon as it has been read. */
const THRESHOLDS = `${QUICK_THRESHOLDS}
[memory_used]
raise = 0.1
clear = 0
raise_hold_s = 0
`;
const MEMORY = /^Memory is nearly full/;
const SAMPLE = /^Service rollcall-sample/;
const BROKEN = /^Service rollcall-broken/;
// On a quiet machine it is a few hundred; what matters here is that nobody has to load anything again.
const SOON_MS = 5_000;
const HOSTILE = '<img src=x onerror="document.title=1">';

describe('technicians work on alerts', { timeout: 600_000 }, () => {
    let scene;
    let browser;
    let window;
    let tab;
    let other;

    before(async () => {
        scene = await Scene.open({ settle: false, collector: { thresholds: THRESHOLDS } });
        browser = await openBrowser();
        window = await Window.open(browser, scene.collector.origin);
        tab = await window.tab();
        await tab.logIn(PASSWORD);
        await tab.seesHeading('Customers');
        await tab.openCustomer(CUSTOMER);
        await tab.openTab('Alerts');
        other = await window.tab(new URL(tab.page.url()).pathname);
        for (const title of [MEMORY, BROKEN]) await tab.alert(title).waitFor({ timeout: 30_000 });
    });
    after(async () => {
        await browser?.close();
        await scene?.close();
    });

    const assertClean = async (name) => assert.deepEqual(await tab.inspect(name), []);
    const isGone = async (page, title) => (await page.alert(title).count()) === 0;
    const status = (title) => tab.alertCell(title, 'status');
    const dialog = () => tab.page.getByRole('dialog');
    const show = async (words) => {
        await tab.page.goto(`${new URL(tab.page.url()).pathname}?status=${words}`);
        await tab.page.getByRole('table', { name: 'Alerts' }).waitFor();
    };

    test('an alert shows its rule, its curve with the levels, who else has it, and its past', async () => {
        await tab.alert(MEMORY).getByRole('button', { name: MEMORY }).click();
        const evidence = tab.page.getByRole('region', { name: /^Evidence: Memory/ });
        await evidence.getByRole('img', { name: /raises above 0\.1 %.*resolves below 0 %/ }).waitFor();
        await evidence.getByText('no other device has it').waitFor();
        await evidence.getByText(/^It was raised: /).waitFor();
        await assertClean('alert-evidence');
    });

    test('a note that is being written stays with its alert when another one comes in above it', async () => {
        const evidence = tab.page.getByRole('region', { name: /^Evidence: Memory/ });
        await evidence.getByRole('textbox').fill(HOSTILE);
        await scene.machine.run('systemctl', 'stop', 'rollcall-sample.service');
        await tab.alert(SAMPLE).waitFor();
        assert.equal(await evidence.getByRole('textbox').inputValue(), HOSTILE);
    });

    test('a note stands there as it was written, whatever it says', async () => {
        const evidence = tab.page.getByRole('region', { name: /^Evidence: Memory/ });
        await evidence.getByRole('button', { name: 'Add note' }).click();
        await evidence.getByRole('list', { name: 'Notes' }).getByText(HOSTILE).waitFor();
        await tab.alert(MEMORY).getByRole('button', { name: MEMORY }).click();
    });

    test('what is snoozed leaves the list of every technician, and is grey where it is asked for', async (t) => {
        await tab.alert(SAMPLE).getByRole('button', { name: /^Actions/ }).click();
        await assertClean('alert-menu');
        const snooze = tab.page.getByRole('menuitem', { name: 'Snooze until it changes' });
        await measure(t, 'snoozed → gone from another screen', SOON_MS, () => snooze.click(), () => isGone(other, SAMPLE));
        await show('open,snoozed');
        await status(SAMPLE).getByText('Snoozed').waitFor();
        assert.equal(await tab.alert(SAMPLE).getAttribute('data-tone'), 'quiet');
        await assertClean('alerts-snoozed');
        await tab.chooseAction(SAMPLE, 'Reopen');
        await status(SAMPLE).getByText('Open').waitFor();
    });

    test('a snooze has an end that a technician chooses', async () => {
        await tab.chooseAction(SAMPLE, 'Snooze…');
        await dialog().getByRole('radio', { name: 'Until…' }).check();
        await dialog().getByLabel('Until', { exact: true }).fill('2020-01-01T08:00');
        await dialog().getByText('Choose a time within the next year').waitFor();
        assert.ok(await dialog().getByRole('button', { name: 'Snooze' }).isDisabled());
        await assertClean('alert-snooze');
        await dialog().getByRole('radio', { name: 'For 1 hour' }).check();
        await dialog().getByRole('button', { name: 'Snooze' }).click();
        await status(SAMPLE).getByText('Snoozed').waitFor();
        await status(SAMPLE).locator('[data-tip]').hover();
        await tab.page.getByRole('tooltip').getByText(/^Snoozed by admin until \d\d\/\d\d\//).waitFor();
        await tab.chooseAction(SAMPLE, 'Reopen');
        await status(SAMPLE).getByText('Open').waitFor();
    });

    test('many are assigned, get a ticket, and are resolved together', async (t) => {
        for (const title of [SAMPLE, BROKEN]) await tab.selectAlert(title);
        const bar = tab.page.getByRole('group', { name: 'Selected alerts' });
        await bar.getByText('2 alerts selected').waitFor();
        await bar.getByRole('button', { name: 'Assign…' }).click();
        await dialog().getByLabel('Technician').selectOption({ label: 'admin' });
        await dialog().getByRole('button', { name: 'Assign', exact: true }).click();
        for (const title of [SAMPLE, BROKEN]) await tab.alertCell(title, 'assigned').getByText('admin').waitFor();
        await bar.getByRole('button', { name: 'Ticket…' }).click();
        await dialog().getByRole('textbox', { name: 'Ticket' }).fill('https://desk.example/tickets/INC-42');
        await dialog().getByRole('button', { name: 'Save the ticket' }).click();
        const link = tab.alertCell(BROKEN, 'ticket').getByRole('link', { name: 'INC-42' });
        assert.equal(await link.getAttribute('href'), 'https://desk.example/tickets/INC-42');
        await assertClean('alerts-selected');
        await measure(t, '2 resolved → gone from another screen', SOON_MS, () => bar.getByRole('button', { name: 'Resolve' }).click(),
            async () => (await isGone(other, SAMPLE)) && (await isGone(other, BROKEN)));
        await show('resolved');
        await status(BROKEN).locator('[data-tip]').hover();
        await tab.page.getByRole('tooltip').getByText(/Its cause goes on/).waitFor();
    });

    test('what a technician resolved is raised anew when its cause has ended and comes again', async () => {
        const { technician, machine } = scene;
        const alerts = async () => technician.alerts(await scene.device(), 'service_stopped');
        const [before] = await alerts();
        await machine.run('systemctl', 'start', 'rollcall-sample.service');
        await eventually(async () => !(await alerts())[0].cause_persists, 10_000, 'its cause has ended');
        await machine.run('systemctl', 'stop', 'rollcall-sample.service');
        const [fresh] = await eventually(async () => {
            const open = (await alerts()).filter((alert) => alert.status === 'open');
            return open.length > 0 && open;
        }, 10_000, 'it is raised anew');
        assert.notEqual(fresh.id, before.id);
    });

    test('the device of an alert is managed from its row', async () => {
        await show('open');
        await tab.alertCell(MEMORY, 'manage').getByRole('button', { name: /^Manage / }).click();
        const menu = tab.page.getByRole('menu', { name: /^Manage / });
        await menu.getByRole('menuitem', { name: 'Edit relations…' }).click();
        await dialog().getByRole('button', { name: 'Move' }).waitFor();
        await dialog().getByRole('button', { name: 'Cancel' }).click();
        await dialog().waitFor({ state: 'detached' });
    });

    test('of two who change the same alert the slower one is told who did what, and loses nothing', async () => {
        await show('open');
        await tab.chooseAction(MEMORY, 'Ticket…');
        await dialog().getByRole('textbox', { name: 'Ticket' }).fill('T-2');
        const memory = (await scene.technician.alerts(await scene.device(), 'memory_used'))[0];
        await scene.technician.post('/alerts/ticket', { alerts: { ids: [memory.id], versions: null }, ticket: 'T-1' });
        await dialog().getByRole('button', { name: 'Save the ticket' }).click();
        const report = tab.page.getByRole('dialog', { name: 'Somebody was faster' });
        await report.getByText('Since you looked, admin set its ticket to "T-1".').waitFor();
        await assertClean('alert-conflict');
        await report.getByRole('button', { name: 'Load what is there now' }).click();
        await tab.alertCell(MEMORY, 'ticket').getByText('T-1').waitFor();
    });

    test('nothing broke on the way', () => {
        assert.deepEqual(window.faults, []);
    });
});
