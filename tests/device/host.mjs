// A booted machine and a person's commands on it: packages in and out, and what they leave behind.
import assert from 'node:assert/strict';

import { Machine } from './machine.mjs';

/** A booted machine, and a person's commands on it. */
export class Host {
    /** `kind`: one of the machines of tests/device/image. */
    static async boot(kind) {
        const host = new Host();
        host.machine = await Machine.make(kind);
        await host.machine.boot();
        return host;
    }

    run(...command) {
        return this.machine.run(...command);
    }

    async apt(...words) {
        return await this.run('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--yes', '--quiet', ...words);
    }

    /** As a person does it, with a file at hand. */
    async install(file) {
        const target = 'var/tmp/package.deb';
        this.machine.install(file, target);
        const said = await this.apt('install', `/${target}`);
        await this.run('rm', `/${target}`);
        return said;
    }

    async write(path, text) {
        await this.machine.feed(text, 'tee', path);
    }

    async exists(path) {
        return await this.run('test', '-e', path).then(() => true, () => false);
    }

    async isActive(unit) {
        return await this.run('systemctl', 'is-active', '--quiet', unit).then(() => true, () => false);
    }

    /** All files, users and groups, but what any package and any minute change: logs, caches, states of apt and older ones of dpkg. */
    async inventory() {
        const skipped = ['/proc', '/sys', '/dev', '/run', '/tmp', '/var/tmp', '/var/log', '/var/cache', '/var/lib/apt'];
        const prune = skipped.flatMap((path) => ['-path', path, '-prune', '-o']);
        const files = await this.run('find', '/', ...prune, '-print');
        const accounts = await this.run('sh', '-c', 'getent passwd; getent group');
        return [...files.split('\n').filter((path) => !/^\/var\/lib\/dpkg\/[^/]+-old$/.test(path)), ...accounts.split('\n')].sort();
    }

    async assertSame(before) {
        const now = await this.inventory();
        const [was, is] = [new Set(before), new Set(now)];
        assert.deepEqual({ left: now.filter((line) => !was.has(line)), gone: before.filter((line) => !is.has(line)) },
            { left: [], gone: [] });
    }

    /** What the machine wrote down: its journal, and every file of /var/log, apt's and dpkg's among them. */
    async logs() {
        const journal = await this.run('journalctl', '--no-pager', '--output=export').catch(() => '');
        const files = await this.run('find', '/var/log', '-type', 'f', '-size', '-8M', '-exec', 'cat', '{}', '+');
        return `${journal}\n${files}`;
    }
}
