// The real collector of the everyday build, in the sandbox's network, and a technician who speaks to its API.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { COLLECTOR_ADDRESS, eventually } from './machine.mjs';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

// ROLLCALL_BIN: the programs of another build.
export const BINARIES = process.env.ROLLCALL_BIN ?? join(root, 'build/dev/bin');
export const PAGE = join(root, 'collector/view/web/dist');
export const PASSWORD = 'a sentence is easy to remember';
export const USER = 'admin';
const PORT = 8443;
const START_LIMIT_MS = 30_000;
/** As many as the API gives at a time. */
const PAGE_ROWS = 500;

/** Holds short enough for a test; what is not named keeps the default profile's values. */
export const QUICK_THRESHOLDS = `
[service_stopped]
raise_hold_s = 2
clear_hold_s = 0

[service_failed]
raise_hold_s = 0
clear_hold_s = 0

[device_offline]
raise_hold_s = 1
clear_hold_s = 0
`;

export class Collector {
    #process;
    #spoken = [];
    #store;
    #startLimit;

    /** Starts one on a new data folder; ready when this returns. `listen`: another address than the cable's; `store`:
        another data folder; `config`: what its config file holds; `startLimit`: how long it may take to be ready. */
    static async start({ thresholds = QUICK_THRESHOLDS, listen = COLLECTOR_ADDRESS, store, config = '',
        startLimit = START_LIMIT_MS } = {}) {
        const collector = new Collector();
        collector.listen = listen;
        collector.#store = store;
        collector.#startLimit = startLimit;
        collector.data = mkdtempSync(join(tmpdir(), 'collector-'));
        collector.thresholds = join(collector.data, 'thresholds.toml');
        writeFileSync(collector.thresholds, thresholds);
        collector.config = join(collector.data, 'collector.toml');
        writeFileSync(collector.config, config);
        await collector.restart();
        return collector;
    }

    get origin() {
        return `https://${COLLECTOR_ADDRESS}:${PORT}`;
    }

    get log() {
        return readFileSync(join(this.data, 'log'), 'utf8');
    }

    get store() {
        return this.#store ?? join(this.data, 'data');
    }

    /** Is it able to take something? What /readyz says, and its status. */
    async ready() {
        const { status, body } = await ask(this.origin, 'GET', '/readyz');
        return { status, body };
    }

    /** A start that is refused: what it says. */
    async refuses() {
        const { code, stderr } = await exec(join(BINARIES, 'rollcall-collector'), ['serve', '--data', this.store, '--port', '0'],
            { timeout: START_LIMIT_MS }).catch((error) => error);
        if (!code) throw new Error('the collector started');
        return stderr;
    }

    async restart() {
        const log = openSync(join(this.data, 'log'), 'a');
        this.#process = spawn(join(BINARIES, 'rollcall-collector'), ['serve', '--config', this.config, '--data', this.store,
            ...(this.listen ? ['--listen', this.listen] : []), '--port', String(PORT), '--web', PAGE, '--public-url', this.origin,
            '--thresholds', this.thresholds], { stdio: ['ignore', 'pipe', log] });
        closeSync(log);
        this.#spoken = [];
        createInterface({ input: this.#process.stdout }).on('line', (line) => this.#spoken.push(line));
        await eventually(() => this.#isReady(), this.#startLimit, 'the collector is ready').catch((error) => {
            throw new Error(`${error.message}; its log says:\n${this.log}`);
        });
    }

    async #isReady() {
        if (this.#process.exitCode !== null) throw new Error(`the collector ended with ${this.#process.exitCode}`);
        return await ask(this.origin, 'GET', '/readyz').then((answer) => answer.status === 200, () => false);
    }

    /** What it printed for the person at its terminal. */
    async firstPassword() {
        return await eventually(() => {
            const line = this.#spoken.find((words) => /password/i.test(words));
            return line?.match(/password[^:]*:\s*(\S+)/i)?.[1];
        }, 5_000, `the collector tells a first password; it said: ${this.#spoken.join('\n')}`);
    }

    /** A new enrolment token's word, by the collector's command line. */
    async createToken(customer, uses = 1) {
        const words = ['create-token', '--data', this.store, '--customer', customer, '--uses', String(uses)];
        return (await exec(join(BINARIES, 'rollcall-collector'), words)).stdout.trim().split('\n').at(-1);
    }

    /** Copies a release in; it is there with the next look (`updates.look_every_s`), or at once after restart(). */
    async addRelease(folder) {
        return (await exec(join(BINARIES, 'rollcall-collector'), ['add-release', folder, '--data', this.store])).stdout;
    }

    async removeRelease(version) {
        return (await exec(join(BINARIES, 'rollcall-collector'), ['remove-release', version, '--data', this.store])).stdout;
    }

    /** Changes the store behind its back, where only time could otherwise. */
    async sql(statement) {
        const file = readdirSync(this.store).find((name) => /\.(db|sqlite)$/.test(name));
        await exec('sqlite3', [join(this.store, file), statement]);
    }

    get pid() {
        return this.#process.pid;
    }

    /** A figure of /metrics, which answers on the loopback only: `listen` must hold it. */
    async metric(name) {
        const { body } = await ask(`https://127.0.0.1:${PORT}`, 'GET', '/metrics');
        const line = new RegExp(`^${name} (\\S+)$`, 'm').exec(body);
        if (!line) throw new Error(`there is no metric ${name}`);
        return Number(line[1]);
    }

    async stop() {
        if (this.#process.exitCode !== null) return this.#process.exitCode;
        this.#process.kill('SIGTERM');
        return (await once(this.#process, 'exit'))[0];
    }
}

/** One request; the collector's certificate is its own, and the network ends inside the sandbox. */
function ask(origin, method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
        const sent = request(origin + path, { method, headers, rejectUnauthorized: false, agent: false }, (answer) => {
            const parts = [];
            answer.on('data', (part) => parts.push(part));
            answer.on('end', () => {
                const text = Buffer.concat(parts).toString('utf8');
                const isJson = /json/.test(answer.headers['content-type'] ?? '');
                resolve({ status: answer.statusCode, headers: answer.headers, body: isJson ? JSON.parse(text) : text });
            });
            answer.on('error', reject);
        });
        sent.on('error', reject);
        sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/** Somebody who is logged in, as a script would be. */
export class Technician {
    #origin;
    #cookie = '';
    #csrf = '';

    /** The very first log-in, with the password of the terminal, and the change it asks for. */
    static async first(collector) {
        const first = await collector.firstPassword();
        const technician = await Technician.logIn(collector, first);
        await technician.post('/session/password', { current_password: first, new_password: PASSWORD });
        return technician;
    }

    static async logIn(collector, password = PASSWORD) {
        const technician = new Technician();
        technician.#origin = collector.origin;
        await technician.#open({ name: USER, password });
        return technician;
    }

    async #open(credentials) {
        const headers = { origin: this.#origin, 'content-type': 'application/json' };
        const answer = await ask(this.#origin, 'POST', '/api/v1/session', credentials, headers);
        if (answer.status !== 200) throw new Error(`log-in: ${answer.status} ${JSON.stringify(answer.body)}`);
        this.#cookie = answer.headers['set-cookie'][0].split(';')[0];
        this.#csrf = answer.body.csrf_token;
    }

    async #call(method, path, body) {
        const headers = { origin: this.#origin, cookie: this.#cookie, 'x-csrf-token': this.#csrf,
            'content-type': 'application/json' };
        const answer = await ask(this.#origin, method, `/api/v1${path}`, body, headers);
        if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
        return answer.body;
    }

    get(path) {
        return this.#call('GET', path);
    }

    post(path, body) {
        return this.#call('POST', path, body);
    }

    put(path, body) {
        return this.#call('PUT', path, body);
    }

    delete(path) {
        return this.#call('DELETE', path);
    }

    async devices() {
        return (await this.get('/devices')).items;
    }

    async device(name) {
        return (await this.devices()).find((row) => row.name === name);
    }

    /** All rows of a probe, page by page. */
    async rows(device, probe) {
        const rows = [];
        for (;;) {
            const page = await this.get(`/devices/${device.id}/probes/${probe}?offset=${rows.length}&limit=${PAGE_ROWS}`);
            rows.push(...page.rows);
            if (rows.length >= page.total || page.rows.length === 0) return rows;
        }
    }

    async row(device, probe, key) {
        return (await this.rows(device, probe)).find((row) => row.key === key);
    }

    async alerts(device, item) {
        return (await this.get(`/alerts?device=${device.id}`)).items.filter((alert) => alert.item === item);
    }
}
