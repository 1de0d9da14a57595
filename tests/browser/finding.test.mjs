// How a technician finds what matters in long lists: by each key of the searches, by filters, by columns of his own, and
// by folders. The devices are simulated, so that each differs from the others in what it is found by.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Collector, PASSWORD, QUICK_THRESHOLDS, Technician } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { SimulatedDevice } from './device.mjs';
import { DESKTOP, PHONE, Window, openBrowser } from './page.mjs';

const THRESHOLDS = `${QUICK_THRESHOLDS}
[reboot_pending]
raise_hold_s = 0

[volume_free_low]
raise_hold_s = 0
`;
const SOON_MS = 5_000;
const TICKET = 'INC-77';

const BACKUP = /^Service backup has failed/;
const REBOOT = /^Reboot has been pending/;
const OFFLINE = /^Device is offline/;
const VOLUME = /^Volume \/ is getting full/;

describe('a technician finds devices and alerts', { timeout: 600_000 }, () => {
    const simulated = [];
    let collector;
    let technician;
    let browser;
    let window;
    let tab;
    let page;
    let harbour;

    async function enrol(customer, name, type, family, address) {
        const wish = { customer_id: customer.id, uses: 1, expires_in_s: 3600 };
        const token = await technician.post('/enrolment-tokens', wish);
        const device = await SimulatedDevice.enrol(collector, token.word, name);
        simulated.push(device);
        await device.connect();
        device.tell('os', { '': { family, host_name: name } });
        device.tell('hardware', { '': { device_type: type } });
        device.tell('addresses', { [address]: { interface: 'eth0' } });
        return device;
    }

    const hasAlerts = async () => (await technician.get('/alerts?status=open')).total === 4;

    /** A server, a PC, a Mac, and a PC of another customer; each has another alert. */
    async function populate() {
        harbour = await technician.post('/customers', { name: 'Harbour Ltd' });
        const meadow = await technician.post('/customers', { name: 'Meadow Ltd' });
        const mercury = await enrol(harbour, 'mercury', 'Server', 'linux', '198.51.100.7');
        mercury.tell('services', { backup: { state: 'failed', expected: true } });
        const venus = await enrol(harbour, 'venus', 'PC', 'windows', '203.0.113.8');
        venus.tell('pending_reboot', { update: { pending: true, reason: 'An update' } });
        const mars = await enrol(harbour, 'mars', 'PC', 'macos', '198.51.100.9');
        const pluto = await enrol(meadow, 'pluto', 'PC', 'linux', '198.51.100.10');
        pluto.read('volume_usage', [['/', 8, 8_000_000]]);
        const isKnown = ({ device_type: type }) => type.value !== null;
        await eventually(async () => (await technician.devices()).every(isKnown), SOON_MS, 'all are known');
        mars.drop();
        const row = await technician.device('venus');
        await technician.put(`/devices/${venus.id}`,
            { assigned_name: 'Till 4', folder_id: null, monitored: true, version: row.version });
        await eventually(hasAlerts, 4 * SOON_MS, 'each has its alert');
    }

    before(async () => {
        collector = await Collector.start({ thresholds: THRESHOLDS });
        technician = await Technician.first(collector);
        await populate();
        browser = await openBrowser();
        window = await Window.open(browser, collector.origin);
        tab = await window.tab('/devices');
        page = tab.page;
        await tab.logIn(PASSWORD);
        await tab.seesHeading('Devices');
    });
    after(async () => {
        await browser?.close();
        for (const device of simulated) device.drop();
        await collector?.stop();
    });

    const assertClean = async (name) => assert.deepEqual(await tab.inspect(name), []);
    const dialog = () => page.getByRole('dialog');
    const button = (name) => page.getByRole('button', { name, exact: true });
    const filters = () => page.getByRole('group', { name: 'Filters' });
    /** The devices of the rows, in either list. */
    const listed = () => page.locator('td[data-column="name"] a, td[data-column="device"] a').allInnerTexts();

    async function finds(what, ...devices) {
        const wanted = devices.toSorted().join(', ');
        let seen = '';
        const isSo = async () => {
            seen = (await listed()).toSorted().join(', ');
            return seen === wanted;
        };
        await eventually(isSo, SOON_MS, what).catch(() => assert.equal(seen, wanted, what));
    }

    async function search(text) {
        await page.locator('main').getByRole('searchbox').fill(text);
    }

    /** Sets a filter with a menu to these words. */
    async function choose(menu, ...words) {
        const opener = filters().getByRole('button', { name: new RegExp(`^${menu}(:|$)`) });
        await opener.click();
        const boxes = dialog().getByRole('checkbox');
        await boxes.first().waitFor();
        for (const box of await boxes.all()) await box.setChecked(words.includes(await box.getAttribute('value')));
        await page.keyboard.press('Escape');
        await boxes.first().waitFor({ state: 'detached' });
    }

    async function inBothSizes(act) {
        for (const size of [PHONE, DESKTOP]) {
            await page.setViewportSize({ width: size.width, height: size.height });
            await act();
        }
    }

    describe('on Devices', () => {
        test('search finds device name, machine name and IP address, and nothing else', async () => {
            await inBothSizes(async () => {
                await search('TILL');
                await finds('by the name that it was given', 'Till 4');
                await search('venus');
                await finds('by the name that it gives itself', 'Till 4');
                await search('203.0.113');
                await finds('by its address', 'Till 4');
                await search('Harbour');
                await page.getByText('No device matches these filters').waitFor();
                await search('');
                await finds('all', 'mars', 'mercury', 'pluto', 'Till 4');
            });
        });

        test('a device is found by the severity of its alerts', async () => {
            await choose('Alert severity', 'critical');
            await finds('critical', 'mercury');
            await choose('Alert severity', 'critical', 'information');
            await finds('critical and information', 'mars', 'mercury');
            await choose('Alert severity', 'warning');
            await finds('warning', 'pluto', 'Till 4');
        });

        test('severity and category filters mean one and the same alert', async () => {
            await choose('Alert category', 'Disk');
            await finds('a warning of a disk', 'pluto');
            await choose('Alert severity');
            await choose('Alert category', 'General', 'Availability');
            await finds('two categories', 'mars', 'mercury', 'Till 4');
            await filters().getByRole('button', { name: 'Alert category: Availability, General' }).click();
            await assertClean('devices-filter-menu');
            await page.keyboard.press('Escape');
            await button('Clear filters').click();
            await finds('all', 'mars', 'mercury', 'pluto', 'Till 4');
        });

        test('devices that wait for a reboot are found', async () => {
            await inBothSizes(async () => {
                await filters().getByLabel('Pending reboot').check();
                await finds('one waits', 'Till 4');
                await filters().getByLabel('Pending reboot').uncheck();
                await finds('all', 'mars', 'mercury', 'pluto', 'Till 4');
            });
        });

        test('who is not monitored any more is found, and raises no alerts', async () => {
            await page.getByLabel('Select pluto', { exact: true }).check();
            const bar = page.getByRole('group', { name: 'Selected devices' });
            await bar.getByRole('button', { name: 'Do not monitor…' }).click();
            await dialog().getByRole('button', { name: 'Do not monitor' }).click();
            await dialog().waitFor({ state: 'detached' });
            await choose('Monitored', 'no');
            await finds('one is not monitored', 'pluto');
            await choose('Monitored', 'yes');
            await finds('the others are', 'mars', 'mercury', 'Till 4');
            await choose('Monitored');
            await choose('Alert category', 'Disk');
            await page.getByText('No device matches these filters').waitFor();
            await button('Clear filters').first().click();
            await technician.post('/devices/monitor', { ids: [simulated[3].id], monitored: true });
            simulated[3].read('volume_usage', [['/', 7, 7_000_000]]);
            await eventually(hasAlerts, SOON_MS, 'it raises alerts again');
        });
    });

    describe('by folders', () => {
        const tree = () => page.getByRole('navigation', { name: 'Folders' });

        test('a folder that is removed gives its devices and folders to the one that it lies in', async () => {
            const add = (wish) => technician.post(`/customers/${harbour.id}/folders`, wish);
            const pier = await add({ name: 'Pier', parent_id: null });
            const shed = await add({ name: 'Shed', parent_id: pier.id });
            const ids = [simulated[0].id];
            await technician.post('/devices/move', { ids, customer_id: harbour.id, folder_id: shed.id });
            await page.goto(`/customers/${harbour.id}/devices?folder=${shed.id}`);
            await finds('what lies in the folder', 'mercury');
            await tree().getByRole('button', { name: 'Actions for folder Shed' }).click();
            await page.getByRole('menuitem', { name: 'Delete…' }).click();
            await dialog().getByText('goes up into Pier.').waitFor();
            await assertClean('folder-delete');
            await dialog().getByRole('button', { name: 'Delete folder' }).click();
            await dialog().waitFor({ state: 'detached' });
            await finds('all, since the chosen folder is gone', 'mars', 'mercury', 'Till 4');
            await eventually(() => tab.shows(tab.cell('mercury', 'folder'), /^Pier$/), SOON_MS, 'it went up');
            assert.equal(await tree().getByRole('button', { name: 'Actions for folder Shed' }).count(), 0);
        });

        test('devices of a removed folder that lay in none stand in no folder', async () => {
            await tree().getByRole('button', { name: 'Actions for folder Pier' }).click();
            await page.getByRole('menuitem', { name: 'Delete…' }).click();
            await dialog().getByText('stands in no folder then.').waitFor();
            await dialog().getByRole('button', { name: 'Delete folder' }).click();
            await dialog().waitFor({ state: 'detached' });
            await eventually(() => tab.shows(tab.cell('mercury', 'folder'), 'none'), SOON_MS, 'it lies in no folder');
            await tree().getByRole('button', { name: 'Add the first one' }).waitFor();
        });
    });

    describe('on Alerts', () => {
        before(async () => {
            const [alert] = (await technician.get(`/alerts?device=${simulated[2].id}`)).items;
            await technician.post('/alerts/ticket', { alerts: { ids: [alert.id], versions: null }, ticket: TICKET });
            await page.goto('/alerts');
            await tab.seesHeading('Alerts');
        });

        test('search finds by each of its seven keys', async () => {
            await inBothSizes(async () => {
                for (const [key, text, ...devices] of [
                    ['title', 'getting full', 'pluto'],
                    ['customer', 'harbour', 'mars', 'mercury', 'Till 4'],
                    ['device', 'till 4', 'Till 4'],
                    ['severity', 'critical', 'mercury'],
                    ['category', 'general', 'Till 4'],
                    ['ticket', TICKET.toLowerCase(), 'mars'],
                    ['status', 'open', 'mars', 'mercury', 'pluto', 'Till 4'],
                ]) {
                    await search(text);
                    await finds(key, ...devices);
                }
                await search('198.51.100.7');
                await page.getByText('No alert matches these filters').waitFor();
                await search('');
                await finds('all', 'mars', 'mercury', 'pluto', 'Till 4');
            });
        });

        test('alerts are filtered by category', async () => {
            await choose('Category', 'Availability', 'Disk');
            await finds('two categories', 'mars', 'mercury', 'pluto');
            await choose('Category', 'General');
            await finds('one category', 'Till 4');
            await choose('Category');
        });

        test('alerts are filtered by the type of their device', async () => {
            for (const [type, ...devices] of [['Server', 'mercury'], ['Mac', 'mars'], ['PC', 'pluto', 'Till 4']]) {
                await choose('Device type', type);
                await finds(type, ...devices);
            }
            await choose('Device type', 'Server', 'Mac');
            await finds('two types', 'mars', 'mercury');
            await button('Clear filters').click();
        });

        test('columns are hidden, shown and arranged, and stay so; those that are permanent do not', async () => {
            const head = page.locator('th[data-column]');
            const heads = () => head.evaluateAll((cells) => cells.map(({ dataset }) => dataset.column));
            const begin = await heads();
            await button('Columns').click();
            for (const name of ['Alert title', 'Manage device'])
                assert.equal(await dialog().getByRole('checkbox', { name, exact: true }).count(), 0, name);
            await dialog().getByRole('checkbox', { name: 'Ticket', exact: true }).uncheck();
            await button('Move Severity to the left').click();
            await dialog().getByLabel('Width of Category in pixels').fill('222');
            await page.keyboard.press('Tab');
            await assertClean('alerts-columns');
            await page.keyboard.press('Escape');
            const wanted = begin.filter((id) => id !== 'ticket' && id !== 'severity');
            wanted.splice(begin.indexOf('severity') - 1, 0, 'severity');
            assert.deepEqual(await heads(), wanted);
            await page.reload();
            await finds('all', 'mars', 'mercury', 'pluto', 'Till 4');
            assert.deepEqual(await heads(), wanted);
            const { width } = await page.locator('th[data-column="category"]').boundingBox();
            assert.ok(width >= 222, `${width} px`);
            await button('Columns').click();
            await dialog().getByRole('button', { name: 'Reset columns and density' }).click();
            await page.keyboard.press('Escape');
            assert.deepEqual(await heads(), begin);
        });

        test('a snoozed alert is found by the word of its status', async () => {
            await tab.chooseAction(REBOOT, 'Snooze until it changes');
            await eventually(async () => (await tab.alert(REBOOT).count()) === 0, SOON_MS, 'it is out of the way');
            await choose('Status', 'open', 'snoozed');
            await search('snoozed');
            await finds('the one that is snoozed', 'Till 4');
            await tab.alertCell(REBOOT, 'status').getByText('Snoozed').waitFor();
            await choose('Status', 'open');
            await search('');
            for (const title of [BACKUP, OFFLINE, VOLUME]) await tab.alert(title).waitFor();
        });
    });

    test('nothing broke on the way', () => {
        assert.deepEqual(window.faults, []);
    });
});
