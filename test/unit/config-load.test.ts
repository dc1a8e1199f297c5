import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, integer, property, string, tuple } from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadProject } from '../../src/config/load.ts';
import { BakeError } from '../../src/run/errors.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bake-config-'));
  writeFileSync(join(directory, 'app.sh'), 'true\n');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const VALID = `project: shop
image:
  base:
    id: ami-1
  layers:
    - name: application
      provisioners:
        - script: app.sh
fleet:
  name: shop-workers
  size: { min: 1, max: 4, desired: 2 }
`;

const load = (text: string, more: { environment?: string; variables?: Record<string, string> } = {}) => {
  writeFileSync(join(directory, 'bake.yaml'), text);
  return loadProject({ directory, variables: {}, ...more });
};

/** Every problem of a configuration, a line each. */
function problems(text: string, more: Parameters<typeof load>[1] = {}): string[] {
  try {
    load(text, more);
  } catch (error) {
    if (!(error instanceof BakeError)) throw error;
    expect(error.exitCode).toBe(2);
    return [error.message, ...error.details];
  }
  throw new Error('expected the configuration to be refused');
}

test('a valid file gives the project with every default filled in, durations in milliseconds', () => {
  const project = load(VALID);
  expect(project).toMatchObject({ directory, file: join(directory, 'bake.yaml'), environment: 'default' });
  expect(project.config.cloud).toBe('aws');
  expect(project.config.fleet?.healthCheck).toEqual({ type: 'ec2', gracePeriod: 60_000 });
  expect(project.config.rollout.minHealthyPercentage).toBe(100);
  expect(project.config.image.layers[0]?.provisioners[0]).toMatchObject({
    script: 'app.sh',
    timeout: 600_000,
  });
});

describe('the file', () => {
  test('is found in a parent directory, and messages name it from where bake runs', () => {
    writeFileSync(join(directory, 'bake.yaml'), `${VALID}colour: red\n`);
    const inner = join(directory, 'deep/inner');
    mkdirSync(inner, { recursive: true });
    expect(() => loadProject({ directory: inner, variables: {} })).toThrow(
      '../../bake.yaml:12:1: unknown key "colour"',
    );
  });

  test('may be named', () => {
    writeFileSync(join(directory, 'other.yaml'), VALID);
    expect(loadProject({ directory, file: 'other.yaml', variables: {} }).config.project).toBe('shop');
    expect(() => loadProject({ directory, file: 'none.yaml', variables: {} })).toThrow('none.yaml');
  });

  test('missing everywhere is a usage error that says where it was looked for', () => {
    expect(() => loadProject({ directory, variables: {} })).toThrow(
      `no bake.yaml in ${directory} or above it`,
    );
    expect(() => loadProject({ directory: join(directory, 'x'), variables: {} })).toThrow(
      `there is no directory ${join(directory, 'x')}`,
    );
  });
});

describe('every problem is told at its line and column', () => {
  const cases: [promise: string, text: string, expected: string[]][] = [
    [
      'broken YAML',
      'project: shop\nimage: [1, 2\nfleet: 3\n',
      ['bake.yaml:3:1: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
    ['a key given twice', `${VALID}project: two\n`, ['bake.yaml:12:1: Map keys must be unique']],
    ['a second document', `${VALID}---\na: 1\n`, ['bake.yaml:12:1: only one YAML document is allowed']],
    ['an empty file', '', ['bake.yaml:1:1: expected a map of keys such as "project", "image" and "fleet"']],
    [
      'a wrong type, in the words of the schema',
      VALID.replace('min: 1', 'min: two'),
      ['bake.yaml:11:16: fleet.size.min: expected a whole number, got "two"'],
    ],
    [
      'a fraction where a whole number is expected',
      VALID.replace('min: 1', 'min: 1.5'),
      ['bake.yaml:11:16: fleet.size.min: expected a whole number, got 1.5'],
    ],
    [
      'a number too small, a number too large',
      `${VALID.replace('min: 1', 'min: -1')}rollout: { maxHealthyPercentage: 300 }\n`,
      [
        'bake.yaml:11:16: fleet.size.min: expected at least 0, got -1',
        'bake.yaml:12:34: rollout.maxHealthyPercentage: expected at most 200, got 300',
      ],
    ],
    [
      'a number where text is expected',
      `${VALID}tags: { version: 1.20 }\n`,
      ['bake.yaml:12:18: tags.version: expected text, got 1.2 (put it in quotes)'],
    ],
    ['a key without a value', `${VALID}region:\n`, ['bake.yaml:12:8: region: expected text, got nothing']],
    [
      'an unknown key with the nearest known one',
      VALID.replace('  size:', '  instancetype: t3.large\n  size:'),
      ['bake.yaml:11:3: fleet: unknown key "instancetype", did you mean "instanceType"?'],
    ],
    [
      'a missing key, at the map that ought to have it',
      VALID.replace('  name: shop-workers\n', '').replace('project: shop\n', ''),
      ['bake.yaml:1:1: missing key "project" (text)', 'bake.yaml:8:1: fleet: missing key "name" (text)'],
    ],
    [
      'a value that is not one of the allowed',
      `${VALID}rollout: { standby: keep }\n`,
      ['bake.yaml:12:21: rollout.standby: expected terminate, ignore or wait, got "keep"'],
    ],
    [
      'a malformed duration, name and path',
      `${VALID.replace('shop\n', 'Shop\n').replace('script: app.sh', 'upload: app.sh\n          to: srv')}rollout: { soak: 5 min }\n`,
      [
        'bake.yaml:1:10: project: expected lower-case letters, digits and hyphens, at most 40, got "Shop"',
        'bake.yaml:9:15: image.layers[0].provisioners[0].to: expected an absolute path, got "srv"',
        'bake.yaml:13:18: rollout.soak: expected a duration such as 90s, 5m or 2h, got "5 min"',
      ],
    ],
    [
      'an empty list where an entry is needed',
      VALID.replace(/ {6}provisioners:\n.*\n/, '      provisioners: []\n'),
      ['bake.yaml:7:21: image.layers[0].provisioners: expected at least 1 in the list, got []'],
    ],
    [
      'sizes that contradict each other',
      VALID.replace('desired: 2', 'desired: 9'),
      ['bake.yaml:11:9: fleet.size: expected min <= desired <= max, got {"min": 1, "max": 4, "desired": 9}'],
    ],
    [
      'a provisioner of no known form, with the nearest',
      VALID.replace('- script:', '- scirpt:'),
      [
        'bake.yaml:8:11: image.layers[0].provisioners[0]: expected one of the keys script, inline or upload; unknown key "scirpt", did you mean "script"?',
      ],
    ],
    [
      'a provisioner of two forms',
      VALID.replace('- script: app.sh', '- script: app.sh\n          inline: "true"'),
      ['bake.yaml:9:11: image.layers[0].provisioners[0]: only one of "script" and "inline" can be given'],
    ],
    [
      'a problem within the form that is meant, and only that one',
      VALID.replace('- script: app.sh', '- upload: app.sh\n          modee: "0644"'),
      [
        'bake.yaml:8:11: image.layers[0].provisioners[0]: missing key "to" (text)',
        'bake.yaml:9:11: image.layers[0].provisioners[0]: unknown key "modee", did you mean "mode"?',
      ],
    ],
    [
      'a base image of no form',
      VALID.replace('  base:\n    id: ami-1\n', '  base: ami-1\n'),
      [
        'bake.yaml:3:9: image.base: expected a map with one of the keys id, ssmParameter, family or filter, got "ami-1"',
      ],
    ],
    [
      'a base image filter without its name',
      VALID.replace('id: ami-1', 'filter: { owner: amazon }'),
      ['bake.yaml:4:5: image.base.filter: missing key "name" (text)'],
    ],
    [
      'an alias to nothing',
      VALID.replace('min: 1', 'min: *few'),
      ['bake.yaml:11:16: no anchor &few before this'],
    ],
    [
      'a file that does not exist, with the nearest that does',
      VALID.replace('app.sh', './apps.sh'),
      [
        'bake.yaml:8:19: image.layers[0].provisioners[0].script: ./apps.sh does not exist, did you mean "app.sh"?',
      ],
    ],
    [
      'a script that is a directory',
      VALID.replace('script: app.sh', 'script: .'),
      ['bake.yaml:8:19: image.layers[0].provisioners[0].script: . is not a file'],
    ],
  ];
  test.each(cases)('%s', (_promise, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test('user data over 16 KiB', () => {
    writeFileSync(join(directory, 'boot.sh'), 'x'.repeat(16 * 1024 + 700));
    expect(problems(`${VALID}  userData: boot.sh\n`)).toEqual([
      'bake.yaml:12:13: fleet.userData: boot.sh has 17084 bytes; user data may have at most 16384',
    ]);
    writeFileSync(join(directory, 'boot.sh'), 'x'.repeat(16 * 1024));
    expect(load(`${VALID}  userData: boot.sh\n`).config.fleet?.userData).toBe('boot.sh');
  });
});

describe('variables', () => {
  const withTag = (value: string) => `${VALID}tags:\n  owner: ${value}\n`;
  const owner = (value: string, variables: Record<string, string> = {}) =>
    load(withTag(value), { variables }).config.tags.owner;

  test('are replaced in values, with a default where they are unset or empty', () => {
    expect(owner('team-${env.TEAM}', { TEAM: 'blue' })).toBe('team-blue');
    expect(owner('${env.TEAM:-green}')).toBe('green');
    expect(owner('${env.TEAM:-green}', { TEAM: '' })).toBe('green');
    expect(owner('${env.TEAM:-}')).toBe('');
  });

  test('of others are left alone, and $${ is a plain ${', () => {
    expect(owner('"${smoke.id} ${vars.X} $HOME"')).toBe('${smoke.id} ${vars.X} $HOME');
    expect(owner('$${env.TEAM}')).toBe('${env.TEAM}');
  });

  test('take the type that is expected at their place', () => {
    const text = VALID.replace('min: 1', 'min: "${env.MIN}"')
      .replace('max: 4', 'max: "${env.MAX}"')
      .replace('app.sh', 'app.sh\n          retries: ${env.RETRIES:-3}');
    expect(problems(text, { variables: { MIN: '1', MAX: 'many' } })).toEqual([
      'bake.yaml:12:35: fleet.size.max: expected a whole number, got "many"',
    ]);
    const project = load(text, { variables: { MIN: '1', MAX: '5' } });
    expect(project.config.fleet?.size).toEqual({ min: 1, max: 5, desired: 2 });
    expect(project.config.image.layers[0]?.provisioners[0]).toMatchObject({ retries: 3 });
    expect(owner('${env.ID}', { ID: '12345' })).toBe('12345');
  });

  test('without quotes within { } are broken YAML, and the message says what is missing', () => {
    expect(problems(VALID.replace('min: 1', 'min: ${env.MIN}'))).toEqual([
      'bake.yaml:11:17: Unexpected flow-map-start at node end (within { } and [ ] a value with ${…} needs quotes)',
    ]);
  });

  test('that are unset or malformed are told at their own place, each of them', () => {
    expect(problems(withTag('a ${env.ONE} b ${env.TWO} c ${env.T-X} d ${env.END'))).toEqual([
      'bake.yaml:13:12: tags.owner: environment variable ONE is not set',
      'bake.yaml:13:25: tags.owner: environment variable TWO is not set',
      'bake.yaml:13:38: tags.owner: expected ${env.NAME} or ${env.NAME:-default}, got ${env.T-X}',
      'bake.yaml:13:51: tags.owner: expected ${env.NAME} or ${env.NAME:-default}, got ${env.END',
    ]);
  });

  test('in a block of text are told at their line', () => {
    const text = VALID.replace(
      'script: app.sh',
      'inline: |\n            echo one\n            echo ${env.SECRET}',
    );
    expect(problems(text)).toEqual([
      'bake.yaml:10:18: image.layers[0].provisioners[0].inline: environment variable SECRET is not set',
    ]);
  });
});

describe('environments', () => {
  const TEXT = `${VALID}environments:
  production:
    region: eu-west-1
    fleet:
      size: { min: 3, desired: 3 }
      subnets: [subnet-1]
    image: { base: { ssmParameter: /base } }
  staging:
  broken:
    fleet:
      sise: { min: 1 }
      size: { max: few }
`;

  test('merge maps, replace lists and values, and another form of base image replaces the one below', () => {
    const { config, environment } = load(TEXT, { environment: 'production' });
    expect(environment).toBe('production');
    expect(config.region).toBe('eu-west-1');
    expect(config.fleet).toMatchObject({
      name: 'shop-workers',
      size: { min: 3, max: 4, desired: 3 },
      subnets: ['subnet-1'],
    });
    expect(config.image.base).toEqual({ ssmParameter: '/base' });
  });

  test('that say nothing change nothing; without -e the rest alone counts', () => {
    expect(load(TEXT, { environment: 'staging' }).config).toEqual(load(TEXT).config);
    expect(load(TEXT)).toMatchObject({ environment: 'default' });
  });

  test('are checked like the rest, at their own lines', () => {
    expect(problems(TEXT, { environment: 'broken' })).toEqual([
      'bake.yaml:22:7: fleet: unknown key "sise", did you mean "size"?',
      'bake.yaml:23:20: fleet.size.max: expected a whole number, got "few"',
    ]);
  });

  test('that do not exist are refused with those that do', () => {
    expect(problems(TEXT, { environment: 'prodution' })).toEqual([
      'no environment "prodution"; there is production, staging, broken',
    ]);
    expect(problems(VALID, { environment: 'x' })).toEqual(['no environment "x": bake.yaml names none']);
  });

  test('must be maps', () => {
    expect(problems(`${VALID}environments: [production]\n`)).toEqual([
      'bake.yaml:12:1: environments: expected a map of environments',
    ]);
    expect(problems(`${VALID}environments: { a: 1 }\n`, { environment: 'a' })).toEqual([
      'bake.yaml:12:17: environments.a: expected a map of overrides',
    ]);
  });
});

test('anchors and aliases may be used, and one that contains itself is refused', () => {
  const text = VALID.replace('id: ami-1', 'id: &image ami-1').replace(
    'name: shop-workers',
    'name: shop-workers\n  variables: { IMAGE: *image }',
  );
  expect(load(text).config.fleet?.variables).toEqual({ IMAGE: 'ami-1' });
  expect(problems(`${VALID}tags: &t { self: *t }\n`)[0]).toBe('bake.yaml:12:18: *t contains itself');
});

test('whatever is written into the file, it is either loaded or refused with a place for each problem', () => {
  const text = `${VALID}rollout: { soak: 5m }\nenvironments:\n  production: { region: "${'${env.X:-a}'}" }\n`;
  const edit = tuple(
    integer({ min: 0, max: text.length }),
    integer({ min: 0, max: 12 }),
    string({ maxLength: 6, unit: 'grapheme-ascii' }),
  );
  assert(
    property(edit, ([start, removed, inserted]) => {
      const edited = text.slice(0, start) + inserted + text.slice(start + removed);
      try {
        load(edited, { environment: 'production' });
      } catch (error) {
        if (!(error instanceof BakeError)) throw error;
        if (error.message.startsWith('no environment')) return;
        for (const line of [error.message, ...error.details]) expect(line).toMatch(/^bake\.yaml:\d+:\d+: \S/);
      }
    }),
    { numRuns: 500 },
  );
});
