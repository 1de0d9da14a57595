// Looks at dist/: what a browser must have before it can show a row, gzipped, against the limit; and that no component is
// without its styles.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT_BYTES = 280_000;

const dist = new URL('../dist/', import.meta.url);
const read = (path) => readFileSync(new URL(path, dist));
const weight = (bytes) => gzipSync(bytes).length;

/** index.html and what it names; it names what its script imports, too. */
function firstFiles() {
  const names = read('index.html').toString().matchAll(/(?:src|href)="\/([^"]+)"/g);
  return ['index.html', ...new Set([...names].map(([, name]) => name))];
}

/** Classes that scripts name and no style sheet has, but for those that are empty in Mantine, too. */
function unstyled() {
  const assets = readdirSync(new URL('assets/', dist)).map((name) => `assets/${name}`);
  const classes = (ending) =>
    new Set(assets.filter((name) => name.endsWith(ending)).flatMap((name) => read(name).toString().match(/\bm_[0-9a-f]{6,8}\b/g) ?? []));
  const all = readFileSync(new URL('../node_modules/@mantine/core/styles.css', import.meta.url), 'utf8');
  const styled = classes('.css');
  return [...classes('.js')].filter((name) => !styled.has(name) && all.includes(`.${name}`));
}

const weights = firstFiles().map((name) => [name, weight(read(name))]);
const total = weights.reduce((sum, [, bytes]) => sum + bytes, 0);
console.log(`Before the first row: ${total} bytes gzipped, at most ${LIMIT_BYTES}.`);
if (total > LIMIT_BYTES) {
  for (const [name, bytes] of weights.toSorted((a, b) => b[1] - a[1])) console.error(`${bytes}\t${name}`);
  console.error('Too much: load lazily what nobody needs for the first row.');
  process.exitCode = 1;
}
const missing = unstyled();
if (missing.length > 0) {
  console.error(`src/app/mantine.css lacks the styles of a component that is used: ${missing.join(', ')}`);
  process.exitCode = 1;
}
