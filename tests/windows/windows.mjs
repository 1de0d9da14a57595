// A Windows for a test: Wine, in a folder of its own inside the sandbox, where nothing else sees its services.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const WINE = join(root, 'tests/windows/wine');
const RUN_LIMIT_MS = 60_000;

export const AGENT = join(root, 'build/windows/bin/rollcall-agent.exe');

export class Windows {
    #environment;

    /** Up when this returns, and new: a test that failed leaves its service behind. */
    static async start() {
        const windows = new Windows();
        windows.folder = join(root, 'build/wine-sandbox');
        // Wine takes words of a command line for text of the system's language.
        windows.#environment = { ...process.env, ROLLCALL_WINE: windows.folder, LC_ALL: 'C.UTF-8' };
        await exec(WINE, ['--new'], { env: windows.#environment });
        return windows;
    }

    /** Where a file of drive C: lies. */
    path(file) {
        return join(this.folder, 'drive_c', file.replace(/^C:/i, '').replaceAll('\\', '/'));
    }

    /** Runs a program to its end, whatever that is: `input` is what it reads. */
    run(program, words, input = '') {
        return new Promise((resolve) => {
            const options = { env: this.#environment, timeout: RUN_LIMIT_MS };
            const running = execFile(WINE, [program, ...words], options, (error, stdout, stderr) =>
                resolve({ code: error ? error.code : 0, stdout, said: stdout + stderr }));
            running.stdin.on('error', () => {});
            running.stdin.end(input);
        });
    }

    /** Runs a program that must succeed; what it said. */
    async does(program, words, input) {
        const { code, said } = await this.run(program, words, input);
        if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${code}: ${said}`);
        return said;
    }

    /** The processes that run a file of this name, as the kernel below Wine counts them. */
    processes(file) {
        return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
            try {
                return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0].endsWith(file);
            } catch {
                return false; // It ended meanwhile.
            }
        });
    }

    /** As after a loss of power: nothing ends in order, and services start with it. */
    async boot() {
        await this.stop();
        await exec(WINE, ['--up'], { env: this.#environment });
    }

    /** Starts a program that stays; what it says goes to `log`. */
    begin(program, words, log) {
        const file = openSync(log, 'a');
        const running = spawn(WINE, [program, ...words], { env: this.#environment, stdio: ['ignore', file, file] });
        closeSync(file);
        return {
            get log() {
                return readFileSync(log, 'utf8');
            },
            async stop() {
                if (running.exitCode !== null) return;
                running.kill('SIGKILL');
                await once(running, 'exit');
            },
        };
    }

    async stop() {
        await exec(WINE, ['--down'], { env: this.#environment });
    }
}
