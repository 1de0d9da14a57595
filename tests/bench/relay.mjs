// Between agent and collector: counts what TCP carries, that is TLS records, both ways.
import { connect, createServer } from 'node:net';

import { COLLECTOR_ADDRESS } from '../device/machine.mjs';

export class Relay {
    up = 0;
    down = 0;

    static async start(port) {
        const relay = new Relay();
        const server = createServer((near) => {
            const far = connect(port, COLLECTOR_ADDRESS);
            near.on('data', (bytes) => { relay.up += bytes.length; });
            far.on('data', (bytes) => { relay.down += bytes.length; });
            for (const [one, other] of [[near, far], [far, near]]) {
                one.on('error', () => other.destroy());
                one.on('close', () => other.destroy());
                one.pipe(other);
            }
        });
        await new Promise((done) => server.listen(0, COLLECTOR_ADDRESS, done));
        relay.port = server.address().port;
        relay.server = server;
        return relay;
    }

    get bytes() {
        return this.up + this.down;
    }
}
