// installers/release with the real openssl: what it makes is verified by another program, and what it must not make is not
// there afterwards.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const RELEASE = fileURLToPath(new URL('../../installers/release', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../fixtures/release', import.meta.url));
const PUBLIC = readFileSync(join(FIXTURES, 'test-key.pub'), 'utf8').trim();
const VERSION = '1.2.3';
const EPOCH = '1795000000';
const DER_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

const folder = (name) => mkdtempSync(join(tmpdir(), `${name}-`));

describe('installers/release', { timeout: 120_000 }, () => {
    let files;
    let key;
    let programs;

    /** A file of the folder with these contents. */
    const file = (name, contents) => {
        const path = join(files, name);
        writeFileSync(path, contents);
        return path;
    };

    /** A program of this system that says a version, and knows a key. */
    const compile = (name, version, publicKey) => {
        const path = join(files, name);
        execFileSync('g++', ['-g', '-x', 'c++', '-o', path, '-'],
            { input: `#include <cstdio>\nint main(int, char** words) { std::puts(words[1][2] == 'v' ? "rollcall-agent ${version}" : "${publicKey}"); }\n` });
        return path;
    };

    const run = (words, environment = {}) => {
        const { status, stdout, stderr } = spawnSync(RELEASE, words,
            { encoding: 'utf8', env: { ...process.env, SOURCE_DATE_EPOCH: EPOCH, ...environment } });
        return { code: status, out: stdout, said: stdout + stderr };
    };

    const words = (output, ...more) => ['--version', VERSION, '--key', key, '--public-key', PUBLIC, '--output', output, ...more];
    const all = () => ['--program', `linux=${programs.linux}`, '--program', `windows=${programs.windows}`,
        '--program', `macos=${programs.macos}`, file(`rollcall-agent_${VERSION}_amd64.deb`, 'deb'),
        file(`rollcall-agent-${VERSION}.pkg`, 'pkg')];

    /** It ends with a sentence, and leaves nothing. */
    const refuses = (more, why, replaced = []) => {
        const output = folder('refused');
        const given = words(output, ...more);
        for (const [option, value] of replaced) {
            const at = given.indexOf(option);
            if (value === undefined) given.splice(at, 2);
            else given[at + 1] = value;
        }
        const { code, said } = run(given);
        assert.equal(code, 1, said);
        assert.match(said, why);
        assert.deepEqual(readdirSync(output), [], said);
    };

    before(() => {
        files = folder('files');
        // As git has it, everybody may read it.
        key = join(files, 'key.pem');
        copyFileSync(join(FIXTURES, 'test-key.pem'), key);
        chmodSync(key, 0o600);
        programs = {
            linux: compile('agent', VERSION, PUBLIC),
            windows: file('agent.exe', `MZ…${PUBLIC}…${VERSION}\0`),
            macos: file('agent-macos', Buffer.concat([Buffer.from('cafebabe', 'hex'), Buffer.from(`${PUBLIC}\0${VERSION}\0`)])),
        };
    });

    test('makes a folder whose manifest says every file, signed with the key', () => {
        const output = folder('releases');
        const { code, said } = run(words(output, ...all(), '--channel', 'beta'));
        assert.equal(code, 0, said);
        const at = (name) => join(output, VERSION, name);
        const text = readFileSync(at('manifest.json'));
        const publicKey = createPublicKey({ key: Buffer.concat([DER_HEAD, Buffer.from(PUBLIC, 'base64')]), format: 'der', type: 'spki' });
        const signature = readFileSync(at('manifest.sig'), 'utf8');
        assert.match(signature, /^[A-Za-z0-9+/]{86}==\n$/);
        assert.ok(verify(null, text, publicKey, Buffer.from(signature, 'base64')));

        const manifest = JSON.parse(text);
        const { files: listed, ...rest } = manifest;
        assert.deepEqual(rest, {
            format: 1, product: 'rollcall', version: VERSION, channel: 'beta', released_ms: Number(EPOCH) * 1000,
            waves: [{ percent: 5, after_h: 0 }, { percent: 25, after_h: 24 }, { percent: 100, after_h: 72 }],
        });
        assert.deepEqual(listed.map((one) => [one.name, one.kind, one.system, one.architecture]), [
            [`rollcall-agent-${VERSION}-linux-x86_64`, 'program', 'linux', 'x86_64'],
            [`rollcall-agent-${VERSION}-macos-universal`, 'program', 'macos', 'universal'],
            [`rollcall-agent-${VERSION}-windows-x86_64.exe`, 'program', 'windows', 'x86_64'],
            [`rollcall-agent-${VERSION}.pkg`, 'pkg', 'macos', 'universal'],
            [`rollcall-agent_${VERSION}_amd64.deb`, 'deb', 'linux', 'x86_64'],
        ]);
        for (const { name, bytes, sha256 } of listed) {
            const contents = readFileSync(at(name));
            assert.equal(bytes, contents.length);
            assert.equal(sha256, createHash('sha256').update(contents).digest('hex'));
        }
        assert.deepEqual(readdirSync(join(output, VERSION)).sort(), [...listed.map(({ name }) => name), 'manifest.json', 'manifest.sig'].sort());
        assert.ok(statSync(at(`rollcall-agent-${VERSION}-linux-x86_64`)).size < statSync(programs.linux).size, 'it is stripped');
        assert.deepEqual(readdirSync(output), [VERSION]);
        for (const name of readdirSync(join(output, VERSION))) assert.equal(statSync(at(name)).mode & 0o777, 0o644, name);
        for (const missing of ['-1.x86_64.rpm', '-x64.msi', '-linux-x86_64.tar.gz', '-macos-universal.tar.gz']) {
            assert.ok(said.includes(`without rollcall-agent-${VERSION}${missing}`), said);
        }
        assert.ok(!said.includes('PRIVATE'));
    });

    test('a program may have its name already', () => {
        const output = folder('releases');
        const { code, said } = run(words(output, file(`rollcall-agent-${VERSION}-windows-x86_64.exe`, `MZ…${PUBLIC}…${VERSION}\0`)));
        assert.equal(code, 0, said);
        assert.ok(existsSync(join(output, VERSION, `rollcall-agent-${VERSION}-windows-x86_64.exe`)));
    });

    test('the same input gives the same bytes', () => {
        const [first, second] = [folder('first'), folder('second')];
        for (const output of [first, second]) assert.equal(run(words(output, ...all())).code, 0);
        for (const name of ['manifest.json', 'manifest.sig']) {
            assert.ok(readFileSync(join(first, VERSION, name)).equals(readFileSync(join(second, VERSION, name))));
        }
    });

    test('a version that is there already stays as it is', () => {
        const output = folder('releases');
        assert.equal(run(words(output, ...all())).code, 0);
        const old = readFileSync(join(output, VERSION, 'manifest.json'), 'utf8');
        const { code, said } = run(words(output, ...all(), '--channel', 'beta'));
        assert.equal(code, 1);
        assert.match(said, /is there already: a version that was released is never another one/);
        assert.equal(readFileSync(join(output, VERSION, 'manifest.json'), 'utf8'), old);
    });

    test('waves can be left out', () => {
        const output = folder('releases');
        assert.equal(run(words(output, ...all(), '--waves', '')).code, 0);
        assert.deepEqual(JSON.parse(readFileSync(join(output, VERSION, 'manifest.json'))).waves, []);
    });

    test('a key that does not fit the build, that others may read, or that is none is refused', () => {
        const other = join(files, 'other.pem');
        const made = run(['--new-key', other]);
        assert.equal(made.code, 0, made.said);
        refuses(all(), /does not fit --public-key/, [['--key', other]]);
        const open = join(files, 'open.pem');
        copyFileSync(key, open);
        chmodSync(open, 0o640);
        refuses(all(), /others may read .*open\.pem \(mode 640\): chmod 600/, [['--key', open]]);
        const rsa = join(files, 'rsa.pem');
        execFileSync('openssl', ['genpkey', '-quiet', '-algorithm', 'RSA', '-out', rsa], { stdio: 'ignore' });
        chmodSync(rsa, 0o600);
        refuses(all(), /is no private Ed25519 key/, [['--key', rsa]]);
        refuses(all(), /is no private Ed25519 key/, [['--key', chmodded(file('empty.pem', ''))]]);
        refuses(all(), /nowhere cannot be read/, [['--key', '/nowhere']]);
        refuses(all(), /--key is missing/, [['--key', undefined]]);
        refuses(all(), /--public-key is missing; that of/, [['--public-key', undefined]]);
    });

    const chmodded = (path) => {
        chmodSync(path, 0o600);
        return path;
    };

    test('a version that is none is refused', () => {
        for (const bad of ['', '1', '1.2', '1.2.3.4', '1.2.3.', '1.2.65536', '01.2.3', '1.2.x', '1.2.3-beta', '-1.2.3', ' 1.2.3', '../1.2.3']) {
            refuses(all(), /--version wants/, [['--version', bad]]);
        }
    });

    test('waves, channels and words that are none are refused', () => {
        for (const [bad, why] of [['5', /PERCENT@HOUR/], ['5@0,5@1', /percents have to grow/], ['5@0,100@0', /hours have to grow/],
            ['101@0', /up to 100/], ['50@0', /end at 50 percent/], ['5@0,,100@9', /PERCENT@HOUR/], ['100@9999', /hours have to grow, up to 8784/]]) {
            refuses([...all(), '--waves', bad], why);
        }
        refuses([...all(), '--channel', 'nightly'], /stable or beta/);
        refuses([...all(), '--frob'], /unknown argument/);
        refuses([...all(), '--channel'], /wants a value/);
        refuses([], /nothing to release/);
    });

    test('a program that would be the wrong one is refused', () => {
        refuses(['--program', `windows=${programs.linux}`], /is no program for windows/);
        refuses(['--program', `solaris=${programs.linux}`], /--program wants/);
        refuses(['--program', 'linux=/nowhere'], /\/nowhere is missing/);
        refuses(['--program', `linux=${compile('keyless', VERSION, 'none')}`], /was not built with --public-key/);
        refuses(['--program', `linux=${compile('older', '1.2.2', PUBLIC)}`], /says that it is version '1\.2\.2', not 1\.2\.3/);
        refuses(['--program', `windows=${file('older.exe', `MZ…${PUBLIC}…11.2.3\0${VERSION}4\0`)}`], /is not of version 1\.2\.3/);
    });

    test('a package that would be the wrong one is refused', () => {
        refuses([file('rollcall-agent_1.2.2_amd64.deb', 'deb')], /is no name of a file of version 1\.2\.3; there are: rollcall-agent-1\.2\.3-linux-x86_64 /);
        refuses([file(`rollcall-agent-${VERSION}-linux-x86_64`, 'x')], /is no program for linux/);
        refuses(['--program', `linux=${programs.linux}`, file(`rollcall-agent-${VERSION}-linux-x86_64`, 'x')], /program for linux was given twice/);
        refuses([file(`rollcall-agent-${VERSION}.pkg`, '')], /has 0 bytes/);
        const deb = file(`rollcall-agent_${VERSION}_amd64.deb`, 'deb');
        refuses([deb, deb], /was given twice/);
        refuses(['--program', `linux=${programs.linux}`, `/nowhere/rollcall-agent-${VERSION}.pkg`], /is missing/);
        const large = file(`rollcall-agent-${VERSION}-x64.msi`, '');
        execFileSync('truncate', ['--size=257M', large]);
        refuses([large], /a file of a release has 1 to 268435456/);
    });

    test('--new-key makes one that nobody else may read, says its public key, and overwrites none', () => {
        const mine = join(folder('keys'), 'mine.pem');
        const { code, out } = run(['--new-key', mine]);
        assert.equal(code, 0);
        assert.equal(statSync(mine).mode & 0o777, 0o600);
        const [, publicKey] = /-DROLLCALL_UPDATE_KEY=([A-Za-z0-9+/]{43}=)$/m.exec(out);
        const text = readFileSync(mine, 'utf8');
        assert.ok(!out.includes(text.split('\n')[1]));
        assert.equal(run(['--new-key', mine]).code, 1);
        assert.equal(readFileSync(mine, 'utf8'), text);
        const output = folder('releases');
        const pkg = file(`rollcall-agent-${VERSION}.pkg`, 'pkg');
        const made = run(['--version', VERSION, '--key', mine, '--public-key', publicKey, '--output', output, pkg]);
        assert.equal(made.code, 0, made.said);
        assert.ok(existsSync(join(output, VERSION, 'manifest.sig')));
    });
});
