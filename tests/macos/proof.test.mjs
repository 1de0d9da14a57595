// What is compiled and linked for macOS, and whose parsers pass their tests here, against what the README's table says.
// Nothing was run on a Mac.
import { test } from 'node:test';

import { builtForMac, judgeLinked, record, runParserTestsOf } from '../proof.mjs';

test('the bodies for macOS are those of the README\'s table', (t) => {
    record('macos', judgeLinked('macos', builtForMac, runParserTestsOf('macos')), (line) => t.diagnostic(line));
});
