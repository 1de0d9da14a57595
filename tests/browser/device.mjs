// A simulated device, where it matters what it tells and no machine would do: what it says is made up; its enrolment,
// key, certificate, TLS and messages (common/wire/messages.hpp) are those of an agent, against the real collector.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:https';
import { promisify } from 'node:util';

const exec = promisify(execFile);
/** Two of them within the collector's patience (common/wire/limits.hpp, silence). */
const HEARTBEAT_MS = 10_000;
const TEXT = 1;
const PONG = 10;

export class SimulatedDevice {
    #origin;
    #identity;
    #socket;
    #heartbeat;
    #next = { state: 1, series: 1 };

    /** What `rollcall-agent enrol` sends. It says nothing more until connect(). */
    static async enrol(collector, word, hostName) {
        const { secret } = JSON.parse(Buffer.from(word.slice(word.indexOf('.') + 1), 'base64url').toString('utf8'));
        const { stdout } = await exec('openssl', ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
            '-nodes', '-keyout', '-', '-subj', `/CN=${hostName}`]);
        const [key, pem] = ['PRIVATE KEY', 'CERTIFICATE REQUEST'].map((kind) =>
            new RegExp(`-----BEGIN ${kind}-----.*-----END ${kind}-----\\n`, 's').exec(stdout)[0]);
        const sent = request(`${collector.origin}/enrol`, { method: 'POST', rejectUnauthorized: false, agent: false,
            headers: { 'content-type': 'application/json' } });
        const wish = { token: secret, request_pem: pem, host_name: hostName, hardware_id: '', agent_version: '1' };
        sent.end(JSON.stringify(wish));
        const [answer] = await once(sent, 'response');
        assert.equal(answer.statusCode, 200, `enrol ${hostName}`);
        const body = Buffer.concat(await answer.toArray()).toString('utf8');
        const { device_id: id, certificate_pem: cert } = JSON.parse(body);
        const device = new SimulatedDevice();
        device.#origin = collector.origin;
        device.#identity = { id, cert, key };
        return device;
    }

    get id() {
        return this.#identity.id;
    }

    /** Says hello, and is online. */
    async connect() {
        const { id, cert, key } = this.#identity;
        const sent = request(`${this.#origin}/agent`, { cert, key, rejectUnauthorized: false, agent: false,
            ALPNProtocols: ['rollcall-agent/1'], headers: { connection: 'Upgrade', upgrade: 'websocket',
                'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64'),
                'sec-websocket-protocol': 'rollcall.v1' } });
        sent.end();
        const [, socket] = await once(sent, 'upgrade');
        this.#socket = socket;
        socket.on('error', () => {}); // The collector stops before it does.
        const nothing = { first: 1, next: 1 };
        this.#say({ type: 'hello', protocol: 1, agent_version: '1', device_id: id, boot_id: 'simulated',
            sent_ms: Date.now(), epoch: randomUUID(), event: nothing, state: nothing, series: nothing, digests: {} });
        await once(socket, 'data'); // Its welcome; what it acknowledges later is taken as said.
        socket.resume();
        this.#heartbeat = setInterval(() => this.#send(PONG, String(Date.now())), HEARTBEAT_MS);
    }

    /** All that a state probe sees: rows by their key. */
    tell(probe, rows) {
        this.#say({ type: 'state', sequence: this.#next.state++, probe, taken_ms: Date.now(), base: '',
            digest: digestOf(rows), unknown: '', cut_rows: 0, rows, removed: [] });
    }

    /** One reading of a series probe: lines of a key and the values in the order of its columns. */
    read(probe, lines) {
        this.#say([this.#next.series++, Date.now(), [probe, ...lines]]);
    }

    /** As when a plug is pulled. */
    drop() {
        clearInterval(this.#heartbeat);
        this.#socket?.destroy();
    }

    #say(message) {
        this.#send(TEXT, JSON.stringify(message));
    }

    #send(kind, text) {
        const mask = randomBytes(4);
        const content = Buffer.from(text).map((byte, place) => byte ^ mask[place % 4]);
        const head = content.length < 126 ? Buffer.from([0x80 | kind, 0x80 | content.length]) : Buffer.alloc(4);
        if (head.length === 4) {
            head.set([0x80 | kind, 0x80 | 126]);
            head.writeUInt16BE(content.length, 2);
        }
        this.#socket.write(Buffer.concat([head, mask, content]));
    }
}

/** As common/wire/digest.cpp makes it: each key, column and value with its kind and length in front. */
function digestOf(rows) {
    const hash = createHash('sha256');
    const number = (kind, value) => {
        const bytes = Buffer.alloc(9);
        bytes.write(kind);
        bytes.writeBigInt64LE(BigInt(value), 1);
        hash.update(bytes);
    };
    const text = (kind, value) => {
        number(kind, Buffer.byteLength(value));
        hash.update(value);
    };
    const sorted = (object) => Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, row] of sorted(rows)) {
        text('r', key);
        for (const [column, value] of sorted(row)) {
            text('c', column);
            if (typeof value === 'boolean') number('b', value ? 1 : 0);
            else if (typeof value === 'number') number('i', value);
            else text('s', value);
        }
    }
    return hash.digest('hex').slice(0, 32);
}
