// Makes src/api/schema.d.ts from the contract that `rollcall-collector openapi` prints.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const contract = process.env.ROLLCALL_OPENAPI;
if (!contract) {
  console.error('npm run types: set ROLLCALL_OPENAPI to the file that `rollcall-collector openapi` wrote.');
  process.exit(1);
}

try {
  const document = JSON.parse(await readFile(contract, 'utf8'));
  const types = astToString(await openapiTS(document));
  await writeFile(new URL('../src/api/schema.d.ts', import.meta.url), types);
} catch (error) {
  console.error(`npm run types: ${contract}: ${error.message}`);
  process.exit(1);
}
