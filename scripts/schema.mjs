// Writes schema/bake.schema.json from the zod schema. Needs dist/ (npm run build).
import { writeFileSync } from 'node:fs';
import { bakeJsonSchema } from '../dist/config/json-schema.js';

const file = new URL('../schema/bake.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(bakeJsonSchema(), null, 2)}\n`);
