// What changed on a machine, what happened there and what technicians did stands in its history, at once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PASSWORD } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { CUSTOMER, DEVICE, Scene } from '../device/scene.mjs';
import { Window, openBrowser } from './page.mjs';

const SOON_MS = 10_000;
const YEAR_MS = 365 * 24 * 3600 * 1000;

/** A package of nothing but its name and version. */
function packageScript(name, version) {
    return `set -e; export TMPDIR=/tmp; rm -rf /tmp/${name}; mkdir -p /tmp/${name}/DEBIAN
printf 'Package: ${name}\\nVersion: ${version}\\nArchitecture: all\\nMaintainer: <b>Somebody</b>\\nDescription: sample\\n' \
>/tmp/${name}/DEBIAN/control
dpkg-deb --build /tmp/${name} /tmp/${name}.deb >/dev/null; dpkg --install /tmp/${name}.deb >/dev/null`;
}

describe('a device has a history', { timeout: 600_000 }, () => {
    let scene;
    let browser;
    let window;
    let tab;
    let page;

    before(async () => {
        scene = await Scene.open();
        browser = await openBrowser();
        window = await Window.open(browser, scene.collector.origin);
        tab = await window.tab();
        page = tab.page;
        await tab.logIn(PASSWORD);
        await tab.openCustomer(CUSTOMER);
        await tab.openDevice(DEVICE);
        await page.getByRole('link', { name: 'History', exact: true }).click();
        await page.getByRole('heading', { name: 'History', level: 2 }).waitFor();
    });
    after(async () => {
        await browser?.close();
        await scene?.close();
    });

    const assertClean = async (name) => assert.deepEqual(await tab.inspect(name), []);
    const entry = (words) => page.getByRole('region', { name: 'History' }).getByRole('listitem').filter({ hasText: words });
    const isTold = (words) => eventually(async () => (await entry(words).count()) > 0, SOON_MS, `the history tells ${words}`);
    const install = (version) => scene.machine.run('sh', '-c', packageScript('rollcall-example', version));
    const choose = async (menu, word) => {
        await page.getByRole('button', { name: menu }).click();
        await page.getByRole('checkbox', { name: word, exact: true }).click();
        await page.keyboard.press('Escape');
    };

    test('what was there when the device came is not told, and what happened since is', async () => {
        await isTold(/Agent started/);
        assert.equal(await entry(/Installed /).count(), 0);
    });

    test('software that is installed, updated and removed is told, from version to version, without a reload', async () => {
        await install('1.0');
        await isTold(/Installed rollcall-example.*Version: 1\.0/s);
        await install('2.0');
        await isTold(/Changed rollcall-example.*Version: 1\.0 → 2\.0/s);
        await scene.machine.run('dpkg', '--purge', 'rollcall-example');
        await isTold(/Removed rollcall-example/);
        const exact = await entry(/Removed rollcall-example/).locator('time').getAttribute('data-tip');
        assert.match(exact, /^\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d [AP]M$/);
    });

    test('an alert leads to itself, and what a technician does is told with his name', async () => {
        await isTold(/Alert raised:.*rollcall-broken/s);
        await page.getByRole('button', { name: 'Edit', exact: true }).click();
        await page.getByRole('dialog').getByLabel('Device name').fill('Front desk');
        await page.getByRole('dialog').getByRole('button', { name: 'Save device' }).click();
        await isTold(/admin renamed it.*rollcall-device → Front desk/s);
        await assertClean('history');
        await entry(/Alert raised:.*rollcall-broken/s).getByRole('link').first().click();
        await tab.alert(/rollcall-broken/).waitFor();
        await page.goBack();
        await page.getByRole('heading', { name: 'History', level: 2 }).waitFor();
    });

    test('kinds and probes are chosen, the address carries them, and who chose too little is told so', async () => {
        await choose(/^Changes of/, 'Software');
        await choose(/^Kinds/, 'Changes');
        await eventually(async () => (await entry(/Agent started/).count()) === 0, SOON_MS, 'events are left out');
        await isTold(/Removed rollcall-example/);
        await page.reload();
        await isTold(/Removed rollcall-example/);
        assert.equal(await entry(/Agent started/).count(), 0);
        assert.match(page.url(), /kind=state/);
        await choose(/^Kinds/, 'Losses');
        await choose(/^Kinds/, 'Changes');
        await page.getByText('Nothing of what is chosen has happened').waitFor();
        await assertClean('history-empty');
        await choose(/^Kinds/, 'Losses');
        await choose(/^Changes of/, 'Software');
        await isTold(/Agent started/);
    });

    test('a restart is told', async () => {
        const known = await entry(/Started up/).count();
        await scene.machine.reboot();
        await eventually(async () => (await entry(/Started up/).count()) > known, 30_000, 'the history tells of the boot');
    });

    test('an address with what no history has is answered as far as it goes', async () => {
        const { pathname } = new URL(page.url());
        await page.goto(`${pathname}?section=history&kind=rain,event&probe=weather&event=<script>,boot`);
        await isTold(/Started up/);
        assert.equal(await entry(/Agent started/).count(), 0);
    });

    test('the charts go from five minutes to a year', async () => {
        await page.getByRole('link', { name: 'Overview', exact: true }).click();
        const ranges = page.getByRole('navigation', { name: 'Range of the charts' });
        for (const range of ['5 min', '1 h', '24 h', '7 d', '30 d', '1 y'])
            await ranges.getByRole('link', { name: range, exact: true }).waitFor();
        await ranges.getByRole('link', { name: '1 y', exact: true }).click();
        const chart = page.getByRole('img', { name: /^CPU,/ }).first();
        const words = await eventually(async () => {
            const label = await chart.getAttribute('aria-label').catch(() => '');
            return / to .*(day)/.test(label) && label;
        }, SOON_MS, 'the year is drawn day by day');
        const [from, to] = /^CPU, (.+?) to (.+?), /.exec(words).slice(1).map((stamp) => Date.parse(stamp));
        assert.ok(Math.abs(to - from - YEAR_MS) < 7_200_000, words);
        assert.ok((await chart.locator('canvas').boundingBox()).height > 50);
    });

    test('facts are copied as text, each with the time it is of', async () => {
        await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
        await page.getByRole('button', { name: 'Copy: Operating system' }).click();
        const text = await page.evaluate(() => navigator.clipboard.readText());
        assert.match(text, /^Operating system: Debian GNU\/Linux 12/m);
        await page.getByRole('button', { name: /^Copy: what is known of/ }).click();
        const facts = await page.evaluate(() => navigator.clipboard.readText());
        assert.match(facts, /^Operating system: .*\(as of \d\d\/\d\d\/\d{4}.*\)$/m);
        assert.deepEqual(window.faults, []);
    });
});
