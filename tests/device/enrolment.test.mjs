// What a person sees on the machine whose token is no good: a sentence and what to do, and nothing half done.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { BINARIES, Collector, Technician } from './collector.mjs';
import { CUSTOMER } from './scene.mjs';

const AGENT = join(BINARIES, 'rollcall-agent');

/** Enrols the machine of the test itself, with a state folder of its own. */
function enrol(word) {
    const state = join(mkdtempSync(join(tmpdir(), 'agent-')), 'state');
    return new Promise((resolve) => {
        const running = execFile(AGENT, ['enrol', '--token-file', '-', '--state', state], (error, stdout, stderr) =>
            resolve({ code: error ? error.code : 0, said: stdout + stderr, state }));
        running.stdin.on('error', () => {});
        running.stdin.end(word);
    });
}

function assertRefused(answer, words) {
    assert.notEqual(answer.code, 0, answer.said);
    assert.match(answer.said, words);
    // Half an enrolment would be worse than none.
    const left = existsSync(answer.state) ? readdirSync(answer.state) : [];
    assert.ok(!left.some((name) => /identity/.test(name)), String(left));
}

const decode = (word) => JSON.parse(Buffer.from(word.slice('rc1.'.length), 'base64url'));
const encode = (content) => `rc1.${Buffer.from(JSON.stringify(content)).toString('base64url')}`;

describe('enrolment', { timeout: 120_000 }, () => {
    let collector;
    let technician;
    let customer;

    before(async () => {
        collector = await Collector.start();
        technician = await Technician.first(collector);
        customer = await technician.post('/customers', { name: CUSTOMER });
    });
    after(() => collector?.stop());

    async function makeToken() {
        return await technician.post('/enrolment-tokens', { customer_id: customer.id, uses: 1, expires_in_s: 3600 });
    }

    test('a good token brings the device, and is used up by it', async () => {
        const { word, token } = await makeToken();
        const first = await enrol(word);
        assert.equal(first.code, 0, first.said);
        assert.equal((await technician.get(`/enrolment-tokens/${token.id}`)).uses_left, 0);
        assertRefused(await enrol(word), /used/i);
    });

    test('a token that somebody revoked is refused', async () => {
        const { word, token } = await makeToken();
        await technician.delete(`/enrolment-tokens/${token.id}`);
        assertRefused(await enrol(word), /revoked|not valid|unknown/i);
    });

    test('an expired token is refused', async () => {
        const { word, token } = await makeToken();
        await collector.sql(`UPDATE enrolment_token SET expires_ms = created_ms + 1 WHERE id = '${token.id}'`);
        assertRefused(await enrol(word), /expired/i);
    });

    test('a token with a wrong secret is refused', async () => {
        const { word } = await makeToken();
        assertRefused(await enrol(encode({ ...decode(word), secret: 'bm90IHRoaXMgb25l' })), /token/i);
    });

    test('a collector with another authority is not trusted', async () => {
        const { word } = await makeToken();
        assertRefused(await enrol(encode({ ...decode(word), ca_sha256: '0'.repeat(64) })), /fingerprint|authority|certificate/i);
    });

    test('what is no token at all is told from one that is refused', async () => {
        assertRefused(await enrol('hello'), /token/i);
        assertRefused(await enrol(''), /token/i);
    });

    test('a collector that does not answer is named', async () => {
        const { word } = await makeToken();
        assertRefused(await enrol(encode({ ...decode(word), address: '192.0.2.1:9' })), /192\.0\.2\.1:9/);
    });
});
