// Writes the table of the local cloud's operations into docs/local-cloud.md, from the code. Needs dist/ (npm run build).
import { readFileSync, writeFileSync } from 'node:fs';
import { withOperations } from '../dist/localcloud/operations.js';

const file = new URL('../docs/local-cloud.md', import.meta.url);
writeFileSync(file, withOperations(readFileSync(file, 'utf8')));
