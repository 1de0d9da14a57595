// Signatures of what is given to Windows: made with a key that is made here, and worth nothing once a byte changes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const installer = (name) => fileURLToPath(new URL(`../../installers/windows/${name}`, import.meta.url));

describe('signing for Windows', { timeout: 120_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'sign-'));
    const path = (name) => join(folder, name);
    const signer = { ROLLCALL_SIGN_CERTIFICATE: path('signer.pem'), ROLLCALL_SIGN_KEY: path('signer.key') };
    let programs;

    async function run(program, words, environment = {}) {
        try {
            const { stdout, stderr } = await exec(program, words, { env: { ...process.env, ...environment } });
            return { code: 0, said: stdout + stderr };
        } catch (error) {
            return { code: error.code, said: error.stdout + error.stderr };
        }
    }
    const sign = (words, environment = signer) => run(installer('sign'), words, environment);
    const verify = (ca, ...files) => run(installer('sign'), ['--verify', path(ca), ...files]);

    async function makeAuthority(name) {
        await exec('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
            '-keyout', path(`${name}.key`), '-out', path(`${name}.pem`)]);
    }

    before(async () => {
        await makeAuthority('authority');
        await makeAuthority('stranger');
        await exec('openssl', ['req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=Rollcall test', '-keyout', path('signer.key'),
            '-out', path('signer.csr')]);
        writeFileSync(path('use'), 'extendedKeyUsage=codeSigning\nbasicConstraints=critical,CA:FALSE\n');
        await exec('openssl', ['x509', '-req', '-in', path('signer.csr'), '-CA', path('authority.pem'), '-CAkey', path('authority.key'),
            '-CAcreateserial', '-days', '2', '-extfile', path('use'), '-out', path('leaf.pem')]);
        writeFileSync(path('signer.pem'), readFileSync(path('leaf.pem')) + readFileSync(path('authority.pem')));
        chmodSync(path('signer.key'), 0o600);
        const built = await run(installer('build'), ['--output', path('signed')], signer);
        assert.equal(built.code, 0, built.said);
        programs = readdirSync(path('signed')).map((name) => join(path('signed'), name));
    });

    test('package and program are signed, and the program in the package too', async () => {
        assert.deepEqual(programs.map((name) => name.split('.').at(-1)).sort(), ['exe', 'msi']);
        const whole = await verify('authority.pem', ...programs);
        assert.equal(whole.code, 0, whole.said);
        await exec('msiextract', ['--directory', path('inside'), programs.find((name) => name.endsWith('.msi'))]);
        const inside = readdirSync(path('inside'), { recursive: true }).find((name) => name.endsWith('.exe'));
        const program = await verify('authority.pem', join(path('inside'), inside));
        assert.equal(program.code, 0, program.said);
        assert.deepEqual(readFileSync(join(path('inside'), inside)), readFileSync(programs.find((name) => name.endsWith('.exe'))));
    });

    test('a byte that changed is seen, wherever it is', async () => {
        for (const program of programs)
            for (const place of [0.1, 0.5, 0.9]) {
                const bytes = readFileSync(program);
                bytes[Math.floor(bytes.length * place)] ^= 1;
                const changed = path(`changed.${program.split('.').at(-1)}`);
                writeFileSync(changed, bytes);
                const answer = await verify('authority.pem', changed);
                assert.notEqual(answer.code, 0, `${program} changed at ${place}`);
                assert.match(answer.said, /not as it was signed/);
            }
    });

    test('somebody else\'s signature, and none, do not count', async () => {
        const foreign = await verify('stranger.pem', programs[0]);
        assert.notEqual(foreign.code, 0, foreign.said);
        const plain = await verify('authority.pem', fileURLToPath(new URL('../../build/windows/bin/rollcall-agent.exe', import.meta.url)));
        assert.notEqual(plain.code, 0, plain.said);
    });

    test('a key that is missing, open to others, or of another certificate signs nothing', async () => {
        const file = path('program.exe');
        copyFileSync(fileURLToPath(new URL('../../build/windows/bin/rollcall-agent.exe', import.meta.url)), file);
        const before = readFileSync(file);
        for (const [environment, sentence] of [
            [{}, /ROLLCALL_SIGN_CERTIFICATE names no certificate/],
            [{ ...signer, ROLLCALL_SIGN_KEY: '' }, /ROLLCALL_SIGN_KEY names no key/],
            [{ ...signer, ROLLCALL_SIGN_KEY: path('nothing') }, /cannot be read/],
            [{ ...signer, ROLLCALL_SIGN_KEY: path('stranger.key') }, /could not be signed|not signed by whom/],
        ]) {
            const answer = await sign([file], environment);
            assert.notEqual(answer.code, 0);
            assert.match(answer.said, sentence);
        }
        chmodSync(path('signer.key'), 0o640);
        const open = await sign([file]);
        chmodSync(path('signer.key'), 0o600);
        assert.notEqual(open.code, 0);
        assert.match(open.said, /others can read the key/);
        assert.deepEqual(readFileSync(file), before);
    });
});
