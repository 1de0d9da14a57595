// Who may come in and what he may do then, as technicians have it: a second step, limits, roles, tokens, the audit log.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';

import { Collector, PASSWORD, Technician } from '../device/collector.mjs';
import { eventually } from '../device/machine.mjs';
import { Window, openBrowser } from './page.mjs';

const PERIOD_S = 30;

/** What a phone would show (RFC 6238); `ahead`: of a later period, since each code is good once. */
function totp(secret, ahead = 0) {
    const bits = [...secret.replaceAll(/\s/g, '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter)
        .toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / PERIOD_S) + ahead));
    const mac = createHmac('sha1', key).update(counter).digest();
    const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
}

/** As a program asks: with a token and nothing else. */
function statusFor(origin, path, token) {
    return new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}` };
        request(origin + path, { headers, rejectUnauthorized: false, agent: false }, (answer) => {
            answer.resume();
            resolve(answer.statusCode);
        }).on('error', reject).end();
    });
}

describe('technicians and what they may do', { timeout: 600_000 }, () => {
    let collector;
    let browser;
    let window;
    let tab;
    let eveWindow;
    let eve;
    let secret;
    let recovery;

    before(async () => {
        collector = await Collector.start();
        const technician = await Technician.first(collector);
        for (const name of ['Own', 'Other']) await technician.post('/customers', { name });
        browser = await openBrowser();
        window = await Window.open(browser, collector.origin);
        tab = await window.tab();
        await tab.logIn(PASSWORD);
        await tab.seesHeading('Customers');
    });
    after(async () => {
        await browser?.close();
        await collector?.stop();
    });

    const assertClean = async (on, name) => assert.deepEqual(await on.inspect(name), []);
    const text = async (on, label) => (await on.page.getByLabel(label, { exact: true }).innerText()).trim();
    const settings = async (name) => {
        await tab.page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name }).click();
    };

    test('a second step is set up with a secret, a first code and recovery codes', async () => {
        await tab.page.getByRole('button', { name: /^Account/ }).click();
        await tab.page.getByRole('link', { name: 'Settings' }).click();
        await tab.seesHeading('Settings');
        await tab.page.getByRole('button', { name: 'Set up a second step' }).click();
        await tab.page.getByLabel('Secret', { exact: true }).waitFor();
        secret = await text(tab, 'Secret');
        await assertClean(tab, 'second-step');
        const form = tab.page.getByRole('form', { name: 'Confirm the second step' });
        await form.getByLabel('Code').fill(totp(secret));
        await form.getByRole('button', { name: 'Confirm' }).click();
        recovery = (await text(tab, 'Recovery codes')).split('\n');
        assert.equal(recovery.length, 10);
        await tab.page.getByRole('button', { name: 'I have kept them' }).click();
        await tab.page.getByText('10 recovery codes left').waitFor();
    });

    test('from then on a log-in asks for a code, and takes each once', async () => {
        const enter = async (code) => {
            const form = tab.page.getByRole('form', { name: 'Enter your code' });
            await form.getByLabel('Code').fill(code);
            await form.getByRole('button', { name: 'Go on' }).click();
        };
        await tab.page.getByRole('button', { name: /^Account/ }).click();
        await tab.page.getByRole('button', { name: 'Log out' }).click();
        await tab.logIn(PASSWORD);
        await tab.seesHeading('Enter your code');
        await enter('000000');
        await tab.page.getByText('Wrong code').waitFor();
        await assertClean(tab, 'code');
        await enter(recovery[0]);
        await tab.seesHeading('Settings');
        await tab.page.getByText('9 recovery codes left').waitFor();
    });

    test('a technician is added, limited to a customer, and sees nothing else', async () => {
        await settings('Technicians');
        await tab.page.getByRole('button', { name: 'Add technician' }).click();
        const form = tab.page.getByRole('form', { name: 'Add technician' });
        await form.getByLabel('User name').fill('eve');
        await form.getByLabel('Only some').check();
        await form.getByLabel('Own', { exact: true }).check();
        await form.getByRole('button', { name: /^Add,/ }).click();
        const first = await text(tab, 'First password');
        await tab.page.getByRole('button', { name: 'I have handed it over' }).click();
        await assertClean(tab, 'technicians');

        eveWindow = await Window.open(browser, collector.origin);
        eve = await eveWindow.tab();
        await eve.logIn(first, 'eve');
        await eve.choosePassword(first, PASSWORD);
        await eve.seesHeading('Customers');
        await eve.page.getByRole('link', { name: 'Own', exact: true }).waitFor();
        assert.equal(await eve.page.getByRole('link', { name: 'Other', exact: true }).count(), 0);
        await eve.page.goto('/settings');
        await eve.page.getByRole('link', { name: 'My tokens' }).waitFor();
        assert.equal(await eve.page.getByRole('link', { name: 'Technicians' }).count(), 0);
    });

    test('a token lets a program in, as far as it says, until it is removed', async () => {
        await eve.page.getByRole('link', { name: 'My tokens' }).click();
        await eve.page.getByRole('button', { name: 'Make a token' }).click();
        const form = eve.page.getByRole('form', { name: 'Make a token' });
        await form.getByLabel('Name').fill('report');
        await form.getByLabel('devices.read').check();
        await assertClean(eve, 'token');
        await form.getByRole('button', { name: 'Make the token' }).click();
        const token = await text(eve, 'Token');
        await eve.page.getByRole('button', { name: 'I have kept it' }).click();
        assert.equal(await statusFor(collector.origin, '/api/v1/devices', token), 200);
        assert.equal(await statusFor(collector.origin, '/api/v1/alerts', token), 403);
        await eve.page.getByRole('button', { name: 'Remove: Remove the token report' }).click();
        await eve.page.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click();
        await eve.page.getByText('No tokens yet').waitFor();
        assert.equal(await statusFor(collector.origin, '/api/v1/devices', token), 401);
    });

    test('a role that needs a second step lets who has none do nothing else, at once', async () => {
        await settings('Roles');
        await tab.page.getByRole('button', { name: 'Change the role Technician' }).click();
        await tab.page.getByLabel('Technician needs a second step at log-in').check();
        await tab.page.getByRole('button', { name: 'Save role' }).click();
        await tab.page.getByRole('row', { name: /^Technician/ }).getByText('needed').waitFor();
        await assertClean(tab, 'roles');
        await eve.seesHeading('Set up your second step');
        await eve.page.getByLabel('Secret', { exact: true }).waitFor();
        await assertClean(eve, 'second-step-needed');
        const form = eve.page.getByRole('form', { name: 'Confirm the second step' });
        await form.getByLabel('Code').fill(totp(await text(eve, 'Secret')));
        await form.getByRole('button', { name: 'Confirm' }).click();
        await eve.page.getByRole('button', { name: 'I have kept them' }).click();
        await eve.seesHeading('Settings');
    });

    test('who is disabled is out at once', async () => {
        await settings('Technicians');
        await tab.page.getByRole('button', { name: 'Change eve' }).click();
        const form = tab.page.getByRole('form', { name: 'Change technician' });
        await form.getByLabel(/^Disabled/).check();
        await form.getByRole('button', { name: 'Save' }).click();
        await tab.page.getByRole('row', { name: /eve/ }).getByText('disabled').waitFor();
        await eve.page.getByRole('form', { name: 'Log in' }).waitFor();
    });

    test('one sees where one is logged in, and ends it there', async () => {
        const other = await Window.open(browser, collector.origin);
        const there = await other.tab();
        await there.logIn(PASSWORD);
        const code = there.page.getByRole('form', { name: 'Enter your code' });
        await code.getByLabel('Code').fill(totp(secret, 1));
        await code.getByRole('button', { name: 'Go on' }).click();
        await there.seesHeading('Customers');
        await settings('My sessions');
        await tab.page.getByText('this one').waitFor();
        await assertClean(tab, 'sessions');
        await tab.page.getByRole('button', { name: /^End: End the session/ }).first().click();
        await tab.page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
        await there.page.getByRole('form', { name: 'Log in' }).waitFor();
        await other.close();
    });

    test('all of it stands in the audit log, which can be searched', async () => {
        await settings('Audit log');
        await tab.page.getByRole('table', { name: 'Audit log' }).waitFor();
        await assertClean(tab, 'audit');
        await tab.page.getByRole('searchbox', { name: 'Search the audit log' }).fill('eve');
        await eventually(async () => (await tab.page.getByText('PUT /api/v1/technicians/{id}').count()) === 1, 10_000,
            'the change of eve is found');
        assert.ok(!(await tab.page.content()).includes(secret));
    });

    test('nothing broke on the way', () => {
        assert.deepEqual([...window.faults, ...eveWindow.faults], []);
    });
});
