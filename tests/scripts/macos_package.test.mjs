// The package and the archive for macOS: their form, read by other programs, and what their scripts do to a system. That
// system is made of this one's tools with stand-ins for Apple's, so it proves the scripts, not macOS.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { PATHS_LIMIT, cksum, makeBom } from '../../installers/macos/bom.mjs';
import { Collector, Technician } from '../device/collector.mjs';
import { addDevice } from '../device/install.mjs';
import { makeRelease } from '../device/releases.mjs';
import { HOME, build, listPayload, readBom, unpack, unpackPayload } from '../macos/package.mjs';

const BUILD = fileURLToPath(new URL('../../installers/macos/build', import.meta.url));
const VERSION = '1.2.3';
const EPOCH = 1795000000;
const STATE = `${HOME}/rollcall-agent/data`;
const JOBS = ['com.rollcall.agent', 'com.rollcall.agent.enrol'];

/** A stand-in for the agent: says its version, and enrols as `answer` in its folder has it, without a word of the token. */
const AGENT = (version) => `#!/bin/sh
if [ "$1" = --version ]; then echo "rollcall-agent ${version}"; exit 0; fi
[ "$1" = enrol ] && [ "$2" = --state ] && [ "$4" = --token-file ] || exit 99
answer=$(cat /answer)
cat "$5" >>/tokens
if [ "$answer" = 0 ]; then mkdir -p "$3"; echo '{}' >"$3/identity.json"; fi
echo "ends with $answer"
exit "$answer"
`;

function makeProgram(version = VERSION) {
    const file = join(mkdtempSync(join(tmpdir(), 'program-')), 'rollcall-agent');
    writeFileSync(file, AGENT(version), { mode: 0o755 });
    return file;
}

/** A system with a root of its own: this one's tools, Apple's as stand-ins that write down how they were called. */
class Mac {
    constructor({ system = 'Darwin', version = '14.5' } = {}) {
        this.root = mkdtempSync(join(tmpdir(), 'mac-'));
        for (const folder of ['usr', 'lib', 'lib64', 'bin', 'dev', 'tmp', 'Library/LaunchDaemons']) {
            mkdirSync(join(this.root, folder), { recursive: true });
        }
        for (const folder of ['usr', 'lib', 'lib64']) {
            if (existsSync(`/${folder}`)) execFileSync('mount', ['--rbind', '-o', 'ro', `/${folder}`, join(this.root, folder)]);
        }
        execFileSync('mknod', ['-m', '666', join(this.root, 'dev/null'), 'c', '1', '3']);
        symlinkSync('/usr/bin/sh', join(this.root, 'bin/sh'));
        this.#put('sw_vers', `echo ${version}`);
        for (const tool of ['launchctl', 'xattr', 'pkgutil']) this.#put(tool, `echo "${tool} $*" >>/calls`);
        // The one that this system has, too.
        this.#put('uname', `if [ "$1" = -m ]; then echo arm64; else echo ${system}; fi`);
        this.#put('sudo', 'exec "$@"');
        execFileSync('mount', ['--bind', join(this.root, 'bin/uname'), join(this.root, 'usr/bin/uname')]);
        this.answer(0);
    }

    #put(name, line) {
        writeFileSync(join(this.root, 'bin', name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
    }

    answer(code) {
        writeFileSync(join(this.root, 'answer'), `${code}\n`);
    }

    launchctl(line) {
        this.#put('launchctl', `echo "launchctl $*" >>/calls\n${line}`);
    }

    at(path) {
        return join(this.root, path);
    }

    read(path) {
        return existsSync(this.at(path)) ? readFileSync(this.at(path), 'utf8') : '';
    }

    mode(path) {
        return (lstatSync(this.at(path)).mode & 0o777).toString(8);
    }

    run(command, words = [], { input = '', environment = {} } = {}) {
        const { status, stdout, stderr } = spawnSync('chroot', [this.root, command, ...words],
            { input, encoding: 'utf8', env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', ...environment } });
        return { code: status, said: stdout + stderr };
    }

    /** The archive, unpacked as a person would. */
    unpack(archive) {
        execFileSync('tar', ['--extract', '--gzip', '--file', archive, '--strip-components=1', '--one-top-level=installer',
            '--directory', this.root]);
    }

    installArchive(archive, words = [], options = {}) {
        rmSync(this.at('installer'), { recursive: true, force: true });
        this.unpack(archive);
        return this.run('/installer/install.sh', words, options);
    }

    /** What Apple's installer is said to do with a package: first script, files, second script. */
    installPackage(file) {
        const flat = unpack(file);
        for (const name of ['Payload', 'Scripts']) {
            writeFileSync(this.at(`tmp/${name}`), readFileSync(join(flat, 'agent.pkg', name)));
        }
        mkdirSync(this.at('tmp/scripts'), { recursive: true });
        const extract = (name, folder) => this.run('/bin/sh', ['-c', `cd ${folder} && gzip -dc </tmp/${name} | cpio -idum --quiet`]);
        assert.equal(extract('Scripts', '/tmp/scripts').code, 0);
        const first = this.run('/tmp/scripts/preinstall');
        if (first.code !== 0) return first;
        const files = extract('Payload', '/');
        assert.equal(files.code, 0, files.said);
        const last = this.run('/tmp/scripts/postinstall');
        return { code: last.code, said: first.said + last.said };
    }
}

describe('the package for macOS', { timeout: 120_000 }, () => {
    let made;
    let flat;
    let program;

    before(() => {
        program = makeProgram();
        made = build(program, VERSION, { SOURCE_DATE_EPOCH: String(EPOCH) });
        flat = unpack(made.package);
    });

    test('the same input gives the same bytes', () => {
        const again = build(program, VERSION, { SOURCE_DATE_EPOCH: String(EPOCH) });
        for (const kind of ['package', 'archive']) {
            assert.ok(readFileSync(made[kind]).equals(readFileSync(again[kind])), kind);
        }
    });

    test('its outer archive holds what a flat package has, and one changed byte is noticed', () => {
        const listed = execFileSync('bsdtar', ['-t', '-f', made.package], { encoding: 'utf8' }).trim().split('\n');
        assert.deepEqual(listed.sort(), ['Distribution', 'agent.pkg', 'agent.pkg/Bom', 'agent.pkg/PackageInfo', 'agent.pkg/Payload',
            'agent.pkg/Scripts']);
        const broken = join(mkdtempSync(join(tmpdir(), 'broken-')), 'a.pkg');
        const bytes = readFileSync(made.package);
        bytes[bytes.length - 1] ^= 1;
        writeFileSync(broken, bytes);
        assert.throws(() => unpack(broken));
    });

    test('its descriptions are XML, and name this version and the oldest system', () => {
        const read = (name) => {
            execFileSync('xmllint', ['--noout', join(flat, name)]);
            return readFileSync(join(flat, name), 'utf8');
        };
        assert.match(read('Distribution'), /<os-version min="12\.0"\/>/);
        assert.match(read('Distribution'), /hostArchitectures="arm64,x86_64"/);
        assert.match(read('agent.pkg/PackageInfo'), /identifier="com\.rollcall\.agent" version="1\.2\.3" install-location="\/"/);
        for (const name of ['Distribution', 'agent.pkg/PackageInfo']) assert.doesNotMatch(read(name), /@[A-Z]+@/);
    });

    test('its files belong to root, nobody else may write them, and cpio does not complain', () => {
        const listed = listPayload(join(flat, 'agent.pkg/Payload'));
        assert.ok(listed.some(({ path }) => path === `./${HOME}/bin/rollcall-agent`), JSON.stringify(listed));
        for (const { path, mode, owner, group } of listed) {
            assert.deepEqual([owner, group], [0, 0], path);
            assert.match(mode, path.endsWith('.plist') ? /^-rw-r--r--$/ : /^[-d]rwxr-xr-x$/, path);
        }
        const scripts = listPayload(join(flat, 'agent.pkg/Scripts'));
        assert.deepEqual(scripts.map(({ path }) => path), ['.', './postinstall', './preinstall']);
    });

    test('its list of files is that of its payload: paths, kinds, modes, sizes, checksums', () => {
        const payload = join(flat, 'agent.pkg/Payload');
        const listed = listPayload(payload);
        const bom = readBom(join(flat, 'agent.pkg/Bom'));
        assert.deepEqual(bom.names, ['BomInfo', 'Paths', 'HLIndex', 'VIndex', 'Size64']);
        assert.equal(bom.version, 1);
        assert.equal(bom.count, bom.blocks + 1);
        assert.equal(bom.ends, bom.bytes);
        assert.equal(bom.pathCount, listed.length);
        assert.deepEqual(bom.entries.map(({ path }) => path), listed.map(({ path }) => path));
        const folder = unpackPayload(payload);
        bom.entries.forEach((entry, index) => {
            const facts = lstatSync(join(folder, entry.path));
            assert.equal(entry.kind, facts.isDirectory() ? 2 : 1, entry.path);
            if (index > 0) assert.equal(entry.mode, facts.mode, entry.path);
            assert.equal(entry.size, listed[index].size, entry.path);
            assert.deepEqual([entry.owner, entry.group, entry.time], [0, 0, EPOCH]);
            if (!facts.isFile()) return;
            // "1234 56 path": cksum(1) is another writer of the same sum.
            const sum = execFileSync('cksum', [join(folder, entry.path)], { encoding: 'utf8' }).split(' ')[0];
            assert.equal(entry.checksum, Number(sum), entry.path);
        });
        const installed = readFileSync(join(folder, HOME, 'bin/rollcall-agent'));
        assert.ok(installed.equals(readFileSync(program)));
    });

    test('a list that would be too long, or is out of order, is refused', () => {
        const folder = (path) => ({ path, mode: 0o40755, mtime_s: 0 });
        const many = Array.from({ length: PATHS_LIMIT }, (_, index) => folder(`./${index}`));
        assert.throws(() => makeBom([folder('.'), ...many]), /256/);
        assert.throws(() => makeBom([folder('.'), folder('./a/b')]), /comes before/);
        assert.equal(cksum(Buffer.alloc(0)), 4294967295);
    });

    test('its jobs are property lists that name files of the package', () => {
        const folder = unpackPayload(join(flat, 'agent.pkg/Payload'));
        for (const job of JOBS) {
            const file = join(folder, `Library/LaunchDaemons/${job}.plist`);
            const out = join(mkdtempSync(join(tmpdir(), 'plist-')), 'binary');
            execFileSync('plistutil', ['-i', file, '-o', out, '-f', 'bin']);
            assert.equal(readFileSync(out).toString('latin1', 0, 8), 'bplist00');
            const text = readFileSync(file, 'utf8');
            assert.ok(text.includes(`<string>${job}</string>`));
            const [, first] = /<key>ProgramArguments<\/key>\s*<array>\s*<string>([^<]*)<\/string>/.exec(text);
            assert.ok(existsSync(join(folder, first)), first);
        }
    });

    test('a version or program that is none is a sentence', () => {
        const run = (words) => spawnSync(BUILD, words, { encoding: 'utf8' });
        assert.match(run(['--program', program, '--version', '1.2']).stderr, /--version wants MAJOR\.MINOR\.PATCH, not '1\.2'/);
        assert.match(run(['--program', '/nowhere', '--version', VERSION]).stderr, /\/nowhere is missing/);
        assert.match(run(['--frob']).stderr, /unknown argument: --frob/);
    });

    for (const [way, install] of [
        ['the package', (mac, files) => mac.installPackage(files.package)],
        ['install.sh', (mac, files) => mac.installArchive(files.archive)],
    ]) {
        describe(`installed by ${way}`, () => {
            test('without a token it says how to enrol, and launchd has both jobs', () => {
                const mac = new Mac();
                const { code, said } = install(mac, made);
                assert.equal(code, 0, said);
                assert.match(said, /not enrolled yet\. With a token/);
                for (const job of JOBS) {
                    assert.match(mac.read('calls'), new RegExp(`launchctl bootstrap system /Library/LaunchDaemons/${job}\\.plist`));
                    assert.equal(mac.mode(`Library/LaunchDaemons/${job}.plist`), '644');
                }
                assert.equal(mac.mode(`${HOME}/bin/rollcall-agent`), '755');
            });

            test('with a token file it enrols once, and the file is gone', () => {
                const mac = new Mac();
                mkdirSync(mac.at(HOME), { recursive: true });
                writeFileSync(mac.at(`${HOME}/token`), 'word\n', { mode: 0o644 });
                const { code, said } = install(mac, made);
                assert.equal(code, 0, said);
                assert.match(said, /is enrolled; its agent runs/);
                assert.equal(mac.read('tokens'), 'word\n');
                assert.ok(!existsSync(mac.at(`${HOME}/token`)));
                assert.match(mac.read('calls'), /launchctl kickstart system\/com\.rollcall\.agent$/m);
                assert.doesNotMatch(mac.read('calls') + mac.read(`${HOME}/enrol.log`) + said, /word/);
            });

            test('an upgrade keeps the identity, and a token that was put there again is destroyed unused', () => {
                const mac = new Mac();
                mkdirSync(mac.at(STATE), { recursive: true });
                writeFileSync(mac.at(`${STATE}/identity.json`), 'mine');
                assert.equal(install(mac, made).code, 0);
                writeFileSync(mac.at(`${HOME}/token`), 'word\n');
                const next = build(makeProgram('1.2.10'), '1.2.10');
                const { code, said } = install(mac, next);
                assert.equal(code, 0, said);
                assert.equal(mac.read(`${STATE}/identity.json`), 'mine');
                assert.equal(mac.read('tokens'), '');
                assert.ok(!existsSync(mac.at(`${HOME}/token`)));
                assert.match(mac.run(`/${HOME}/bin/rollcall-agent`, ['--version']).said, /1\.2\.10/);
                assert.match(mac.read('calls'), /bootout system\/com\.rollcall\.agent$/m);
            });

            test('an older version is refused, and what runs goes on', () => {
                const mac = new Mac();
                const newer = build(makeProgram('1.2.10'), '1.2.10');
                assert.equal(install(mac, newer).code, 0);
                writeFileSync(mac.at('calls'), '');
                const { code, said } = install(mac, made);
                assert.equal(code, 1);
                assert.match(said, /version 1\.2\.10 is installed, which is newer than 1\.2\.3/);
                assert.equal(mac.read('calls').replace(/^xattr.*\n/gm, ''), '');
            });

            test('a token that is refused waits under another name, and is not tried again', () => {
                const mac = new Mac();
                mac.answer(5);
                mkdirSync(mac.at(HOME), { recursive: true });
                writeFileSync(mac.at(`${HOME}/token`), 'word\n', { mode: 0o644 });
                const { said } = install(mac, made);
                assert.match(said, /the token is no good: .*ends with 5/);
                assert.ok(!existsSync(mac.at(`${HOME}/token`)));
                assert.equal(mac.mode(`${HOME}/token.refused`), '600');
            });

            test('where the collector is away it is installed all the same, and the job of launchd enrols later', () => {
                const mac = new Mac();
                mac.answer(1);
                mkdirSync(mac.at(HOME), { recursive: true });
                writeFileSync(mac.at(`${HOME}/token`), 'word\n', { mode: 0o644 });
                const { code, said } = install(mac, made);
                assert.equal(code, 0, said);
                assert.match(said, /tries again every minute/);
                assert.equal(mac.mode(`${HOME}/token`), '600');
                mac.answer(0);
                assert.equal(mac.run(`/${HOME}/bin/enrol`).code, 0);
                assert.ok(!existsSync(mac.at(`${HOME}/token`)));
                assert.equal(mac.read(`${STATE}/identity.json`), '{}\n');
            });

            test('launchd that does not take a job is told, with its words', () => {
                const mac = new Mac();
                mac.launchctl('[ "$1" = bootstrap ] || exit 0\necho "Bootstrap failed: 5: Input/output error" >&2\nexit 5');
                // It tries for ten seconds each.
                writeFileSync(mac.at('bin/sleep'), '#!/bin/sh\n', { mode: 0o755 });
                execFileSync('mount', ['--bind', mac.at('bin/sleep'), mac.at('usr/bin/sleep')]);
                const { code, said } = install(mac, made);
                assert.equal(code, 1);
                assert.match(said, /launchd did not take com\.rollcall\.agent: Bootstrap failed: 5/);
            });

            test('uninstalled it leaves the identity, purged it leaves nothing', () => {
                const mac = new Mac();
                mkdirSync(mac.at(HOME), { recursive: true });
                writeFileSync(mac.at(`${HOME}/token`), 'word\n');
                const uninstall = (...words) => mac.run(`/${HOME}/bin/uninstall.sh`, words);
                install(mac, made);
                assert.match(uninstall('--frob').said, /unknown argument/);
                assert.equal(uninstall().code, 0);
                assert.ok(existsSync(mac.at(`${STATE}/identity.json`)));
                assert.ok(!existsSync(mac.at(`${HOME}/bin`)));
                for (const job of JOBS) assert.ok(!existsSync(mac.at(`Library/LaunchDaemons/${job}.plist`)));
                assert.equal(install(mac, made).code, 0);
                assert.equal(uninstall('--purge').code, 0);
                assert.ok(!existsSync(mac.at(HOME)));
            });
        });
    }

    describe('install.sh', () => {
        test('takes the token from its input, and from a file that stays', () => {
            for (const word of ['-', '/tmp/mine']) {
                const mac = new Mac();
                writeFileSync(mac.at('tmp/mine'), 'word\n');
                chmodSync(mac.at('tmp/mine'), 0o600);
                const { code, said } = mac.installArchive(made.archive, ['--token-file', word], { input: 'word\n' });
                assert.equal(code, 0, said);
                assert.equal(mac.read('tokens'), 'word\n');
                assert.equal(mac.read('tmp/mine'), 'word\n');
            }
        });

        test('ends with 5 where the token is refused, and takes a better one', () => {
            const mac = new Mac();
            mac.answer(5);
            assert.equal(mac.installArchive(made.archive, ['--token-file', '-'], { input: 'bad\n' }).code, 5);
            mac.answer(0);
            assert.equal(mac.installArchive(made.archive, ['--token-file', '-'], { input: 'good\n' }).code, 0);
            assert.ok(!existsSync(mac.at(`${HOME}/token.refused`)));
        });

        test('refuses another system, an old one, half an archive and what it does not know', () => {
            const refuses = (mac, words, why, code = 1) => {
                const answer = mac.installArchive(made.archive, words);
                assert.equal(answer.code, code);
                assert.match(answer.said, why);
                assert.ok(!existsSync(mac.at(HOME)));
            };
            refuses(new Mac({ system: 'Linux' }), [], /this system is Linux/);
            refuses(new Mac({ version: '11.7' }), [], /macOS 11\.7 is too old/);
            refuses(new Mac(), ['--token'], /unknown argument: --token/);
            refuses(new Mac(), ['--token-file'], /wants a value/);
            refuses(new Mac(), ['--token-file', '/nowhere'], /\/nowhere cannot be read/);
            const half = new Mac();
            half.unpack(made.archive);
            rmSync(half.at('installer/enrol'));
            assert.match(half.run('/installer/install.sh').said, /enrol is missing beside install\.sh/);
        });

        test('passes a proxy on from its file, and only to the enrolment', () => {
            const mac = new Mac();
            mkdirSync(mac.at(HOME), { recursive: true });
            writeFileSync(mac.at(`${HOME}/environment`), 'HTTPS_PROXY=http://proxy.example:3128\n');
            const spy = join(mkdtempSync(join(tmpdir(), 'program-')), 'rollcall-agent');
            writeFileSync(spy, `${AGENT(VERSION)}`.replace('answer=$(cat /answer)', 'answer=0; echo "$HTTPS_PROXY" >/proxy'),
                { mode: 0o755 });
            assert.equal(mac.installArchive(build(spy, VERSION).archive, ['--token-file', '-'], { input: 'word\n' }).code, 0);
            assert.equal(mac.read('proxy'), 'http://proxy.example:3128\n');
        });
    });

    // A real collector and curl, the real scripts; the agent is a stand-in that asks nobody.
    describe('the line of "Add device"', () => {
        let collector;
        let technician;
        let file;

        before(async () => {
            const content = readFileSync(made.archive);
            const folder = makeRelease({ version: VERSION, files: {
                [basename(made.archive)]: { kind: 'tar.gz', system: 'macos', architecture: 'universal', content } } });
            collector = await Collector.start();
            await Technician.first(collector);
            await collector.addRelease(folder);
            await collector.stop();
            await collector.restart();
            technician = await Technician.logIn(collector);
            file = join(collector.store, 'releases', VERSION, basename(made.archive));
        });
        after(() => collector?.stop());

        const paste = (mac, command) => mac.run('/bin/sh', ['-c', command]);
        const enrolledWith = (mac, address) => writeFileSync(mac.at(`${STATE}/identity.json`), `{"address":"${address}","device_id":"1"}`);

        test('fetches, checks and installs, hands the token on, and once more changes nothing', async () => {
            const mac = new Mac();
            const { command, word } = await addDevice(technician, 'macos');
            const first = paste(mac, command);
            assert.equal(first.code, 0, first.said);
            assert.match(first.said, /Done: this Mac is enrolled, and its agent 1\.2\.3 runs\./);
            assert.equal(mac.read('tokens'), `${word}\n`);
            assert.ok(!first.said.includes(word));
            assert.ok(!existsSync(mac.at(`${HOME}/token`)));
            enrolledWith(mac, '192.0.2.1:8443');
            assert.match(paste(mac, command).said, /^This Mac is enrolled with this collector already; nothing was changed\./);
            assert.equal(mac.run(`/${HOME}/bin/uninstall.sh`).code, 0);
            const again = paste(mac, command);
            assert.equal(again.code, 0, again.said);
            assert.equal(mac.read('tokens'), `${word}\n`, 'installed again it is the same device');
            enrolledWith(mac, '192.0.2.9:8443');
            const { code, said } = paste(mac, command);
            assert.equal(code, 1);
            assert.match(said, /^rollcall: this Mac is enrolled with another collector\./);
        });

        test('a token that is no good is told', async () => {
            const mac = new Mac();
            mac.answer(5);
            const { code, said } = paste(mac, (await addDevice(technician, 'macos')).command);
            assert.equal(code, 1);
            assert.match(said, /the token is no good: .*ends with 5\nrollcall: the agent is installed, but this Mac is not enrolled/);
        });

        test('another key, another system and a changed file are refused, and nothing is installed', async () => {
            const refuses = (mac, line, why) => {
                const { code, said } = paste(mac, line);
                assert.notEqual(code, 0);
                assert.match(said, why);
                assert.ok(!existsSync(mac.at(HOME)));
            };
            const { command, word } = await addDevice(technician, 'macos');
            refuses(new Mac(), command.replace(/sha256\/\/[^']+/, `sha256//${Buffer.alloc(32).toString('base64')}`), /public key does not match/);
            refuses(new Mac({ system: 'Linux' }), command, /^rollcall: this is the line for macOS, and this system is Linux/);
            refuses(new Mac(), command.replace(word, 'hello'), /^rollcall: what came on standard input is no token/);
            const bytes = readFileSync(file);
            bytes[bytes.length - 1] ^= 1;
            writeFileSync(file, bytes);
            refuses(new Mac(), command, /its SHA-256 differs\): it is not installed/);
        });
    });
});
