// How tests/proof.mjs judges what was proven: it must not make more of an answer than there is.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { PROBES, functionOf, isBody, judge, judgeLinked, passed, render } from '../proof.mjs';

const collected = (probes) => ({ probes });
const row = (cells) => ({ rows: { a: cells } });
const UNKNOWN = { unknown: 'not_supported' };
const NOTHING = { unknown: 'not_supported', why: 'not here' };

describe('what was proven', () => {
    test('an answer counts where it tells what the probe is for', () => {
        assert.deepEqual(judge('linux', collected({ disks: row({ size_bytes: 5 }) }), new Set()), { disks: 'R' });
        assert.deepEqual(judge('windows', collected({ disks: row({ size_bytes: 5 }) }), new Set()), { disks: 'W' });
        assert.deepEqual(judge('linux', collected({ firewall: row({ filters_incoming: false }) }), new Set()), { firewall: 'R' });
        assert.throws(() => judge('linux', collected({ disks: row({ size_bytes: UNKNOWN, bus: 'scsi' }) }), new Set()), /disks: /);
        assert.throws(() => judge('linux', collected({ disks: { rows: {} } }), new Set()), /told nothing/);
    });

    test('tests stand for a body only where they passed, and only where they are said to', () => {
        const silent = collected({ batteries: { rows: {} } });
        assert.deepEqual(judge('linux', silent, new Set(['batteries: none is an empty list'])), { batteries: 'L' });
        assert.throws(() => judge('linux', silent, new Set(['sensors: others'])), /batteries/);
        assert.throws(() => judge('linux', collected({ disks: { rows: {} } }), new Set(['disks: all'])), /disks/);
        assert.deepEqual(judge('windows', collected({ certificates: { rows: {} } }), new Set(),
            new Set(['certificates: what is in a store is told'])), { certificates: 'W' });
        assert.throws(() => judge('linux', collected({ certificates: { rows: {} } }), new Set(),
            new Set(['certificates: what is in a store is told'])), /certificates/);
    });

    test('not_supported is that, unless tests stand for a body that has nothing to show here', () => {
        assert.deepEqual(judge('windows', collected({ load: NOTHING }), new Set()), { load: '-' });
        assert.throws(() => judge('windows', collected({ load: { unknown: 'timed_out' } }), new Set()), /load/);
        assert.deepEqual(judge('windows', collected({ firewall: NOTHING }), new Set(['firewall_rules: one'])), { firewall: 'L' });
        assert.throws(() => judge('windows', collected({ firewall: NOTHING }), new Set()), /firewall/);
    });

    test('a probe that nobody described is an error', () => {
        assert.throws(() => judge('linux', collected({ novel: row({ a: 1 }) }), new Set()), /does not know the probe novel/);
    });

    test('tests that failed or were skipped did not pass', () => {
        const said = `<testsuite><testcase classname="a" name="one: it&apos;s &lt;good&gt;" status="run"/>
            <testcase classname="a" name="two: bad" status="run"><failure message="x"></failure></testcase>
            <testcase classname="a" name="three: good" status="run">
            </testcase></testsuite>`;
        assert.deepEqual([...passed(said)], ["one: it's <good>", 'three: good']);
    });

    test('a body that only says that it is none is none', () => {
        assert.equal(isBody('Result<int> a() { return fail(errc::not_supported, "x"); }\nauto b() { return std::make_unique<B>(); }'), false);
        assert.equal(isBody('// return 5;\nResult<int> a() { return fail(errc::not_supported, "x"); }'), false);
        assert.equal(isBody('Result<int> a() { if (b) return fail(errc::not_supported, "x"); return 5; }'), true);
    });

    test('of a body that answers in part, only what a probe asks counts', () => {
        const source = `class A { Result<int> load() const override { return fail(errc::not_supported, "x"); }
            Result<int> cpu() const override { if (a) { return fail(errc::io, "x"); } return 5; } };`;
        assert.equal(isBody(functionOf(source, 'load')), false);
        assert.equal(isBody(functionOf(source, 'cpu')), true);
        assert.equal(functionOf(source, 'disks'), source);
    });

    test('a body that was not built proves nothing', () => {
        assert.throws(() => judgeLinked('linux', () => false, new Set()), /was not built/);
        assert.deepEqual(Object.keys(judgeLinked('linux', () => true, new Set())), Object.keys(PROBES));
    });

    test('the table has one line for all that was proven alike', () => {
        const proof = { linux: { os: 'R', disks: 'R', gpus: 'L', 'event boot': 'R' }, windows: { os: 'W', disks: 'W', gpus: 'W' }, macos: { os: 'L', disks: 'L' } };
        assert.equal(render(proof), '| probe | Linux | Windows | macOS |\n| --- | --- | --- | --- |\n'
            + '| os, disks | R | W | L |\n| gpus | L | W | – |\n| events: boot | R | – | – |\n');
    });
});
