// The agent for macOS as it is linked on Linux: what its files say. Nothing of it is executed here.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { describe, programs, verifyPages } from "./macho.mjs";

const build = join(dirname(fileURLToPath(import.meta.url)), "../../build");
const MINIMUM = "12.0";
const MOST_BYTES = 8 * 1024 * 1024;
// Everything else, frameworks too, is loaded at run time and may be missing.
const LIBRARIES = ["/usr/lib/libSystem.B.dylib"];

const universal = readFileSync(join(build, "macos/rollcall-agent"));
const inside = programs(universal);

console.log("macOS: compiled and linked; not executed, for there is no Mac here.");

test("the universal program holds one for each processor, byte by byte as it was stripped", () => {
  assert.deepEqual([...inside.keys()].sort(), ["arm64", "x86_64"]);
  for (const [name, program] of inside)
    assert.ok(program.equals(readFileSync(join(build, `macos/rollcall-agent-${name}`))), name);
});

for (const [name, program] of inside) {
  const facts = describe(program);

  test(`${name}: a program for macOS ${MINIMUM} and later that may lie anywhere in memory`, () => {
    assert.ok(facts.isProgram);
    assert.ok(facts.isForMacos);
    assert.ok(facts.isPie);
    assert.equal(facts.minimum, MINIMUM);
  });

  test(`${name}: it imports libSystem and nothing else`, () => {
    assert.deepEqual(facts.libraries, LIBRARIES);
  });

  test(`${name}: no part of it can be written and run`, () => {
    assert.ok(facts.segments.some((one) => one.name === "__TEXT" && one.mayRun));
    assert.deepEqual(facts.segments.filter((one) => one.mayWrite && one.mayRun), []);
  });

  test(`${name}: stripped, it is no larger than ${MOST_BYTES / 1024 / 1024} MiB`, (context) => {
    context.diagnostic(`${name}: ${(program.length / 1024 / 1024).toFixed(2)} MiB`);
    assert.ok(program.length <= MOST_BYTES, `${program.length} bytes`);
  });
}

test("arm64: each page has the hash that its signature names, as the processor wants it", () => {
  const { pages, wrong, flags } = verifyPages(inside.get("arm64"));
  assert.ok(pages > 100);
  assert.equal(wrong, 0);
  const adHoc = 2;
  assert.ok(flags & adHoc);
});

test("arm64: a byte that was changed after signing is seen", () => {
  const changed = Buffer.from(inside.get("arm64"));
  changed[changed.length >> 1] ^= 1;
  assert.equal(verifyPages(changed).wrong, 1);
});
