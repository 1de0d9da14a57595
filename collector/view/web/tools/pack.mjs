// Puts beside each text file of dist/ the same, gzipped: the collector hands it to browsers that take it (nearly all),
// and need not pack anything itself. The page itself has a nonce in each answer, and is small.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { constants, gzipSync } from 'node:zlib';

const WORTH_IT_BYTES = 1_024;

const dist = new URL('../dist/', import.meta.url);
for (const name of readdirSync(dist, { recursive: true })) {
  if (!/\.(?:js|css|svg|json|webmanifest|txt)$/.test(name)) continue;
  const bytes = readFileSync(new URL(name, dist));
  if (bytes.length < WORTH_IT_BYTES) continue;
  const packed = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
  if (packed.length < bytes.length) writeFileSync(new URL(`${name}.gz`, dist), packed);
}
