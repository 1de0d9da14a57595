// A technician's first minutes, from the password on the terminal to an alert, with a real device; every page is looked
// at in both sizes and both colours.
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, before, describe, test } from 'node:test';

import { LocalAgent, enrolAgent } from '../device/agent.mjs';
import { PASSWORD, Technician } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { makeRelease } from '../device/releases.mjs';
import { CUSTOMER, DEVICE, Scene } from '../device/scene.mjs';
import { Window, openBrowser } from './page.mjs';

describe('a technician walks through the page', { timeout: 600_000 }, () => {
    let scene;
    let browser;
    let window;
    let tab;
    let thisMachine;

    before(async () => {
        scene = await Scene.open({ enrol: false });
        browser = await openBrowser();
        window = await Window.open(browser, scene.collector.origin);
        tab = await window.tab();
    });
    after(async () => {
        await browser?.close();
        await thisMachine?.stop();
        await scene?.close();
    });

    const assertClean = async (name) => assert.deepEqual(await tab.inspect(name), []);

    test('a wrong password is told, and lets nobody in', async () => {
        await assertClean('log-in');
        await tab.logIn('not the password');
        await tab.page.getByText(/wrong/i).first().waitFor();
        await assertClean('log-in-wrong');
    });

    test('the first password lets in once, to choose another', async () => {
        const first = await scene.collector.firstPassword();
        await tab.logIn(first);
        await tab.seesHeading('Choose your own password');
        await assertClean('first-password');
        await tab.choosePassword(first, PASSWORD);
        await tab.seesHeading('Customers');
        await assertClean('customers-empty');
    });

    test('a customer is added and has no devices yet', async () => {
        await tab.addCustomer(CUSTOMER);
        await assertClean('devices-empty');
    });

    test('the device that enrols is there, with what it is', async () => {
        scene.technician = await Technician.logIn(scene.collector);
        await enrolAgent(scene.machine, await scene.collector.createToken(CUSTOMER));
        await scene.settle();
        await eventually(() => tab.shows(tab.cell(DEVICE, 'availability'), 'Online'), 10_000, 'the device is online on the page');
        await eventually(() => tab.shows(tab.cell(DEVICE, 'patches'), '2'), 10_000, 'its patches are on the page');
        assert.ok(await tab.shows(tab.cell(DEVICE, 'os'), 'Debian GNU/Linux 12'));
    });

    test('this very machine stands beside it', async () => {
        thisMachine = await LocalAgent.start(await scene.collector.createToken(CUSTOMER));
        const seen = (column, text) => eventually(() => tab.shows(tab.cell(hostname(), column), text), 30_000,
            `${column} of this machine shows ${text}`);
        await seen('availability', 'Online');
        await seen('memory', 'GiB');
        await seen('cpu', '%');
        await seen('services', /unknown|of \d+/); // systemd may or may not manage it
        await assertClean('devices');
    });

    test('the device page shows what its probes told', async () => {
        await tab.openDevice(DEVICE);
        await tab.page.getByText('Debian GNU/Linux 12').first().waitFor();
        const ranges = tab.page.getByRole('navigation', { name: 'Range of the charts' });
        await assertClean('device');
        await ranges.getByRole('link').last().click();
        await ranges.getByRole('link', { name: '1 y', exact: true }).and(tab.page.locator('[aria-current]')).waitFor();
        await assertClean('device-year');
        for (const section of ['Services', 'Available patches', 'Installed software', 'Software']) {
            const link = tab.page.getByRole('link', { name: new RegExp(`^${section}`) }).first();
            if ((await link.count()) === 0) continue;
            await link.click();
            await tab.page.getByRole('heading', { name: section, level: 2 }).waitFor();
            await assertClean(`device-${section.toLowerCase().replaceAll(' ', '-')}`);
        }
    });

    test('the alert of the service that failed at boot explains itself and leads back to the device', async () => {
        await tab.page.goto('/');
        await assertClean('customers');
        await tab.openCustomer(CUSTOMER);
        await tab.openTab('Alerts');
        const alert = tab.alert(/rollcall-broken/);
        await alert.waitFor();
        await alert.getByRole('button').first().click();
        await assertClean('alerts');
        await alert.getByRole('link', { name: DEVICE }).click();
        await tab.seesHeading(DEVICE);
    });

    test('what a damaged file on the device cost stands in its history, with its reason', async () => {
        const spool = '/var/lib/rollcall-agent/spool.db';
        await scene.machine.run('systemctl', 'stop', 'rollcall-agent');
        await tab.page.getByText('Still to come').locator('xpath=..').getByText('unknown').waitFor();
        await scene.machine.run('dd', 'if=/dev/zero', `of=${spool}`, 'bs=4096', 'count=1', 'conv=notrunc');
        await scene.machine.run('systemctl', 'start', 'rollcall-agent');
        await tab.page.getByRole('link', { name: 'History', exact: true }).click();
        await tab.page.getByText('Lost: an unknown number of events').waitFor();
        await tab.page.getByText('The file in which the device kept them was damaged.').first().waitFor();
        await tab.page.getByText('Still to come').waitFor({ state: 'detached' });
        await assertClean('device-losses');
    });

    test('without a release the updates say so, and the dialog shows the way by hand', async () => {
        await tab.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Updates' }).click();
        await tab.page.getByText('No release of the agent yet').waitFor();
        await assertClean('updates-empty');
        await tab.page.goto('/');
        await tab.openCustomer(CUSTOMER);
        assert.match(await tab.makeCommand(), /rollcall-agent enrol --token-file -/);
        await assertClean('add-device-by-hand');
        await tab.page.getByRole('dialog').getByRole('button', { name: 'Revoke the command' }).click();
    });

    test('with a release there is one line for each system, and what each device does about it', async () => {
        const version = '99.0.0';
        const file = (kind, system) => ({ kind, system, content: `${kind} for ${system}` });
        await scene.collector.addRelease(makeRelease({ version, waves: [{ percent: 100, after_h: 24 }], files: {
            'agent-linux': file('program', 'linux'), 'agent.deb': file('deb', 'linux'), 'agent.msi': file('msi', 'windows') } }));
        await scene.collector.stop();
        await scene.collector.restart();
        await tab.page.goto('/updates');
        await tab.page.getByRole('heading', { name: version }).waitFor();
        await tab.page.getByText(/Waits for wave 1/).first().waitFor();
        await assertClean('updates');
        await tab.page.getByRole('region', { name: 'For all devices' }).getByLabel('Updates').selectOption({ label: 'Paused' });
        await tab.page.getByText(/Paused for all/).first().waitFor();
        await tab.page.getByRole('link', { name: DEVICE }).click();
        await tab.page.getByText('paused (for all)').waitFor();
        await assertClean('device-updates');
        await tab.page.goto('/');
        await tab.openCustomer(CUSTOMER);
        await tab.openTab('Updates');
        await tab.page.getByRole('region', { name: 'For this customer' }).waitFor();
        await assertClean('customer-updates');
        assert.match(await tab.makeCommand(), /^s=\$\(curl .*\/install\/linux\.sh/);
        assert.match(await tab.commandFor('Windows'), /^\$s = curl\.exe .*\/install\/windows\.ps1/);
        await assertClean('add-device');
        await tab.page.getByRole('dialog').getByRole('tab', { name: 'macOS' }).click();
        await tab.page.getByText(/no package for macos/).waitFor();
        await tab.page.getByRole('dialog').getByRole('button', { name: 'Revoke the command' }).click();
    });

    test('nothing broke on the way', () => {
        assert.deepEqual(window.faults, []);
    });
});
