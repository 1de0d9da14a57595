// scripts/run as a newcomer has it: what it refuses before it starts anything, and start, stop and second start.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { eventually } from '../device/machine.mjs';

const RUN = fileURLToPath(new URL('../../scripts/run', import.meta.url));
const PORT = 18443;
const START_LIMIT_MS = 120_000;
const NOBODY = 65534;
// The programs of the everyday build, which the tests have anyhow.
const env = { ...process.env, ROLLCALL_PRESET: 'dev' };

const folder = (name) => join(mkdtempSync(join(tmpdir(), 'run-')), name);

/** Runs it to its end. */
function run(words, { script = RUN, ...options } = {}) {
    return new Promise((resolve) => {
        execFile(script, words, { env, ...options }, (error, stdout, stderr) =>
            resolve({ code: error ? error.code : 0, stdout, stderr }));
    });
}

async function assertRefused(words, sentence, options) {
    const { code, stderr } = await run(words, options);
    assert.notEqual(code, 0);
    assert.match(stderr, sentence);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
}

/** Runs it until it says that it runs. */
class Started {
    static #all = [];
    said = '';

    /** Whatever a test that failed has left behind. */
    static async stopAll() {
        await Promise.all(Started.#all.map((one) => one.process.exitCode ?? one.stop('SIGTERM')));
    }

    static async on(data) {
        const started = new Started();
        Started.#all.push(started);
        started.process = spawn(RUN, ['--data', data, '--port', String(PORT)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
        for (const stream of [started.process.stdout, started.process.stderr]) {
            stream.on('data', (words) => { started.said += words; });
        }
        started.ended = once(started.process, 'exit').then(([code]) => code);
        await eventually(() => {
            if (started.process.exitCode !== null) throw new Error(`it ended: ${started.said}`);
            return /Ctrl-C stops it/.test(started.said);
        }, START_LIMIT_MS, 'it runs');
        return started;
    }

    async stop(signal) {
        this.process.kill(signal);
        return await this.ended;
    }
}

const children = (pid, name) => execFileSync('pgrep', ['--parent', String(pid), name]).toString().trim();

function fetchStatus(path) {
    return new Promise((resolve, reject) => {
        request({ host: '127.0.0.1', port: PORT, path, rejectUnauthorized: false }, (answer) => {
            answer.resume();
            resolve(answer.statusCode);
        }).on('error', reject).end();
    });
}

const deviceId = (data) => JSON.parse(readFileSync(join(data, 'agent/identity.json'), 'utf8')).device_id;

describe('scripts/run', { timeout: 600_000 }, () => {
    afterEach(() => Started.stopAll());

    test('explains itself', async () => {
        const { code, stdout } = await run(['--help']);
        assert.equal(code, 0);
        for (const word of ['--data', '--port', 'Ctrl-C', 'packages']) assert.ok(stdout.includes(word), word);
    });

    test('refuses what it does not know', async () => {
        await assertRefused(['--dta', '/x'], /unknown argument: --dta/);
        await assertRefused(['--port'], /--port wants a value/);
        await assertRefused(['--port', 'http'], /from 1 to 65535/);
        await assertRefused(['--port', '65536'], /from 1 to 65535/);
    });

    test('a port in use is one sentence, and no data folder is made', async () => {
        const server = createServer().listen(PORT, '127.0.0.1');
        await once(server, 'listening');
        const data = folder('data');
        await assertRefused(['--data', data, '--port', String(PORT)], new RegExp(`port ${PORT} is in use`));
        assert.ok(!existsSync(data));
        server.close();
    });

    test('a data folder that is a file, or cannot be written, is one sentence', async () => {
        const file = folder('file');
        writeFileSync(file, '');
        await assertRefused(['--data', file], /is a file/);
        const theirs = folder('theirs');
        mkdirSync(theirs, { mode: 0o755 });
        // The clone may lie in a home that nobody may enter.
        const clone = join(tmpdir(), 'clone');
        mkdirSync(clone);
        execFileSync('mount', ['--bind', join(RUN, '../..'), clone]);
        await assertRefused(['--data', join(theirs, 'data')], /cannot be written/,
            { script: join(clone, 'scripts/run'), uid: NOBODY, gid: NOBODY });
        execFileSync('umount', [clone]);
    });

    test('too little disk is one sentence', async () => {
        const small = folder('small');
        mkdirSync(small);
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', small]);
        await assertRefused(['--data', join(small, 'data')], /only \d+ MiB are free/);
        assert.deepEqual(readdirSync(small), []);
    });

    const data = folder('data');
    let identity;

    test('starts, tells address, user name and first password, and a clean stop by Ctrl-C', async () => {
        const started = await Started.on(data);
        assert.match(started.said, new RegExp(`https://127.0.0.1:${PORT}/`));
        assert.match(started.said, /User name: \S+/);
        const password = started.said.match(/First password: (\S+)/)[1];
        assert.equal(await fetchStatus('/'), 200);
        assert.equal(await fetchStatus('/readyz'), 200);
        assert.equal(await started.stop('SIGINT'), 0, started.said);
        assert.match(started.said, /The agent stopped\.\s+The collector stopped\./);
        const logs = readdirSync(join(data, 'log')).map((name) => readFileSync(join(data, 'log', name), 'utf8')).join();
        assert.ok(!logs.includes(password), 'the first password is in a log');
        identity = deviceId(data);
        assert.match(identity, /^[0-9a-f-]{36}$/);
    });

    test('comes back with the same device, and refuses a second run on the same data', async () => {
        const started = await Started.on(data);
        assert.doesNotMatch(started.said, /Enrolling/);
        assert.equal(deviceId(data), identity);
        await assertRefused(['--data', data, '--port', String(PORT + 1)], /another scripts\/run uses/);
        assert.equal(await started.stop('SIGTERM'), 0, started.said);
    });

    test('tells when the agent dies, with its last words, and stops the collector', async () => {
        const started = await Started.on(data);
        process.kill(Number(children(started.process.pid, 'rollcall-agent')), 'SIGKILL');
        assert.notEqual(await started.ended, 0);
        assert.match(started.said, /agent failed \(exit code 137\)/);
        assert.match(started.said, /The collector stopped\./);
    });

    test('tells when the collector dies, and stops the agent', async () => {
        const started = await Started.on(data);
        process.kill(Number(children(started.process.pid, 'rollcall-colle')), 'SIGKILL');
        assert.notEqual(await started.ended, 0);
        assert.match(started.said, /collector failed \(exit code 137\)/);
        assert.match(started.said, /The agent stopped\./);
    });

});
