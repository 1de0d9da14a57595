// Each check of scripts/check finds the fault it is for, names its place, and passes without it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A small repository with the scripts of this one and these files. */
function makeTree(files) {
    const tree = mkdtempSync(join(tmpdir(), 'checks-'));
    execFileSync('git', ['init', '--quiet', tree]);
    for (const name of ['scripts/check', 'scripts/lib', '.clang-format', '.clang-tidy', '.shellcheckrc']) {
        cpSync(join(ROOT, name), join(tree, name), { recursive: true });
    }
    for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(tree, name)), { recursive: true });
        writeFileSync(join(tree, name), text);
    }
    return tree;
}

function runCheck(name, tree, environment = {}) {
    const env = { ...process.env, ...environment };
    const { status, stdout, stderr } = spawnSync(join(tree, 'scripts/check', name), { encoding: 'utf8', env });
    return { status, said: stdout + stderr };
}

function check(name, files) {
    return runCheck(name, makeTree(files));
}

function assertFinds(name, files, place) {
    const { status, said } = check(name, files);
    assert.notEqual(status, 0, said);
    assert.ok(said.includes(place), said);
}

function assertPasses(name, files) {
    const { status, said } = check(name, files);
    assert.equal(status, 0, said);
}

describe('scripts/check', { timeout: 120_000 }, () => {
    test('format', () => {
        assertFinds('format', { 'common/a.cpp': 'int a;\nint  b;\n' }, 'common/a.cpp:2');
        assertPasses('format', { 'common/a.cpp': 'int a;\n' });
    });

    test('tidy, a folder at once and file by file', () => {
        const tree = makeTree({ 'common/a.cpp': 'int* a()\n{\n    return 0;\n}\n', 'common/b.cpp': 'int b()\n{\n    return 0;\n}\n' });
        const units = ['a', 'b'].map((name) => {
            const file = join(tree, `common/${name}.cpp`);
            return { directory: tree, file, command: `/usr/bin/clang++ -I${tree} -o ${name}.o -c ${file}` };
        });
        mkdirSync(join(tree, 'build/tidy'), { recursive: true });
        writeFileSync(join(tree, 'build/tidy/compile_commands.json'), JSON.stringify(units));
        for (const long of ['', '1']) {
            const environment = { ROLLCALL_CACHE: join(tree, 'cache'), ROLLCALL_LONG: long };
            writeFileSync(join(tree, 'common/a.cpp'), 'int* a()\n{\n    return 0;\n}\n');
            const found = runCheck('tidy', tree, environment);
            assert.notEqual(found.status, 0, found.said);
            assert.match(found.said, /common\/a\.cpp:3:12: error: use nullptr/);
            writeFileSync(join(tree, 'common/a.cpp'), 'int* a()\n{\n    return nullptr;\n}\n');
            const mended = runCheck('tidy', tree, environment);
            assert.equal(mended.status, 0, mended.said);
        }
    });

    test('co_await', () => {
        const line = (words) => ({ 'agent/a.cpp': `void f()\n{\n    ${words};\n}\n` });
        assertFinds('co_await', line('co_await send(Message{1})'), 'agent/a.cpp:3');
        assertFinds('co_await', line('co_await run([&] { stop(); })'), 'agent/a.cpp:3');
        assertPasses('co_await', line('co_await send(message)'));
    });

    test('os_names', () => {
        assertFinds('os_names', { 'collector/a.cpp': '#include <vector>\n#ifdef __linux__\n#endif\n' }, 'collector/a.cpp:2');
        assertFinds('os_names', { 'agent/a.cpp': '#include <sys/stat.h>\n' }, 'agent/a.cpp:1');
        assertFinds('os_names', { 'agent/CMakeLists.txt': 'if(WIN32)\nendif()\n' }, 'agent/CMakeLists.txt:1');
        assertPasses('os_names', { 'platform/a_linux.cpp': '#include <sys/stat.h>\n', 'agent/a.cpp': '#include <vector>\n' });
    });

    test('topics', () => {
        const all = { 'platform/a.hpp': '', 'platform/a_linux.cpp': '', 'platform/a_macos.cpp': '', 'platform/a_windows.cpp': '' };
        assertPasses('topics', all);
        const { 'platform/a_macos.cpp': _, ...some } = all;
        assertFinds('topics', some, 'platform/a_macos.cpp:1');
    });

    test('shell', () => {
        assertFinds('shell', { 'scripts/bad': '#!/bin/bash\ncd $1\n' }, 'scripts/bad:2');
    });

    test('readmes', () => {
        assertFinds('readmes', { 'agent/CMakeLists.txt': '' }, 'agent/README.md:1');
    });

    test('unfinished', () => {
        assertFinds('unfinished', { 'agent/a.cpp': `// ${'TO'}${'DO'}: later\n` }, 'agent/a.cpp:1');
        assertFinds('unfinished', { 'agent/a.cpp': `\n// see /home/${'bob'}/x\n` }, 'agent/a.cpp:2');
        assertPasses('unfinished', { 'agent/a.cpp': '// done\n' });
    });

    test('table', () => {
        const read = (name) => readFileSync(join(ROOT, name), 'utf8');
        const files = Object.fromEntries(['scripts/table', 'tests/proof.mjs', 'tests/proof.json', 'README.md'].map((name) => [name, read(name)]));
        const runs = (changed) => {
            const tree = makeTree({ ...files, ...changed });
            chmodSync(join(tree, 'scripts/table'), 0o755);
            return runCheck('table', tree);
        };
        assert.equal(runs({}).status, 0);
        const { status, said } = runs({ 'tests/proof.json': files['tests/proof.json'].replace('"os": "R"', '"os": "L"') });
        assert.notEqual(status, 0, said);
        assert.match(said, /README\.md:\d+: its table is not what/);
    });

    test('links', () => {
        const library = (folder, words) => ({ [`${folder}/CMakeLists.txt`]: `rollcall_library(${words})\n` });
        assertPasses('links', library('agent/uplink', 'uplink SOURCES a.cpp LINK rollcall::spool rollcall::net'));
        assertFinds('links', library('agent/spool', 'spool SOURCES a.cpp\n  LINK rollcall::uplink'), 'agent/spool/CMakeLists.txt:2');
        assertFinds('links', library('common/wire', 'wire SOURCES a.cpp LINK rollcall::probe'), 'common/wire/CMakeLists.txt:1');
    });
});
