// What a technician does with a list: filters it by a form and by text, keeps it as a view, takes it as CSV, and gets about
// by keys alone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { after, before, describe, test } from 'node:test';

import { LocalAgent } from '../device/agent.mjs';
import { Collector, PASSWORD, Technician } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { Window, openBrowser } from './page.mjs';

const CUSTOMER = 'Tables Ltd';
const FILTER = 'name is not nobody and volumes.free_percent > 0 %';

describe('a technician works with lists', { timeout: 600_000 }, () => {
    let collector;
    let browser;
    let window;
    let tab;
    let machine;

    before(async () => {
        collector = await Collector.start();
        await Technician.first(collector);
        machine = await LocalAgent.start(await collector.createToken(CUSTOMER));
        browser = await openBrowser();
        window = await Window.open(browser, collector.origin);
        tab = await window.tab('/devices');
        await tab.logIn(PASSWORD);
        await tab.seesHeading('Devices');
        await eventually(() => tab.shows(tab.cell(hostname(), 'availability'), 'Online'), 20_000, 'this machine is online');
    });
    after(async () => {
        await browser?.close();
        await machine?.stop();
        await collector?.stop();
    });

    const dialog = () => tab.page.getByRole('dialog');
    const button = (name) => tab.page.getByRole('button', { name, exact: true });
    const devices = () => tab.page.getByRole('table', { name: 'Devices' }).locator('tbody tr td[data-column="name"]').count();

    test('the devices of all customers are one list', async () => {
        assert.equal(await devices(), 1);
        assert.ok(await tab.shows(tab.cell(hostname(), 'customer'), CUSTOMER));
        assert.deepEqual(await tab.inspect('all-devices'), []);
    });

    test('a form writes the expression that the collector checks', async () => {
        await button('Filter').click();
        const line = dialog().getByRole('group', { name: 'Condition 1' });
        await line.getByRole('combobox', { name: 'Column' }).fill('Device name');
        await tab.page.getByRole('option', { name: 'Device name', exact: true }).click();
        await line.getByLabel('Comparison').selectOption('is not');
        await line.getByLabel('Value').fill('nobody');
        await button('Add condition').click();
        const next = dialog().getByRole('group', { name: 'Condition 2' });
        await next.getByRole('combobox', { name: 'Column' }).fill('Volumes: Free');
        await tab.page.getByRole('option', { name: 'Volumes: Free', exact: true }).click();
        await next.getByLabel('Comparison').selectOption('>');
        await next.getByLabel('Value').fill('0 %');
        assert.equal(await dialog().getByLabel('The filter as text').innerText(), FILTER);
        assert.deepEqual(await tab.inspect('filter-form'), []);
        await button('Apply filter').click();
        await eventually(() => new URL(tab.page.url()).searchParams.get('filter') === FILTER, 5_000, 'the address carries it');
        await eventually(async () => (await devices()) === 1, 20_000, 'the volume has been read, and the machine is found');
    });

    test('a text that is wrong says where, and what may have been meant', async () => {
        await button('Filter').click();
        await dialog().getByText('Text', { exact: true }).click();
        await dialog().getByLabel('Filter as text').fill('volumes.free_percnt > 0');
        await dialog().getByText("There is no column 'volumes.free_percnt'.").waitFor();
        assert.deepEqual(await tab.inspect('filter-fault'), []);
        await button('volumes.free_percent').click();
        await eventually(() => button('Apply filter').isEnabled(), 5_000, 'it is right now');
        await dialog().getByLabel('Filter as text').fill('count(volumes.free_percent > 0) < 1 or name is nobody');
        await eventually(() => button('Apply filter').isEnabled(), 5_000, 'it is right, too');
        await button('Apply filter').click();
        await tab.page.getByText('No device matches these filters').waitFor();
        await tab.page.getByRole('button', { name: 'Remove the filter' }).click();
        await tab.deviceRow(hostname()).waitFor();
    });

    test('a view keeps filter, order, columns and density, and its address is enough for others', async () => {
        await tab.page.goto(`/devices?filter=${encodeURIComponent(FILTER)}&sort=-patches`);
        await tab.page.getByRole('button', { name: 'Switch to compact rows' }).click();
        await button('Columns').click();
        await tab.page.getByRole('checkbox', { name: 'CPU', exact: true }).uncheck();
        await tab.page.getByLabel('Width of Operating system in pixels').fill('321');
        await tab.page.keyboard.press('Tab');
        await tab.page.keyboard.press('Escape');
        await button('Views').click();
        await button('Save as a new view').click();
        await dialog().getByLabel('Name of the view').fill('With volumes');
        await dialog().getByLabel('Share it with all technicians').check();
        await button('Save view').click();
        await button('View: With volumes').waitFor();
        const address = new URL(tab.page.url());
        assert.equal(address.searchParams.get('filter'), FILTER);
        assert.equal(address.searchParams.get('sort'), '-patches');
        // Somebody else's browser knows nothing but the address.
        await tab.page.evaluate(() => localStorage.clear());
        await tab.page.goto(address.href);
        await button('View: With volumes').waitFor();
        await tab.deviceRow(hostname()).waitFor();
        assert.equal(await tab.page.locator('th[data-column="cpu"]').count(), 0);
        assert.equal(await tab.page.getByRole('button', { name: 'Switch to detailed rows' }).count(), 1);
        const width = await tab.page.locator('th[data-column="os"]').evaluate((cell) => cell.getBoundingClientRect().width);
        assert.ok(width >= 321, `${width} px`);
    });

    test('CSV is what is filtered and shown', async () => {
        const [download] = await Promise.all([tab.page.waitForEvent('download'), tab.page.getByRole('link', { name: 'CSV' }).click()]);
        assert.match(download.suggestedFilename(), /^devices-.*\.csv$/);
        const lines = readFileSync(await download.path(), 'utf8').split('\r\n');
        assert.ok(lines[0].startsWith('\uFEFFDevice name,Last login'));
        assert.ok(!lines[0].includes('CPU'));
        assert.ok(lines[1].startsWith(`${hostname()},`));
        assert.equal(lines.length, 3);
    });

    test('what can be done with a device stands in its row, and no choice of columns hides it', async () => {
        await tab.page.goto('/devices');
        await tab.deviceRow(hostname()).waitFor();
        await button('Columns').click();
        await dialog().getByRole('checkbox', { name: 'Pending reboot', exact: true }).waitFor();
        for (const name of ['Device name', 'Actions', 'Remote access'])
            assert.equal(await dialog().getByRole('checkbox', { name, exact: true }).count(), 0, name);
        await tab.page.keyboard.press('Escape');
        const scrolled = tab.page.getByRole('region', { name: 'Devices' });
        const right = async (element) => (await element.boundingBox()).x + (await element.boundingBox()).width;
        assert.ok(await right(tab.cell(hostname(), 'remote_access')) <= await right(scrolled), 'in sight without scrolling');
        const manage = button(`Manage ${hostname()}`);
        await manage.click();
        const menu = tab.page.getByRole('menu', { name: `Manage ${hostname()}` });
        for (const item of ['Available patches', 'Software', 'Services', 'User activity', 'Agent updates', 'Edit relations…', 'Retire…'])
            await menu.getByRole('menuitem', { name: item, exact: true }).waitFor();
        assert.deepEqual(await tab.inspect('manage-menu'), []);
        await menu.getByRole('menuitem', { name: 'Make it a favourite' }).click();
        await button(`${hostname()} is a favourite`).waitFor();
        await manage.focus();
        await tab.page.keyboard.press('Enter');
        await menu.getByRole('menuitem', { name: 'Do not monitor…' }).click();
        await dialog().getByRole('button', { name: 'Do not monitor' }).click();
        await dialog().waitFor({ state: 'detached' });
        await manage.click();
        await menu.getByRole('menuitem', { name: 'Monitor…', exact: true }).waitFor();
        await tab.page.keyboard.press('Escape');
        await menu.waitFor({ state: 'detached' });
        assert.equal(await tab.page.evaluate(() => document.activeElement?.textContent?.trim()), 'Manage');
    });

    test('a session with a device says to keys and screen readers why it cannot begin yet', async () => {
        const connect = button(`Connect to ${hostname()}`);
        assert.equal(await connect.getAttribute('aria-disabled'), 'true');
        await connect.focus();
        await tab.page.getByRole('tooltip').getByText(/^Not yet: terminal and files/).waitFor();
        assert.equal(await connect.getAttribute('aria-describedby'), await tab.page.getByRole('tooltip').getAttribute('id'));
    });

    test('keys alone lead through the list, to its search, and to any device', async () => {
        await tab.page.locator('h1').click();
        await tab.page.keyboard.press('j');
        await tab.page.locator('tr[aria-current="true"]').filter({ hasText: hostname() }).waitFor();
        await tab.page.keyboard.press('/');
        assert.equal(await tab.page.evaluate(() => document.activeElement?.getAttribute('type')), 'search');
        await tab.page.locator('h1').click();
        await tab.page.keyboard.press('?');
        await dialog().getByText('Next line').waitFor();
        await tab.page.keyboard.press('Escape');
        await dialog().waitFor({ state: 'detached' });
        await tab.page.keyboard.press('o');
        await tab.seesHeading(hostname());
        await tab.page.keyboard.press('Control+k');
        await dialog().getByRole('combobox').fill(CUSTOMER.slice(0, 4));
        await dialog().getByRole('option', { name: new RegExp(CUSTOMER) }).first().waitFor();
        assert.deepEqual(await tab.inspect('palette'), []);
        await dialog().getByRole('combobox').fill('alerts of');
        await dialog().getByRole('option', { name: /Alerts of all/ }).waitFor();
        await tab.page.keyboard.press('Enter');
        await tab.seesHeading('Alerts');
        assert.deepEqual(window.faults, []);
    });
});
