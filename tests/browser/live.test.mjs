// What happens on a real machine is on the page at once, without a reload; each test prints how long it took.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PASSWORD, Technician } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { CUSTOMER, DEVICE, Scene, measure } from '../device/scene.mjs';
import { Window, openBrowser } from './page.mjs';

const SOON_MS = 1_000;
const HOLD_MS = 2_000;
// A machine that vanishes without a word is noticed by its silence.
const SILENT_MS = 30_000;
// The device's own TCP has to notice, too, that the old connection is gone.
const BACK_MS = 60_000;

describe('what happens on the machine is on the page', { timeout: 600_000 }, () => {
    let scene;
    let browser;
    let devices;
    let alerts;
    let machine;

    before(async () => {
        scene = await Scene.open({ enrol: false });
        machine = scene.machine;
        browser = await openBrowser();
        const window = await Window.open(browser, scene.collector.origin);
        devices = await window.tab();
        const first = await scene.collector.firstPassword();
        await devices.logIn(first);
        await devices.choosePassword(first, PASSWORD);
        await devices.seesHeading('Customers');
        await devices.addCustomer(CUSTOMER);
        alerts = await window.tab(new URL(devices.page.url()).pathname);
        await alerts.openTab('Alerts');
        scene.technician = await Technician.logIn(scene.collector);
    });
    after(async () => {
        await browser?.close();
        await scene?.close();
    });

    const cellShows = (column, words) => devices.shows(devices.cell(DEVICE, column), words);
    const alertIsOpen = async (title) => (await alerts.alert(title).count()) > 0;

    test('the command of "Add device" brings the device, and the dialog turns green', async (t) => {
        const command = (await devices.makeCommand()).replaceAll('sudo ', '');
        await measure(t, 'command run → device arrived', 5_000,
            () => machine.run('sh', '-c', command),
            () => devices.shows(devices.arrival(), '1 device arrived'));
        await devices.page.getByRole('button', { name: 'Done' }).click();
        await scene.settle();
        await eventually(() => cellShows('availability', 'Online'), 5_000, 'the device is online on the page');
    });

    test('its patches are counted, and those for security', async () => {
        await eventually(() => cellShows('patches', /^2\s*1 security/), 5_000, '2 patches, 1 for security');
    });

    test('a service that stops is an alert, and its start resolves it', async (t) => {
        await measure(t, `service stopped → alert on the page (held for ${HOLD_MS} ms)`, HOLD_MS + 2_000,
            () => machine.run('systemctl', 'stop', 'rollcall-sample.service'),
            () => alertIsOpen(/rollcall-sample/));
        await measure(t, 'service started → resolved on the page', 2_000,
            () => machine.run('systemctl', 'start', 'rollcall-sample.service'),
            async () => !(await alertIsOpen(/rollcall-sample/)));
    });

    test('a log-in is the last login', async (t) => {
        assert.ok(!(await cellShows('last_login', 'alice')));
        await measure(t, 'log-in → Last login on the page', SOON_MS,
            () => machine.logIn('alice'), () => cellShows('last_login', 'alice'));
    });

    test('/run/reboot-required is "Reboot required", with its reason', async (t) => {
        await machine.run('sh', '-c', 'echo linux-image-amd64 >/run/reboot-required.pkgs');
        await measure(t, 'reboot-required → "Reboot required" on the page', SOON_MS,
            () => machine.run('touch', '/run/reboot-required'), () => cellShows('pending_reboot', 'Reboot required'));
        await devices.cell(DEVICE, 'pending_reboot').getByRole('button').click();
        const reasons = devices.page.getByRole('dialog', { name: /reboot/i });
        await eventually(() => devices.shows(reasons, 'linux-image-amd64'), 5_000, 'the packages are named');
        await devices.page.keyboard.press('Escape');
    });

    test('an unplugged network is offline by its silence, with an alert, and comes back', async (t) => {
        await measure(t, 'network unplugged → offline on the page', SILENT_MS,
            () => machine.unplug(), () => cellShows('availability', 'Offline'));
        await eventually(() => alertIsOpen(/offline/i), 5_000, 'the offline alert is on the page');
        await measure(t, 'network plugged → online on the page', BACK_MS,
            () => machine.plug(), () => cellShows('availability', 'Online'));
        await eventually(async () => !(await alertIsOpen(/offline/i)), 5_000, 'the offline alert resolves');
    });

    test('power off is offline at once', async (t) => {
        await machine.powerOff();
        await measure(t, 'powered off → offline on the page', SOON_MS, () => {}, () => cellShows('availability', 'Offline'));
        await machine.boot();
        await measure(t, 'booted → online on the page', 15_000, () => {}, () => cellShows('availability', 'Online'));
        await eventually(() => cellShows('pending_reboot', /^No/), 10_000, 'no reboot is required any more');
    });

    test('a device that a technician retires is cut off and shown so', async (t) => {
        await devices.openDevice(DEVICE);
        await devices.page.getByRole('button', { name: 'Retire', exact: true }).click();
        const retire = devices.page.getByRole('dialog').getByRole('button', { name: 'Retire', exact: true });
        await retire.click({ trial: true });
        await measure(t, 'retired → shown', 5 * SOON_MS, () => retire.click(),
            () => devices.page.getByText('Retired', { exact: true }).isVisible());
    });
});
