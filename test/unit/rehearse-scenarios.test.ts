import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { filled } from '../../src/rehearse/faults.ts';
import { fleetWords } from '../../src/rehearse/invariants.ts';
import { randomScenario } from '../../src/rehearse/random.ts';
import { chooseScenarios, readScenario, shippedScenarios } from '../../src/rehearse/scenarios.ts';
import { type Tried, triedLines } from '../../src/rehearse/tried.ts';
import type { FleetStatus } from '../../src/upkeep/status.ts';
import { repository, temporaryDirectory } from '../helpers/cli.ts';

it('every scenario that comes with bake can be read, and is in the documentation', () => {
  const page = readFileSync(join(repository, 'docs/rehearse.md'), 'utf8');
  const documented = [...page.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
  expect(
    shippedScenarios()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(documented.sort());
});

it('a scenario is chosen by its name, and an unknown one is told with the nearest', () => {
  const all = shippedScenarios();
  expect(chooseScenarios(all, ['alarm']).map(({ name }) => name)).toEqual(['alarm']);
  expect(() => chooseScenarios(all, ['alarms'])).toThrow(/no scenario "alarms", did you mean "alarm"\?/);
});

it('a scenario file that is wrong is told with line, column, key and the nearest key', () => {
  const directory = temporaryDirectory('scenario');
  const file = join(directory, 'own.yaml');
  writeFileSync(file, 'title: a\nabout: b\nexpect: held\nmesages: 3\nmeans: c\notherwise: d\n');
  try {
    expect(() => readScenario(file)).toThrow(/own\.yaml:4:1: .*mesages.*messages/s);
    writeFileSync(file, 'title: a\nabout: b\nexpect: lost\nmeans: c\notherwise: d\n');
    expect(() => readScenario(file)).toThrow(/own\.yaml:3:9: expect: /);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it('the same number is the same faults, on either cloud', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0 }), fc.constantFrom('aws', 'alicloud'), (seed, cloud) => {
      const scenario = randomScenario(seed, cloud);
      expect(scenario).toEqual(randomScenario(seed, cloud));
      const { requests, instances } = scenario.faults as { requests: object[]; instances: object[] };
      expect(requests.length + instances.length).toBeGreaterThanOrEqual(2);
    }),
    { numRuns: 50 },
  );
  expect(randomScenario(1, 'aws').faults).not.toEqual(randomScenario(2, 'aws').faults);
});

it('faults are filled with what is known of the rehearsal, deeply, and other texts stay', () => {
  const faults = { instances: [{ imageId: '${image}', tags: { a: '${other}' }, nth: 1 }] };
  expect(filled(faults, { image: 'ami-2' })).toEqual({
    instances: [{ imageId: 'ami-2', tags: { a: '${other}' }, nth: 1 }],
  });
});

const instance = (release: string, lifecycle = 'InService') => ({
  id: 'i-1',
  lifecycle,
  healthy: true,
  release,
});
const fleet = (changes: object): FleetStatus =>
  ({
    ...{ group: 'workers', desired: 2, template: { name: 'workers', version: 2, release: '2' } },
    ...{ instances: [instance('2'), instance('2')], verified: { release: '2' }, suspendedProcesses: [] },
    ...changes,
  }) as unknown as FleetStatus;

it.each([
  [{}, true, 'release 2, verified, on 2 instances'],
  [
    { instances: [instance('2'), instance('1')] },
    false,
    '1 of 2 instances run release 2; 1 run another release',
  ],
  [{ verified: { release: '1' } }, false, 'verified is release 1'],
  [{ suspendedProcesses: ['InstanceRefresh'] }, false, 'InstanceRefresh suspended'],
  [{ instances: [instance('2'), instance('2'), instance('2', 'Pending')] }, false, '1 are not in service'],
  [{ template: { name: 'workers', version: 1, release: '1' } }, false, 'workers would launch release 1'],
])('the fleet is whole on one verified release, or what is not is named: %#', (changes, ok, words) => {
  expect(fleetWords(fleet(changes), '2')).toEqual({ ok, words });
});

it('the table says what happened and what it means, and groups what was left out by its reason', () => {
  const tried = (name: string, changes: Partial<Tried> = {}): Tried => ({
    ...{ name, title: `The ${name}`, about: '', verdict: 'as-expected', happened: 'release 2 runs' },
    ...{ means: 'all is well', checks: [], details: [], durationMs: 2_000 },
    ...changes,
  });
  const left = { verdict: 'left-out', happened: 'there is no queue' } as const;
  expect(
    triedLines([
      tried('crash', { checks: [{ name: 'lock', ok: true, words: 'the fleet is free' }] }),
      tried('alarm', {
        verdict: 'not-as-expected',
        happened: 'released',
        means: 'look at the alarms',
        checks: [{ name: 'release', ok: false, words: 'verified is release 1' }],
        details: ['a line'],
      }),
      tried('one', left),
      tried('two', left),
    ]),
  ).toEqual([
    '✓ The crash  2 s',
    '    release 2 runs',
    '    ✓ the fleet is free',
    '    → all is well',
    '✗ The alarm  2 s',
    '    released',
    '    ✗ release: verified is release 1',
    '    │ a line',
    '    → look at the alarms',
    '– left out: one, two',
    '    there is no queue',
  ]);
});
