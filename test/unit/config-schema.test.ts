import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bakeJsonSchema } from '../../src/config/json-schema.ts';
import type { Known } from '../../src/config/known.ts';

const committed = () =>
  JSON.parse(readFileSync(new URL('../../schema/bake.schema.json', import.meta.url), 'utf8'));

test('the committed JSON schema is what the configuration schema gives (npm run schema)', () => {
  expect(committed()).toEqual(bakeJsonSchema());
});

test('every key is documented', () => {
  const bare: string[] = [];
  const visit = (known: Known, path: string) => {
    for (const [key, value] of Object.entries(known.properties ?? {})) {
      if (!('description' in value) && !value.properties) bare.push(`${path}.${key}`);
      visit(value, `${path}.${key}`);
    }
    for (const inner of [known.items, ...(known.anyOf ?? [])]) if (inner) visit(inner, path);
  };
  visit(bakeJsonSchema(), '');
  expect(bare).toEqual([]);
});

test('an environment may hold any part of the project but the map of branches, and needs none', () => {
  const project = bakeJsonSchema();
  const override = project.properties?.environments?.additionalProperties as Known;
  expect(Object.keys(override.properties ?? {})).toEqual(
    Object.keys(project.properties ?? {}).filter((key) => key !== 'environments' && key !== 'branches'),
  );
  const fleet = override.properties?.fleet as Known & { required?: string[] };
  expect(fleet.required).toBeUndefined();
  expect(override.required).toBeUndefined();
});
