// A disk that fails under a working collector: a real ext4 on a loop device, which goes read-only at its first error, as
// Debian's installer sets it up, or answers everything with an I/O error.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { LocalAgent } from './agent.mjs';
import { Collector, Technician } from './collector.mjs';
import { eventually } from './machine.mjs';
import { CUSTOMER } from './scene.mjs';

const exec = promisify(execFile);

const DISK_BYTES = '256M';
// ext4's ioctl EXT4_IOC_SHUTDOWN without a last flush (fs/ext4/ext4.h), which Perl can call and Node cannot.
const SHUT_DOWN = 'open my $top, "<", $ARGV[0] or die; my $how = pack("L", 2); ioctl($top, 0x8004587d, $how) or die $!';
/** e2fsck's exit codes: nothing was wrong, or it has been mended. */
const MENDED = [0, 1];
// Nothing here asserts speed: these end what would hang.
const LIMIT_MS = 60_000;

class Disk {
    static async make() {
        const disk = new Disk();
        const folder = mkdtempSync(join(tmpdir(), 'disk-'));
        disk.image = join(folder, 'image');
        disk.top = join(folder, 'top');
        mkdirSync(disk.top);
        await exec('truncate', ['--size', DISK_BYTES, disk.image]);
        await exec('mkfs.ext4', ['-q', '-m', '0', '-E', 'lazy_itable_init=1', disk.image]);
        await disk.mount();
        return disk;
    }

    async mount() {
        await exec('mount', ['-o', 'loop,errors=remount-ro', this.image, this.top]);
    }

    /** Its first error: from now on it is read-only, also for those who have files open. */
    async goReadOnly() {
        const { stdout } = await exec('findmnt', ['--noheadings', '--output', 'SOURCE', this.top]);
        writeFileSync(`/sys/fs/ext4/${basename(stdout.trim())}/trigger_fs_error`, '1');
    }

    /** Every read and write of it fails. */
    async breakDown() {
        await exec('perl', ['-e', SHUT_DOWN, this.top]);
    }

    async mend() {
        await exec('umount', [this.top]);
        const { code } = await exec('e2fsck', ['-fy', this.image]).catch((error) => error);
        assert.ok(MENDED.includes(code ?? 0), `e2fsck ended with ${code}`);
        await this.mount();
    }
}

describe('a disk that fails under the collector', { timeout: 600_000 }, () => {
    let disk;
    let collector;
    let technician;
    let agent;

    const device = async () => (await technician.devices())[0];
    const isOnline = async () => (await device())?.availability === 'online';
    const count = async (name) => (await technician.get(`/devices/${(await device()).id}/events?limit=500`)).items
        .filter((event) => event.name === name).length;
    const isSaid = (words) => () => words.test(collector.log);
    const explain = (error) => {
        throw new Error(`${error.message}\n--- agent:\n${agent.log}\n--- collector:\n${collector.log}`);
    };

    before(async () => {
        disk = await Disk.make();
        collector = await Collector.start({ store: join(disk.top, 'data') });
        technician = await Technician.first(collector);
        agent = await LocalAgent.start(await collector.createToken(CUSTOMER));
        await eventually(isOnline, LIMIT_MS, 'the device is online').catch(explain);
        await eventually(async () => await count('agent_start') === 1, LIMIT_MS, 'its start is told').catch(explain);
    });
    after(async () => {
        await agent?.stop();
        await collector?.stop();
    });

    /** What the agent tells while the disk fails must be there, each once, when it is mended; people see what there was. */
    async function outlives(fault, remedy) {
        const before = await count('agent_start');
        await fault();
        await agent.restart();
        await eventually(isSaid(/store\.commit_failed/), LIMIT_MS, 'the collector says that it cannot store').catch(explain);
        assert.match(collector.log, remedy);
        await eventually(async () => (await collector.ready()).status === 503, LIMIT_MS, 'it is not ready').catch(explain);
        await eventually(async () => /storage/.test(agent.log), LIMIT_MS, 'the agent is told').catch(explain);

        assert.equal(await collector.stop(), 0);
        const refused = await collector.refuses();
        assert.ok(refused.includes(collector.store), refused);
        await disk.mend();
        await collector.restart();
        technician = await Technician.logIn(collector);
        await eventually(async () => await isOnline() && await count('agent_start') === before + 1, LIMIT_MS,
            'all that was told is there').catch(explain);
        assert.equal(await count('agent_stop'), before);
        assert.doesNotMatch(collector.log, /agent\.gap/);
        return refused;
    }

    test('one that goes read-only: nothing is acknowledged, the page is still there, and mended it goes on', async () => {
        const refused = await outlives(() => disk.goReadOnly(), /Its disk is full, failing or read-only/);
        assert.match(refused, /its file system is read-only\. .*system's log/);
    });

    test('one whose every read and write fails: the same, and the start says so', async () => {
        const refused = await outlives(() => disk.breakDown(), /Its disk is full, failing or read-only|its disk cannot be read/);
        assert.match(refused, /Input\/output error/);
    });
});
