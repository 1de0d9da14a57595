// What device and browser tests begin with: a collector, a technician, and a booted machine that is enrolled and online.
import { agentLog, enrolAgent, installAgent } from './agent.mjs';
import { Collector, Technician } from './collector.mjs';
import { Machine, eventually } from './machine.mjs';

export const CUSTOMER = 'Sample Ltd';
export const DEVICE = 'rollcall-device';

const ARRIVE_LIMIT_MS = 15_000;
/** The slow probes (software, patches, disks) have been read once. */
const SETTLE_LIMIT_MS = 60_000;

export class Scene {
    /** `enrol` false: the machine has the agent's package and nothing more. `prepare`: changes it before it boots.
        `collector`: what that is told otherwise. `settle` false: it is online, and its slow probes are not waited for. */
    static async open({ enrol = true, settle = true, prepare, collector } = {}) {
        const scene = new Scene();
        try {
            await scene.#prepare(prepare, collector);
            if (enrol) await scene.enrol();
            if (enrol && settle) await scene.settle();
        } catch (error) {
            await scene.close();
            throw error;
        }
        return scene;
    }

    async #prepare(change, collector) {
        this.collector = await Collector.start(collector);
        this.machine = await Machine.make();
        installAgent(this.machine);
        change?.(this.machine);
        await this.machine.boot();
    }

    async enrol() {
        this.technician = await Technician.first(this.collector);
        await enrolAgent(this.machine, await this.collector.createToken(CUSTOMER));
        await this.#arrive();
    }

    async #arrive() {
        await eventually(() => this.isOnline(), ARRIVE_LIMIT_MS, 'the device is online').catch((error) => this.#explain(error));
    }

    /** The device is there and its slow probes have been read once. */
    async settle() {
        await this.#arrive();
        await eventually(() => this.#isRead(), SETTLE_LIMIT_MS, 'patches, services and CPU are known')
            .catch((error) => this.#explain(error));
    }

    async #explain(error) {
        throw new Error(`${error.message}\n--- agent:\n${await agentLog(this.machine)}\n--- collector:\n${this.collector.log}`);
    }

    async #isRead() {
        const { patches, services, cpu_percent: cpu } = await this.device();
        return [patches, services, cpu].every(({ value }) => value !== null);
    }

    device() {
        return this.technician.device(DEVICE);
    }

    async isOnline() {
        return (await this.device())?.availability === 'online';
    }

    async openAlert(item, subject) {
        const alerts = await this.technician.alerts(await this.device(), item);
        return alerts.find((alert) => alert.status === 'open' && (subject === undefined || alert.subject.startsWith(subject)));
    }

    async close() {
        await this.machine?.destroy();
        await this.collector?.stop();
    }
}

/** Does something, waits for what must follow, fails beyond the limit, and prints how long it took. */
export async function measure(test, what, limitMs, cause, effect) {
    // Judged after the fact, so that a miss tells by how much.
    const patienceMs = limitMs + 10_000;
    const start = performance.now();
    await cause();
    const seen = await eventually(effect, patienceMs, what);
    const tookMs = Math.round(performance.now() - start);
    test.diagnostic(`${what}: ${tookMs} ms (limit ${limitMs} ms)`);
    if (tookMs > limitMs) throw new Error(`${what}: took ${tookMs} ms, limit ${limitMs} ms`);
    return seen;
}
