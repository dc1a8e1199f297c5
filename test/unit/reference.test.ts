import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { bakeJsonSchema } from '../../src/config/json-schema.ts';
import { commandReference, leaves } from '../../src/reference/commands.ts';
import { configurationReference } from '../../src/reference/configuration.ts';
import { exampleOf, shippedConfigurations } from '../../src/reference/example.ts';
import { explainKey, explanationLines } from '../../src/reference/explain.ts';
import { allKeys, type Key, NAME } from '../../src/reference/keys.ts';

const page = (name: string) =>
  readFileSync(new URL(`../../docs/reference/${name}.md`, import.meta.url), 'utf8');

const keys = allKeys(bakeJsonSchema(), ({ path }) => path === 'images' || path === 'environments');
const explained = (key: string) => explanationLines(explainKey(key)).join('\n');

describe('the reference (npm run docs:reference writes it)', () => {
  test('tells every key as the schema has it', () => {
    expect(page('configuration')).toBe(configurationReference());
  });

  test('tells every command as the program has it', async () => {
    const program = await createProgram();
    expect(page('commands')).toBe(commandReference(program));
    for (const command of leaves(program)) expect(command.description()).not.toBe('');
  });
});

describe('every key', () => {
  test('says what it is', () => {
    const silent = keys.filter(({ name, schema }) => name !== NAME && !schema.description);
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test('has an example that the schema accepts, where an example is known', () => {
    const ajv = new Ajv2020({ strict: false });
    const configurations = [...shippedConfigurations()];
    const shown = keys.flatMap((key) => {
      const example = exampleOf(key.path, key.schema, configurations);
      return example ? [{ key, example }] : [];
    });
    expect(shown.length).toBeGreaterThan(keys.length / 2);
    const wrong = shown.filter(({ key, example }) => !ajv.validate(key.schema, at(key, example.value)));
    expect(wrong.map(({ key, example }) => [key.path, at(key, example.value)])).toEqual([]);
  });

  /** What the example says of the key itself, where no variable says otherwise. */
  function at({ path }: Key, example: unknown): unknown {
    const value = JSON.parse(JSON.stringify(example).replaceAll(/\$\{env\.\w+:-([^}]*)\}/g, '$1'));
    const steps = path.replaceAll('[]', '.0').split('.');
    return steps.reduce<unknown>((inside, step) => {
      const map = inside as Record<string, unknown>;
      return step === NAME ? Object.values(map)[0] : map[step];
    }, value);
  }
});

describe('bake explain', () => {
  test('tells type, default, an example and how an environment differs', () => {
    expect(explained('rollout.checkpoints')).toBe(`rollout.checkpoints

  Percentages of the fleet at which the rollout waits and runs the smoke tests.

  type      a list, each entry a whole number from 1 to 100
  default   []
  variable  "\${env.NAME}" or "\${env.NAME:-default}" takes it from the environment of bake

Example (examples/quickstart/bake.yaml):

  rollout:
    checkpoints: [33, 100]

In one environment only:

  environments:
    production:
      rollout:
        checkpoints: [33, 100]`);
  });

  test('finds a key by its last word, where only one has it', () => {
    expect(explainKey('hold').key).toBe('rollout.blueGreen.hold');
    expect(explainKey('logGroup').key).toBe('smoke.sqs.logGroup');
  });

  test('finds a key in a list, in an environment and in one of several images', () => {
    expect(explainKey('image.layers[0].provisioners.script').key).toBe(
      'image.layers[].provisioners[].script',
    );
    expect(explainKey('environments.production.rollout.soak').type).toContain('duration');
    expect(explainKey('images.web.layers').key).toBe('images.<name>.layers');
  });

  test('says which of several forms a key belongs to', () => {
    expect(explained('image.layers.provisioners')).toMatch(
      /^ {2}to +\(with upload, required\) Absolute path/m,
    );
    expect(explained('branches')).not.toContain('In one environment');
    expect(explainKey('image.layers.provisioners.to')).toMatchObject({
      required: true,
      onlyWith: ['upload'],
    });
  });

  test.each([
    ['rolout.checkpoints', 'no key "rolout.checkpoints"', 'Did you mean: bake explain rollout.checkpoints'],
    ['fleet.sise', 'no key "sise" in fleet', 'Did you mean: bake explain fleet.size'],
    ['fleet.nothing', 'no key "nothing" in fleet', '`bake explain fleet` lists what there is.'],
    ['run', 'several keys are called run', expect.stringContaining('smoke.commands.run, ')],
  ])('%s: names the nearest', (key, message, hint) => {
    expect(() => explainKey(key)).toThrow(expect.objectContaining({ message, hint, exitCode: 2 }));
  });
});
