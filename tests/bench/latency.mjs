// How long a change takes from the agent to an open page in Chromium, while simulated devices (simulator.cpp) change
// thousands of times per second.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Window, openBrowser } from '../browser/page.mjs';
import { Collector, PASSWORD, Technician } from '../device/collector.mjs';
import { Figures } from './figures.mjs';
import { processor } from './process.mjs';
import { Simulator } from './simulator.mjs';

const CHANGES_PER_S = 5_000;
const CHANGING = 1_000;
const MARKS_PER_S = 5;
const SECONDS = 60;
const WARM_UP_MS = 10_000;

/** Notes in the page how old each mark ("at-" and the time) is when it stands there. */
function watch() {
    const seen = new Map();
    window.marks = seen;
    const look = (node) => {
        const mark = /^at-(\d+)$/.exec(node.textContent ?? '')?.[1];
        if (mark && !seen.has(mark)) seen.set(mark, Date.now() - Number(mark));
    };
    new MutationObserver((records) => {
        for (const record of records) {
            look(record.target);
            record.addedNodes.forEach(look);
        }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

async function measure(figures, page, collector) {
    const look = async () => ({ at: performance.now(), cpu: processor(collector.pid).own,
        records: await collector.metric('rollcall_records_stored_total') });
    await page.evaluate(() => window.marks.clear());
    const before = await look();
    await sleep(SECONDS * 1000);
    const after = await look();
    const ages = (await page.evaluate(() => [...window.marks.values()])).sort((a, b) => a - b);
    const seconds = (after.at - before.at) / 1000;
    figures.add('changes stored', (after.records - before.records) / seconds, '/s', { reach: CHANGES_PER_S, least: true });
    figures.add('collector processor meanwhile', (after.cpu - before.cpu) / seconds, 'cores');
    figures.add('marks seen on the page', ages.length, `of ${MARKS_PER_S * SECONDS}`, { note: 'one that the next has overtaken is not' });
    figures.add('change → open page, median', at(ages, 0.5), 'ms');
    figures.add('change → open page, p99', at(ages, 0.99), 'ms', { reach: 300, note: 'simulators and Chromium on the same cores' });
    figures.add('change → open page, slowest', ages.at(-1), 'ms');
}

async function main() {
    process.env.TMPDIR = process.env.ROLLCALL_BENCH_WORK; // On a disk: a commit in memory would prove nothing.
    const figures = new Figures();
    const collector = await Collector.start({ thresholds: '', listen: '' });
    const folder = mkdtempSync(join('/run/rollcall-sandbox', 'simulated-'));
    await Simulator.enrol(folder, CHANGING + 1, collector);
    const technician = await Technician.first(collector);
    const marked = (await technician.get('/devices?search=simulated-00000')).items[0];

    const browser = await openBrowser();
    const window = await Window.open(browser, collector.origin);
    const tab = await window.tab();
    await tab.logIn(PASSWORD);
    await tab.seesHeading('Customers');
    await tab.page.goto(`/devices/${marked.id}`);
    await tab.seesHeading(marked.name);
    await tab.page.evaluate(watch);

    const busy = new Simulator(folder, 1, CHANGING, '--changes-per-s', String(CHANGES_PER_S));
    await busy.connected;
    const marker = new Simulator(folder, 0, 1, '--changes-per-s', String(MARKS_PER_S), '--tell-time');
    await marker.connected;
    await sleep(WARM_UP_MS);
    await measure(figures, tab.page, collector);
    await Promise.all([busy.stop(), marker.stop()]);
    await browser.close();
    await collector.stop();
    figures.keep(process.env.ROLLCALL_BENCH_RESULTS, 'latency', process.env.ROLLCALL_VERSION);
}

await main();
process.exit(0);
