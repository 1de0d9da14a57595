// How a technician arranges customers, folders, devices and contacts. The devices are simulated, and say nothing: what
// they tell does not matter here.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Collector, PASSWORD, Technician } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { SimulatedDevice } from './device.mjs';
import { Window, openBrowser } from './page.mjs';

const SOON_MS = 2_000;

const FILE = 'Name;E-Mail;Job title;Device\nBob;bob@acme.example;Caretaker;front-desk\nNobody;nowhere;;\n';

describe('a technician arranges customers and devices', { timeout: 600_000 }, () => {
    let collector;
    let technician;
    let browser;
    let tab;
    let page;
    let acme;

    before(async () => {
        collector = await Collector.start();
        technician = await Technician.first(collector);
        acme = await technician.post('/customers', { name: 'Acme' });
        await technician.post('/customers', { name: 'Bolt' });
        const token = await technician.post('/enrolment-tokens', { customer_id: acme.id, uses: 10, expires_in_s: 3600 });
        for (const name of ['front-desk', 'kitchen', 'old-till']) await SimulatedDevice.enrol(collector, token.word, name);
        browser = await openBrowser();
        tab = await (await Window.open(browser, collector.origin)).tab();
        page = tab.page;
        await tab.logIn(PASSWORD);
        await tab.seesHeading('Customers');
        await tab.openCustomer('Acme');
    });
    after(async () => {
        await browser?.close();
        await collector?.stop();
    });

    const assertClean = async (name) => assert.deepEqual(await tab.inspect(name), []);
    const dialog = () => page.getByRole('dialog');
    const press = (name) => dialog().getByRole('button', { name, exact: true }).click();
    const closed = () => dialog().waitFor({ state: 'detached' });
    const tree = () => page.getByRole('navigation', { name: 'Folders' });
    const select = (device) => page.getByLabel(`Select ${device}`, { exact: true }).check();
    const bulk = (name) => page.getByRole('group', { name: 'Selected devices' }).getByRole('button', { name }).click();
    const isListed = async (device) => (await tab.deviceRow(device).count()) > 0;

    /** What of a device is dragged, and the folder to drop it on. */
    const row = (device) => tab.deviceRow(device).getByRole('link', { name: device, exact: true });
    const place = (folder) => tree().getByRole('button', { name: new RegExp(`^${folder} \\d+$`) });

    async function addFolder(name) {
        await tree().getByRole('button', { name: 'Add folder', exact: true }).click();
        await dialog().getByLabel('Folder name').fill(name);
        await press('Save folder');
        await closed();
    }

    test('folders are made, and devices are moved into them together', async () => {
        await addFolder('House');
        await tree().getByRole('button', { name: 'Actions for folder House' }).click();
        await page.getByRole('menuitem', { name: 'Add folder in it…' }).click();
        await dialog().getByLabel('Folder name').fill('Ground floor');
        await press('Save folder');
        await closed();
        await select('front-desk');
        await select('kitchen');
        await bulk('Edit relations…');
        await dialog().getByLabel('Folder').selectOption({ label: 'House / Ground floor' });
        await press('Move');
        await closed();
        await eventually(() => tab.shows(tab.cell('kitchen', 'folder'), 'House / Ground floor'), SOON_MS, 'moved');
        await tree().getByRole('button', { name: 'House 2', exact: true }).click();
        await eventually(async () => !(await isListed('old-till')), SOON_MS, 'only the folder is shown');
        await assertClean('devices-folder');
        await tree().getByRole('button', { name: 'All devices', exact: true }).click();
        await eventually(() => isListed('old-till'), SOON_MS, 'all are shown again');
    });

    test('the devices of a folder are selected at once', async () => {
        await tree().getByRole('button', { name: 'Actions for folder House' }).click();
        await page.getByRole('menuitem', { name: 'Select its devices' }).click();
        await page.getByText('2 devices selected').waitFor();
        await bulk('Do not monitor…');
        await press('Do not monitor');
        await closed();
        assert.equal((await technician.get('/devices?monitored=false')).total, 2);
    });

    test('a device is dragged onto a folder, and taken back', async () => {
        await row('old-till').dragTo(place('House'));
        await eventually(() => tab.shows(tab.cell('old-till', 'folder'), /^House$/), SOON_MS, 'moved');
        await tree().getByText('House', { exact: true }).waitFor();
        const told = page.getByRole('complementary', { name: 'Folders of this customer' }).getByRole('status');
        await told.getByText('1 device moved into House.').waitFor();
        await assertClean('devices-dragged');
        await told.getByRole('button', { name: 'Undo' }).click();
        await eventually(() => tab.shows(tab.cell('old-till', 'folder'), 'none'), SOON_MS, 'it is back');
        await told.getByText('1 device moved back.').waitFor();
    });

    test('selected devices are dragged together', async () => {
        await select('old-till');
        await select('kitchen');
        await row('kitchen').dragTo(place('House'));
        for (const device of ['old-till', 'kitchen'])
            await eventually(() => tab.shows(tab.cell(device, 'folder'), /^House$/), SOON_MS, `${device} moved`);
        await page.getByText('2 devices selected').waitFor({ state: 'detached' });
        assert.ok(await tab.shows(tab.cell('front-desk', 'folder'), 'House / Ground floor'));
        await row('kitchen').dragTo(tree().getByRole('button', { name: /^In no folder/ }));
        await eventually(() => tab.shows(tab.cell('kitchen', 'folder'), 'none'), SOON_MS, 'it lies in none');
    });

    test('a folder is dragged into another, never round in a circle, and a refusal says why', async () => {
        const paths = async () => (await technician.get(`/customers/${acme.id}/folders`)).items.map(({ path }) => path);
        await place('House').dragTo(place('Ground floor'));
        assert.deepEqual(await paths(), ['House', 'House / Ground floor']);
        await place('Ground floor').dragTo(tree().getByRole('button', { name: 'All devices', exact: true }));
        await eventually(async () => (await paths()).includes('Ground floor'), SOON_MS, 'it is at the top');
        await eventually(() => tab.shows(tab.cell('front-desk', 'folder'), /^Ground floor$/), SOON_MS, 'its devices, too');
        const [top] = (await technician.get(`/customers/${acme.id}/folders`)).items;
        await technician.post(`/customers/${acme.id}/folders`, { name: 'House', parent_id: top.id });
        await place('House').nth(1).waitFor();
        await place('House').first().dragTo(tree().getByRole('button', { name: 'All devices', exact: true }));
        await page.getByRole('dialog', { name: 'It was not moved' }).getByRole('alert').waitFor();
        await page.keyboard.press('Escape');
        await closed();
    });

    test('a row opens to the reasons behind it', async () => {
        await page.getByRole('button', { name: 'Reasons of kitchen', exact: true }).click();
        await page.getByRole('region', { name: 'Available patches' }).waitFor();
        await assertClean('devices-reasons');
        await page.getByRole('button', { name: 'Reasons of kitchen', exact: true }).click();
    });

    test('a favourite is found by its filter', async () => {
        await page.getByRole('button', { name: 'Make kitchen a favourite' }).click();
        await page.getByRole('button', { name: 'kitchen is a favourite' }).waitFor();
        await page.getByLabel('Favourites').check();
        await eventually(async () => (await isListed('kitchen')) && !(await isListed('old-till')), SOON_MS, 'one is left');
        await page.getByLabel('Favourites').uncheck();
    });

    test('who edits what somebody else has changed meanwhile is told so', async () => {
        await tab.openDevice('kitchen');
        await page.getByRole('button', { name: 'Edit', exact: true }).click();
        await dialog().getByLabel('Device name').fill('Canteen');
        const device = await technician.device('kitchen');
        await technician.put(`/devices/${device.id}`,
            { assigned_name: 'Cook', folder_id: null, monitored: true, version: device.version });
        await press('Save device');
        await dialog().getByText('Somebody has changed this meanwhile.').waitFor();
        await assertClean('device-conflict');
        await press('Cancel');
        await closed();
        await tab.seesHeading('Cook');
    });

    test('a device is retired, and what is lost is said before it is deleted for ever', async () => {
        await tab.page.goto(`/customers/${acme.id}/devices`);
        await select('old-till');
        await bulk('Retire…');
        await press('Retire');
        await closed();
        await eventually(async () => !(await isListed('old-till')), SOON_MS, 'the list leaves it out');
        await page.goto(`/customers/${acme.id}/devices?availability=retired`);
        await select('old-till');
        await bulk('Delete for ever…');
        await dialog().getByRole('region', { name: 'What is lost' }).getByText('old-till').waitFor();
        assert.ok(await dialog().getByRole('button', { name: 'Delete for ever' }).isDisabled());
        await assertClean('device-purge');
        await dialog().getByLabel('I know that this cannot be undone').check();
        await press('Delete for ever');
        await closed();
        assert.equal((await technician.get('/devices?availability=retired')).total, 0);
    });

    test('what is known of a customer is written down, and the chosen fields stand above its page', async () => {
        await tab.openTab('Overview');
        await page.getByRole('button', { name: 'Edit', exact: true }).click();
        await dialog().getByLabel('Phone').fill('+49 30 123');
        await dialog().getByLabel('Rank').selectOption('A');
        await dialog().getByLabel('Website').fill('javascript:alert(1)');
        await dialog().getByRole('button', { name: 'Add custom field' }).click();
        await dialog().getByLabel('Name of field 1').fill('Door code');
        await dialog().getByLabel('Value of field 1').fill('1234');
        await press('Save details');
        await dialog().getByText('A website begins with https:// or http://.').waitFor();
        await dialog().getByLabel('Website').fill('https://acme.example');
        await press('Save details');
        await closed();
        await page.getByRole('button', { name: 'Choose pinned fields' }).click();
        await dialog().getByRole('checkbox', { name: 'Door code' }).check();
        await press('Save pinned fields');
        await closed();
        await page.locator('dl[aria-label="Pinned fields"]').getByText('1234').waitFor();
        await assertClean('customer-overview');
    });

    test('contacts come from a file, line by line', async () => {
        await tab.openTab('Contacts');
        await assertClean('contacts-empty');
        await page.getByRole('button', { name: 'Import CSV' }).click();
        await dialog().getByLabel('Or paste its text').fill(FILE);
        await press('Check');
        await dialog().getByText('1 contact would be added, 1 line not.').waitFor();
        await assertClean('contacts-import');
        await press('Add 1 contact');
        await dialog().getByText('1 contact added, 1 line not.').waitFor();
        await dialog().locator('button[type="submit"]').click();
        await closed();
        await page.getByRole('button', { name: 'Bob', exact: true }).waitFor();
        await assertClean('contacts');
    });

    test('customers are found by rank and favourite', async () => {
        await page.goto('/');
        await page.getByRole('button', { name: 'Make Acme a favourite' }).click();
        await page.getByRole('button', { name: 'Acme is a favourite' }).waitFor();
        await page.getByLabel('Rank', { exact: true }).click();
        await page.getByRole('checkbox', { name: 'A', exact: true }).check();
        await eventually(async () => (await page.getByRole('link', { name: 'Bolt', exact: true }).count()) === 0, SOON_MS,
            'only those of rank A');
        await page.keyboard.press('Escape');
        await assertClean('customers');
    });
});
