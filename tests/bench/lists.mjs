// Lists with 100,000 devices and 200,000 open alerts: how long the API takes for a page while devices change 500 times a
// second (lists.cpp), and then what the page in Chromium makes of them. The devices are simulated.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { Window, openBrowser } from '../browser/page.mjs';
import { BINARIES, Collector, PASSWORD, Technician } from '../device/collector.mjs';
import { Figures } from './figures.mjs';

const PAGE_REACH_MS = 50;
const PROBE_REACH_MS = 500;
const DEVICES = Number(process.argv[2] ?? 100_000);
const START_LIMIT_MS = 300_000;
const JUMPS = 100;
const SEARCHES = 30;
const COLD_STARTS = 10;
const CHANGES = 100;
const CHANGES_PAUSE_MS = 150;
/** Nobody is connected to this collector, and that is not what is looked at. */
const THRESHOLDS = '[device_offline]\nenabled = false\n';

/** A data folder with so many devices; what is told on the way goes to `take`. */
async function fill(devices, take, ...words) {
    const folder = mkdtempSync(join(process.env.ROLLCALL_BENCH_WORK, 'lists-')); // On a disk, as a collector's is.
    const child = spawn(join(BINARIES, 'rollcall-lists'), ['--folder', folder, '--devices', String(devices),
        '--customers', String(Math.ceil(devices / 50)), ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) take(JSON.parse(line));
    const [code] = await ended;
    if (code !== 0) throw new Error(`rollcall-lists ended with ${code}`);
    return folder;
}

function tellApi(figures, told) {
    if (told.kind === 'failed')
        figures.add(`${told.question}, answered`, 0, 'of 1', { reach: 1, least: true, note: JSON.parse(told.answer).detail });
    if (told.kind === 'filled') figures.add(`${told.devices} devices with ${told.alerts} alerts filled in`, told.seconds, 's');
    if (told.kind === 'measured')
        figures.add(`${told.list}, ${told.question}, p99`, told.p99_ms, 'ms', {
            reach: /probe/.test(told.question) ? PROBE_REACH_MS : PAGE_REACH_MS,
            note: `p50 ${told.p50_ms.toFixed(1)}, most ${told.most_ms.toFixed(1)}, ${told.total} match`,
        });
}

/** Somebody who is logged in, in a browser of his own, on a collector that has these devices. */
async function look(devices, folder, act) {
    const collector = await Collector.start({ store: folder, thresholds: THRESHOLDS, startLimit: START_LIMIT_MS });
    const browser = await openBrowser();
    try {
        const window = await Window.open(browser, collector.origin);
        const tab = await window.tab('/devices');
        await tab.logIn(PASSWORD);
        await tab.seesHeading('Devices');
        await firstRow(tab.page).waitFor();
        const faults = await tab.inspect(`devices-${devices}`);
        if (faults.length > 0) throw new Error(faults.join('\n'));
        await act?.(window, tab, collector);
    } finally {
        await browser.close();
        await collector.stop();
    }
}

const firstRow = (page) => page.locator('td[data-column="name"] a').first();
const share = (values, part) => values.toSorted((a, b) => a - b)[Math.floor(values.length * part)];
const noteOf = (values) => `p50 ${share(values, 0.5).toFixed(0)}, most ${Math.max(...values).toFixed(0)}, of ${values.length}`;

/** When the first row stands there, by the page's own clock that begins with its request. */
async function coldStarts(figures, window) {
    const took = [];
    for (let i = 0; i < COLD_STARTS; ++i) {
        const { page } = await window.tab('about:blank');
        const session = await page.context().newCDPSession(page);
        await session.send('Network.setCacheDisabled', { cacheDisabled: true });
        await page.addInitScript(() => {
            new MutationObserver((_, observer) => {
                if (!document.querySelector('td[data-column="name"] a')) return;
                globalThis.firstRowAt = performance.now();
                observer.disconnect();
            }).observe(document, { subtree: true, childList: true });
        });
        await page.goto('/devices');
        await firstRow(page).waitFor();
        took.push(await page.evaluate(() => globalThis.firstRowAt));
        await page.close();
    }
    figures.add('first row from a cold page, slowest', Math.max(...took), 'ms', { reach: 1000, note: noteOf(took) });
}

/** Jumps all over the list; how long a row in sight had nothing in it. */
async function jumps(figures, page, devices) {
    const took = await page.evaluate(async ({ jumps, devices }) => {
        const scroller = document.querySelector('[role="region"][aria-label="Devices"]');
        const frame = () => new Promise(requestAnimationFrame);
        const isFull = () => {
            const box = scroller.getBoundingClientRect();
            const rows = [...scroller.querySelectorAll('tr[aria-rowindex] > td[data-column="name"]')].filter((cell) => {
                const { top, bottom } = cell.getBoundingClientRect();
                return bottom > box.top && top < box.bottom;
            });
            return rows.length > 5 && rows.every((cell) => cell.querySelector('a'));
        };
        const waits = [];
        for (let i = 0; i < jumps; ++i) {
            scroller.scrollTop = ((i * 7919) % devices) / devices * scroller.scrollHeight;
            await frame();
            await frame();
            const begun = performance.now();
            while (!isFull()) await frame();
            waits.push(performance.now() - begun);
            await new Promise((done) => setTimeout(done, 100));
        }
        return waits;
    }, { jumps: JUMPS, devices });
    figures.add('rows without content after a jump, p99', share(took, 0.99), 'ms', { reach: 100, note: noteOf(took) });
}

/** From the last key to the count of what was found. */
async function searches(figures, page) {
    const box = page.getByRole('searchbox', { name: 'Search device name, machine name, IP address' });
    const took = [];
    for (let i = 0; i < SEARCHES; ++i) {
        await box.fill('');
        await page.waitForFunction(() => !location.search.includes('search='));
        await page.waitForTimeout(200);
        await box.fill('desktop-7');
        const word = `desktop-7${i}`;
        took.push(await page.evaluate(async (word) => {
            const input = document.querySelector('main input[type="search"]');
            const begun = performance.now();
            Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, word);
            input.dispatchEvent(new Event('input', { bubbles: true }));
            for (;;) {
                await new Promise(requestAnimationFrame);
                const names = [...document.querySelectorAll('td[data-column="name"] a')].map((link) => link.textContent);
                const isAsked = location.search.includes(`search=${word}`);
                if (isAsked && names.length > 0 && names.every((name) => name.includes(word))) return performance.now() - begun;
            }
        }, word));
    }
    await box.fill('');
    await page.waitForFunction(() => !location.search.includes('search='));
    figures.add('last key → results, p99', share(took, 0.99), 'ms', { reach: 150, note: noteOf(took) });
}

/** From the moment a colleague's change is sent (it is committed somewhat later) until it stands in the list. */
async function changes(figures, page, collector) {
    const colleague = await Technician.logIn(collector);
    await page.goto('/devices?sort=enrolled');
    await firstRow(page).waitFor();
    const { items } = await colleague.get('/devices?sort=enrolled&limit=5');
    await page.evaluate(() => {
        globalThis.stoodAt = new Map();
        new MutationObserver(() => {
            for (const link of document.querySelectorAll('td[data-column="name"] a'))
                if (!stoodAt.has(link.textContent)) stoodAt.set(link.textContent, Date.now());
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    const took = [];
    for (let i = 0; i < CHANGES; ++i) {
        const { id } = items[i % items.length];
        const { version } = await colleague.get(`/devices/${id}`);
        const name = `changed-${i}`;
        const sentAt = Date.now();
        await colleague.put(`/devices/${id}`, { assigned_name: name, folder_id: null, monitored: true, version });
        await page.waitForFunction((name) => stoodAt.has(name), name);
        took.push((await page.evaluate((name) => stoodAt.get(name), name)) - sentAt);
        await page.waitForTimeout(CHANGES_PAUSE_MS);
    }
    figures.add('change sent → on the screen, p99', share(took, 0.99), 'ms', { reach: 300, note: noteOf(took) });
}

/** All that match stay selected wherever one scrolls. */
async function selection(figures, page, devices) {
    const begun = performance.now();
    await page.getByRole('button', { name: 'Select all' }).click();
    const told = page.getByText(`${devices.toLocaleString('en-US')} devices selected`);
    await told.waitFor({ timeout: START_LIMIT_MS });
    figures.add('all that match are selected', performance.now() - begun, 'ms', { note: `${devices}` });
    const scroller = page.locator('[role="region"][aria-label="Devices"]');
    const boxes = page.locator('td[data-column="name"] input[type="checkbox"]');
    const checked = page.locator('td[data-column="name"] input[type="checkbox"]:checked');
    let kept = 0;
    for (const place of [0.2, 0.9, 0.5]) {
        await scroller.evaluate((list, at) => list.scrollTo({ top: list.scrollHeight * at }), place);
        await firstRow(page).waitFor();
        await page.waitForTimeout(500);
        const all = await boxes.count();
        if (all > 0 && (await checked.count()) === all && (await told.count()) === 1) ++kept;
    }
    figures.add('places where all stay selected', kept, 'of 3', { reach: 3, least: true });
}

async function main() {
    process.env.TMPDIR = process.env.ROLLCALL_BENCH_WORK;
    const figures = new Figures();
    for (const few of [1, 40]) await look(few, await fill(few, () => {}, '--fill-only'));
    const folder = await fill(DEVICES, (told) => tellApi(figures, told));
    await look(DEVICES, folder, async (window, { page }, collector) => {
        await coldStarts(figures, window);
        await jumps(figures, page, DEVICES);
        await searches(figures, page);
        await selection(figures, page, DEVICES);
        await changes(figures, page, collector);
    });
    figures.keep(process.env.ROLLCALL_BENCH_RESULTS, 'lists', process.env.ROLLCALL_VERSION);
}

await main();
process.exit(0);
