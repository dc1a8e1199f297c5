// Writes docs/reference/ from the schema of bake.yaml and from the program. Needs dist/ (npm run build).
import { mkdirSync, writeFileSync } from 'node:fs';
import { createProgram } from '../dist/cli/program.js';
import { commandReference } from '../dist/reference/commands.js';
import { configurationReference } from '../dist/reference/configuration.js';

const directory = new URL('../docs/reference/', import.meta.url);
mkdirSync(directory, { recursive: true });
writeFileSync(new URL('configuration.md', directory), configurationReference());
writeFileSync(new URL('commands.md', directory), commandReference(await createProgram()));
