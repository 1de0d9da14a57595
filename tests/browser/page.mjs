// What a technician sees and presses, by the names that a screen reader would say.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { USER } from '../device/collector.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCREENSHOTS = fileURLToPath(new URL('../../build/test/screenshots', import.meta.url));
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--disable-background-timer-throttling',
    '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows'];
const LIMIT_MS = 10_000;

export const DESKTOP = { name: 'desktop', width: 1400, height: 900 };
export const PHONE = { name: 'phone', width: 390, height: 844 };

export async function openBrowser() {
    return await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
}

/** One person's browser window on one collector; `tab()` opens another with the same cookies. */
export class Window {
    #context;
    faults = [];

    static async open(browser, origin) {
        const window = new Window();
        // The certificate is the collector's own; what it protects is tested where the agent checks it.
        window.#context = await browser.newContext({ baseURL: origin, ignoreHTTPSErrors: true,
            viewport: { width: DESKTOP.width, height: DESKTOP.height }, reducedMotion: 'reduce' });
        window.#context.setDefaultTimeout(LIMIT_MS);
        return window;
    }

    async tab(path = '/') {
        const page = await this.#context.newPage();
        page.on('pageerror', (error) => this.faults.push(String(error)));
        page.on('console', (message) => {
            if (message.type() === 'error' && /Content Security Policy/.test(message.text())) this.faults.push(message.text());
        });
        await page.goto(path);
        return new Tab(page);
    }

    async close() {
        await this.#context.close();
    }
}

export class Tab {
    constructor(page) {
        this.page = page;
    }

    async logIn(password, name = USER) {
        const form = this.page.getByRole('form', { name: 'Log in' });
        await form.getByLabel('User name').fill(name);
        await form.getByLabel('Password', { exact: true }).fill(password);
        await form.getByRole('button', { name: 'Log in' }).click();
    }

    async choosePassword(current, next) {
        const form = this.page.getByRole('form', { name: 'Change password' });
        await form.getByLabel('Current password', { exact: true }).fill(current);
        await form.getByLabel('New password', { exact: true }).fill(next);
        await form.getByLabel('Repeat new password', { exact: true }).fill(next);
        await form.getByRole('button', { name: 'Change password' }).click();
    }

    async seesHeading(name) {
        await this.page.getByRole('heading', { name, level: 1 }).waitFor();
    }

    /** Ends on the new customer's page. */
    async addCustomer(name) {
        await this.page.getByRole('button', { name: 'Add customer' }).click();
        const form = this.page.getByRole('form', { name: 'Add customer' });
        await form.getByLabel('Customer name').fill(name);
        await form.locator('button[type="submit"]').click();
        await this.seesHeading(name);
    }

    async openCustomer(name) {
        await this.page.getByRole('table', { name: 'Customers' }).getByRole('link', { name, exact: true }).click();
        await this.seesHeading(name);
    }

    async openTab(name) {
        await this.page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
    }

    /** The command that "Add device" shows. */
    async makeCommand() {
        await this.page.getByRole('button', { name: 'Add device' }).click();
        await this.page.getByRole('dialog').getByRole('button', { name: 'Make the command' }).click();
        return await this.page.getByLabel('Command', { exact: true }).innerText();
    }

    /** The same dialog for another system; it stays open. */
    async commandFor(system) {
        await this.page.getByRole('dialog').getByRole('tab', { name: system }).click();
        return await this.page.getByLabel('Command', { exact: true }).innerText();
    }

    arrival() {
        return this.page.getByRole('status', { name: 'Arrival' });
    }

    deviceRow(name) {
        return this.page.getByRole('row').filter({ has: this.page.getByRole('link', { name, exact: true }) });
    }

    /** A cell of the Devices list, by its column. */
    cell(device, column) {
        return this.deviceRow(device).locator(`td[data-column="${column}"]`);
    }

    async openDevice(name) {
        await this.deviceRow(name).getByRole('link', { name, exact: true }).click();
        await this.seesHeading(name);
    }

    alert(title) {
        return this.page.getByRole('row').filter({ has: this.page.getByRole('button', { name: title }) }).first();
    }

    /** A cell of the Alerts list, by its column. */
    alertCell(title, column) {
        return this.alert(title).locator(`td[data-column="${column}"]`);
    }

    /** What the menu of an alert's row offers under this name. */
    async chooseAction(title, action) {
        await this.alert(title).getByRole('button', { name: /^Actions/ }).click();
        await this.page.getByRole('menuitem', { name: action, exact: true }).click();
    }

    async selectAlert(title) {
        await this.alert(title).getByRole('checkbox').check();
    }

    async shows(locator, words) {
        const text = (await locator.count()) ? await locator.first().innerText() : '';
        return words instanceof RegExp ? words.test(text) : text.includes(words);
    }

    /** As a person would find it in both sizes and both colours: a picture each, and axe's serious faults in all. */
    async inspect(name) {
        const faults = [];
        for (const size of [DESKTOP, PHONE]) {
            await this.page.setViewportSize({ width: size.width, height: size.height });
            for (const colorScheme of ['light', 'dark']) {
                await this.page.emulateMedia({ colorScheme });
                await this.#settle();
                await this.#picture(`${name}-${size.name}-${colorScheme}`);
                faults.push(...(await this.#axe()).map((fault) => `${name}, ${size.name}, ${colorScheme}: ${fault}`));
            }
        }
        await this.page.setViewportSize({ width: DESKTOP.width, height: DESKTOP.height });
        await this.page.emulateMedia({ colorScheme: 'light' });
        return faults;
    }

    /** Nothing is loading any more and the last frame is painted. */
    async #settle() {
        await this.page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
        await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    }

    async #picture(name) {
        mkdirSync(SCREENSHOTS, { recursive: true });
        await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
    }

    async #axe() {
        await this.page.evaluate(AXE);
        const { violations } = await this.page.evaluate(() => globalThis.axe.run());
        return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map(({ html }) => html).join(' ')}`);
    }
}
