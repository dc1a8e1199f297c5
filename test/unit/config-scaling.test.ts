import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scalingJsonSchema } from '../../src/config/json-schema.ts';
import { loadProject } from '../../src/config/load.ts';
import { readScaling } from '../../src/config/scaling.ts';
import { shippedScalingNames } from '../../src/config/shipped.ts';
import type { BakeError } from '../../src/run/errors.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bake-scaling-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const PROJECT = `project: testing
image:
  base: { id: ami-1 }
  layers:
    - name: application
      provisioners: [{ inline: 'true' }]
fleet:
  name: workers
  size: { min: 1, max: 6, desired: 3 }
  scaling:
`;

function load(uses: string, files: Record<string, string> = {}) {
  writeFileSync(join(directory, 'bake.yaml'), PROJECT + uses.replace(/^/gm, '    '));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return loadProject({ directory, variables: {} });
}

/** Everything that is said to be wrong. */
function problems(uses: string, files: Record<string, string> = {}): string[] {
  try {
    load(uses, files);
    return [];
  } catch (error) {
    const { message, details, exitCode } = error as BakeError;
    expect(exitCode).toBe(2);
    return [message, ...details];
  }
}

describe('the scaling files that come with bake', () => {
  it('are the backlog, the emergency and the weekdays', () => {
    expect(shippedScalingNames()).toEqual(['backlog', 'emergency', 'weekdays']);
  });

  it('are used by name, filled in for one group', () => {
    const project = load(`- policy: bake:backlog
  variables: { queue: jobs, target: '25' }
- policy: bake:emergency
  variables: { queue: jobs }
- policy: bake:weekdays
  variables: { timeZone: Asia/Tokyo, day: '3', night: '1' }
`);
    const { policies, schedules } = readScaling(project, 'workers-green');
    expect([...policies.keys()]).toEqual(['backlog', 'emergency']);
    expect(policies.get('backlog')).toMatchObject({
      targetTracking: {
        target: 25,
        scaleIn: true,
        metric: {
          metrics: {
            visible: { dimensions: { QueueName: 'jobs' }, statistic: 'Average' },
            instances: { dimensions: { AutoScalingGroupName: 'workers-green' } },
          },
        },
      },
    });
    expect(policies.get('emergency')).toMatchObject({
      stepScaling: {
        when: 'above',
        adjust: 'percent',
        steps: [
          { from: 100, by: 50 },
          { from: 500, by: 100 },
        ],
      },
    });
    expect([...schedules.values()]).toEqual([
      { recurrence: '0 8 * * 1-5', timeZone: 'Asia/Tokyo', min: 3 },
      { recurrence: '0 20 * * 1-5', timeZone: 'Asia/Tokyo', min: 1 },
    ]);
  });

  it('are refused where the fleet does not collect the metrics that they watch', () => {
    const uses = '- { policy: bake:backlog, variables: { queue: jobs } }';
    expect(problems(`${uses}\n`)).toEqual([]);
    writeFileSync(join(directory, 'bake.yaml'), `${PROJECT}    ${uses}\n  metrics: false\n`);
    expect(() => loadProject({ directory, variables: {} })).toThrow(
      'policy "backlog" watches metrics of the group, and fleet.metrics is false',
    );
  });

  it('serve more than once under names of their own', () => {
    const uses = (name: string) => `- policy: bake:backlog
  variables: { queue: jobs }
- policy: bake:backlog
  ${name}variables: { queue: other }
`;
    expect(problems(uses(''))).toEqual(['fleet.scaling[1]: there is another policy "backlog"']);
    const { policies } = readScaling(load(uses('name: other\n  ')), 'workers');
    expect([...policies.keys()]).toEqual(['backlog', 'other-backlog']);
  });
});

describe('a scaling file', () => {
  it.each([
    [
      '- policy: bake:backlogs',
      /^bake.yaml:11:15: fleet.scaling\[0\].policy: no scaling file "bake:backlogs" comes with bake, did you mean "backlog"\?/,
    ],
    ['- policy: none.yaml', /none.yaml does not exist/],
    [
      '- policy: bake:backlog',
      /^fleet.scaling\[0\].variables: bake:backlog needs "queue" \(Name of the queue that the workers read\)$/,
    ],
    [
      '- { policy: bake:backlog, variables: { queue: jobs, tarqet: "3" } }',
      /bake:backlog has no variable "tarqet", did you mean "target"\?$/,
    ],
    [
      '- { policy: bake:backlog, variables: { queue: jobs, target: many } }',
      /^bake:backlog:\d+:15: policies.backlog.targetTracking.target: expected a number, got "many"$/,
    ],
    [
      '- { policy: bake:weekdays, variables: { timeZone: Mars/Olympus, day: "3", night: "1" } }',
      /timeZone: expected a time zone such as Asia\/Tokyo, got "Mars\/Olympus"/,
    ],
    [
      '- { policy: bake:weekdays, variables: { timeZone: UTC, day: "7", night: "1" } }',
      /^fleet.scaling: schedule "weekday-morning" wants 7 <= 7 <= 6 instances$/,
    ],
  ])('that does not fit is refused before anything is done: %s', (uses, message) => {
    expect(problems(uses)[0]).toMatch(message);
  });

  it.each([
    ['schedules: { up: { recurrence: 0 8 * *, min: 1 } }', /^own.yaml:1:32: .*five fields of cron/],
    ['schedules: { up: { recurrence: 0 8 * * 1, min: ${vars.day} } }', /within { } and \[ \]/],
    [
      'schedules: { up: { recurrence: 0 8 * * 1, min: "${vars.day}" } }',
      /^own.yaml:1:48: schedules.up.min: \$\{vars.day\} is not declared under variables/,
    ],
    ['schedules: { up: { recurrence: 0 8 * * 1 } }', /expected min, max or desired/],
    ['polices: {}', /unknown key "polices", did you mean "policies"\?/],
    ['policies: { one: { warmup: 1m } }', /expected one of the keys targetTracking or stepScaling/],
    ['- 1', /expected a map with policies or schedules/],
  ])('of one’s own is checked at its own lines: %s', (text, message) => {
    expect(problems('- policy: own.yaml', { 'own.yaml': text })[0]).toMatch(message);
  });

  it.each([
    [
      'when: below, steps: [{ from: 10, by: -1 }, { from: 20, by: -2 }]',
      /steps\[1\].from: expected steps one below the other/,
    ],
    ['steps: [{ from: 10, by: 1 }, { from: 10, by: 2 }]', /steps one above the other/],
    [
      'steps: [{ from: 10, by: 1 }], adjust: instances, atLeast: 2',
      /atLeast: expected it only with adjust: percent/,
    ],
    ['steps: [{ from: 10, by: 1 }], datapoints: 2', /datapoints: expected at most as many as periods/],
    ['steps: [{ from: 10, by: 1 }], period: 90s', /period: expected 10s, 20s, 30s or whole minutes/],
    ['steps: []', /expected at least 1 in the list/],
  ])('has steps that make sense: %s', (steps, message) => {
    const text = `policies: { one: { stepScaling: { metric: { namespace: App, name: load }, ${steps} } } }`;
    expect(problems('- policy: own.yaml', { 'own.yaml': text })[0]).toMatch(message);
  });

  it('may say $${…} for what is not bake’s', () => {
    const text =
      'policies: { one: { targetTracking: { metric: { namespace: "$${group} ${x}", name: "${project}" }, target: 1 } } }';
    const { policies } = readScaling(load('- policy: own.yaml', { 'own.yaml': text }), 'workers');
    expect(policies.get('one')).toMatchObject({
      targetTracking: { metric: { namespace: '${group} ${x}', name: 'testing' } },
    });
  });
});

it('the example in docs/fleet.md is a scaling file', () => {
  const text = readFileSync(new URL('../../docs/fleet.md', import.meta.url), 'utf8');
  const [, block = ''] = /in bake's words[^\n]*\n\n((?: {4}.*\n)+)/.exec(text) ?? [];
  const project = load('- policy: own.yaml', { 'own.yaml': block.replace(/^ {4}/gm, '') });
  expect([...readScaling(project, 'workers').policies.keys()]).toEqual(['cpu', 'idle']);
});

it('the committed JSON schema of scaling files is what the schema gives (npm run schema)', () => {
  const file = new URL('../../schema/scaling.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(scalingJsonSchema());
});
