// Writes the JSON schemas in schema/ from the zod schemas. Needs dist/ (npm run build).
import { writeFileSync } from 'node:fs';
import { bakeJsonSchema, scalingJsonSchema } from '../dist/config/json-schema.js';
import { manifestJsonSchema } from '../dist/image/manifest-schema.js';

const schemas = { bake: bakeJsonSchema(), manifest: manifestJsonSchema(), scaling: scalingJsonSchema() };
for (const [name, schema] of Object.entries(schemas)) {
  const file = new URL(`../schema/${name}.schema.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
}
