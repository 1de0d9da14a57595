// A Debian machine that really boots (systemd, logind, D-Bus, apt; one kind with sysvinit instead), in the namespaces of
// tests/device/sandbox: it goes with them, however the test ends.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);

// As the sandbox made the network, which ends inside it.
export const COLLECTOR_ADDRESS = '192.0.2.1';
const NAMESPACE = 'device';
// systemd-nspawn's exit code where the machine asked to be booted again.
const EXIT_REBOOT = 133;
const BOOT_LIMIT_MS = 60_000;

// How a machine is asked whether it is up, what it says then, and how it is booted again.
const SYSTEMD = { up: ['systemctl', 'is-system-running'], says: /^(running|degraded)$/, again: ['systemctl', 'reboot'] };
const SYSVINIT = { up: ['runlevel'], says: /^\S+ 2$/, again: ['reboot'] };

const here = fileURLToPath(new URL('.', import.meta.url));

/** Waits until `probe` returns something true, and returns that; looks every 20 ms. */
export async function eventually(probe, limitMs, what) {
    const end = performance.now() + limitMs;
    for (;;) {
        const seen = await probe();
        if (seen) return seen;
        if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
        await sleep(20);
    }
}

/** The image below, what this test writes above it in the sandbox's memory. */
async function makeDisk(image) {
    const top = mkdtempSync(join(tmpdir(), 'device-'));
    for (const name of ['upper', 'work', 'root']) mkdirSync(join(top, name));
    const layers = `lowerdir=${image},upperdir=${top}/upper,workdir=${top}/work`;
    await exec('mount', ['-t', 'overlay', 'overlay', '-o', layers, `${top}/root`]);
    return { root: join(top, 'root'), console: join(top, 'console.log') };
}

export class Machine {
    #disk;
    #nspawn;
    #leader = 0;
    #ended;
    #init;

    /** A machine that is not booted yet: install into `root` first. `kind`: one of those of tests/device/image. */
    static async make(kind = 'bookworm') {
        const { stdout } = await exec(join(here, 'image'), ['--where', kind]);
        const machine = new Machine();
        machine.#init = kind === 'sysvinit' ? SYSVINIT : SYSTEMD;
        machine.#disk = await makeDisk(stdout.trim());
        return machine;
    }

    get root() {
        return this.#disk.root;
    }

    get console() {
        return readFileSync(this.#disk.console, 'utf8');
    }

    install(source, target) {
        mkdirSync(join(this.root, target, '..'), { recursive: true });
        copyFileSync(source, join(this.root, target));
    }

    /** Changes the disk before the boot, as its package's scripts would. */
    async chroot(...command) {
        return (await exec('chroot', [this.root, ...command])).stdout;
    }

    async boot() {
        const log = openSync(this.#disk.console, 'a');
        const options = ['--register=no', '--keep-unit', '--console=pipe', '--resolv-conf=off', '--timezone=off',
            '--link-journal=no', `--network-namespace-path=/run/netns/${NAMESPACE}`];
        this.#nspawn = spawn('systemd-nspawn', ['--directory', this.root, ...options, '--boot'],
            { stdio: ['ignore', log, log] });
        closeSync(log);
        this.#ended = once(this.#nspawn, 'exit').then(([code]) => code);
        const withConsole = (error) => {
            throw new Error(`${error.message}; its console says:\n${this.console}`);
        };
        this.#leader = await eventually(() => this.#findLeader(), BOOT_LIMIT_MS, 'the machine starts').catch(withConsole);
        await eventually(() => this.#isUp(), BOOT_LIMIT_MS, 'the machine is up').catch(withConsole);
    }

    /** Its first process; systemd-nspawn has helpers beside it while it starts. */
    async #findLeader() {
        if (this.#nspawn.exitCode !== null) throw new Error(`systemd-nspawn ended with ${this.#nspawn.exitCode}`);
        const { stdout } = await exec('pgrep', ['--parent', String(this.#nspawn.pid), '--exact', 'systemd|init'])
            .catch(() => ({ stdout: '' }));
        return Number(stdout.trim());
    }

    async #isUp() {
        const state = await this.run(...this.#init.up).catch((error) => error.stdout ?? '');
        return this.#init.says.test(state.trim());
    }

    #inside(command) {
        // --root, --wd: of the machine, also where these tests themselves run in a changed root, or a folder that it lacks.
        return ['--target', String(this.#leader), '--root', '--wd', '--mount', '--pid', '--net', '--uts', '--ipc', '--', ...command];
    }

    /** Runs a command inside, as root; what it prints. */
    async run(...command) {
        return (await exec('nsenter', this.#inside(command))).stdout;
    }

    /** The same with something on its standard input. */
    async feed(input, ...command) {
        const running = exec('nsenter', this.#inside(command));
        running.child.stdin.end(input);
        return await running;
    }

    /** A person at a terminal: login, PAM, logind, utmp, as on any machine. Ends with `logOut`. */
    async logIn(user) {
        const unit = `terminal-${user}`;
        // A terminal of its own (script), on which login itself starts the session.
        await this.run('systemd-run', '--quiet', `--unit=${unit}`, '--', 'script', '--quiet', '--command',
            `login -f ${user}`, '/dev/null');
        return unit;
    }

    async logOut(unit) {
        await this.run('systemctl', 'stop', unit);
    }

    /** Pulls the cable: packets vanish, and no one is told. */
    async unplug() {
        await exec('ip', ['link', 'set', 'lan', 'down']);
    }

    async plug() {
        await exec('ip', ['link', 'set', 'lan', 'up']);
    }

    async reboot() {
        await this.run(...this.#init.again).catch(() => '');
        const code = await this.#ended;
        if (code !== EXIT_REBOOT) throw new Error(`the machine ended with ${code} instead of rebooting`);
        await this.boot();
    }

    async powerOff() {
        await this.run('systemctl', 'poweroff').catch(() => '');
        return await this.#ended;
    }

    /** For the end of a test: at once, whatever state it is in. */
    async destroy() {
        if (!this.#nspawn || this.#nspawn.exitCode !== null) return;
        this.#nspawn.kill('SIGKILL');
        await this.#ended;
    }
}
