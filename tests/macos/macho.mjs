// Reads Mach-O programs as mach-o/loader.h, mach-o/fat.h and the code signing blobs of xnu (cs_blobs.h) lay them out.
// Numbers of Mach-O are little-endian on both processors; those of the universal head and of signatures big-endian.
import { createHash } from "node:crypto";

const FAT_MAGIC = 0xcafebabe;
const MACHO_64_MAGIC = 0xfeedfacf;
const PROCESSORS = new Map([
  [0x0100000c, "arm64"],
  [0x01000007, "x86_64"],
]);
const EXECUTABLE = 2;
const FLAG_PIE = 0x200000;
const LOAD_DYLIB = [0xc, 0x80000018, 0x8000001f];
const SEGMENT_64 = 0x19;
const CODE_SIGNATURE = 0x1d;
const BUILD_VERSION = 0x32;
const PLATFORM_MACOS = 1;
const SUPER_BLOB = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
const SHA256 = 2;

/** The programs in a file, by processor: one, or those of a universal file. */
export function programs(bytes) {
  if (bytes.readUInt32BE(0) !== FAT_MAGIC) return new Map([[processor(bytes), bytes]]);
  const found = new Map();
  for (let i = 0; i < bytes.readUInt32BE(4); ++i) {
    const at = 8 + i * 20;
    const offset = bytes.readUInt32BE(at + 8);
    const size = bytes.readUInt32BE(at + 12);
    if (offset + size > bytes.length) throw new Error(`program ${i} ends after the file`);
    const program = bytes.subarray(offset, offset + size);
    if (PROCESSORS.get(bytes.readUInt32BE(at)) !== processor(program)) throw new Error(`program ${i} is another's`);
    found.set(processor(program), program);
  }
  return found;
}

function processor(program) {
  if (program.readUInt32LE(0) !== MACHO_64_MAGIC) throw new Error("no 64-bit Mach-O program");
  const name = PROCESSORS.get(program.readUInt32LE(4));
  if (!name) throw new Error("a program for another processor");
  return name;
}

const version = (number) => `${number >>> 16}.${(number >>> 8) & 0xff}`;

/** What the loader is told: system, imported libraries, segments, signature. */
export function describe(program) {
  const facts = {
    processor: processor(program),
    isProgram: program.readUInt32LE(12) === EXECUTABLE,
    isPie: (program.readUInt32LE(24) & FLAG_PIE) !== 0,
    libraries: [],
    segments: [],
  };
  let at = 32;
  for (let i = 0; i < program.readUInt32LE(16); ++i) {
    const command = program.readUInt32LE(at);
    const size = program.readUInt32LE(at + 4);
    if (size < 8 || at + size > program.length) throw new Error(`load command ${i} is torn`);
    if (LOAD_DYLIB.includes(command)) {
      const text = program.subarray(at + program.readUInt32LE(at + 8), at + size);
      facts.libraries.push(text.subarray(0, text.indexOf(0)).toString());
    } else if (command === SEGMENT_64) {
      const name = program.subarray(at + 8, at + 24);
      facts.segments.push({
        name: name.subarray(0, name.indexOf(0) < 0 ? 16 : name.indexOf(0)).toString(),
        mayWrite: (program.readUInt32LE(at + 60) & 2) !== 0,
        mayRun: (program.readUInt32LE(at + 60) & 4) !== 0,
      });
    } else if (command === BUILD_VERSION) {
      facts.isForMacos = program.readUInt32LE(at + 8) === PLATFORM_MACOS;
      facts.minimum = version(program.readUInt32LE(at + 12));
      facts.sdk = version(program.readUInt32LE(at + 16));
    } else if (command === CODE_SIGNATURE) {
      facts.signature = { offset: program.readUInt32LE(at + 8), size: program.readUInt32LE(at + 12) };
    }
    at += size;
  }
  return facts;
}

/** Counts the pages that the program's code directory names a hash of, and those whose hash is another. */
export function verifyPages(program) {
  const { signature } = describe(program);
  if (!signature) throw new Error("the program is not signed");
  const blob = program.subarray(signature.offset, signature.offset + signature.size);
  if (blob.readUInt32BE(0) !== SUPER_BLOB) throw new Error("its signature is none");
  const slots = Array.from({ length: blob.readUInt32BE(8) }, (_, i) => blob.readUInt32BE(12 + i * 8 + 4));
  const offset = slots.find((one) => blob.readUInt32BE(one) === CODE_DIRECTORY);
  if (offset === undefined) throw new Error("its signature has no code directory");
  const directory = blob.subarray(offset, offset + blob.readUInt32BE(offset + 4));
  const hashes = directory.readUInt32BE(16);
  const pages = directory.readUInt32BE(28);
  const limit = directory.readUInt32BE(32);
  const hashSize = directory[36];
  if (directory[37] !== SHA256 || hashSize !== 32) throw new Error("its pages are not hashed by SHA-256");
  const pageSize = 1 << directory[39];
  if (limit !== signature.offset) throw new Error(`the hashes end at ${limit}, the code at ${signature.offset}`);
  if (pages !== Math.ceil(limit / pageSize)) throw new Error(`${pages} hashes for ${limit} bytes`);
  let wrong = 0;
  for (let page = 0; page < pages; ++page) {
    const content = program.subarray(page * pageSize, Math.min((page + 1) * pageSize, limit));
    const wanted = directory.subarray(hashes + page * hashSize, hashes + (page + 1) * hashSize);
    if (!createHash("sha256").update(content).digest().equals(wanted)) ++wrong;
  }
  return { pages, wrong, flags: directory.readUInt32BE(12) };
}
