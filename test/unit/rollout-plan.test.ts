import { expect, test } from 'vitest';
import type { ScalingActivity, TargetGroup } from '../../src/clouds/cloud.ts';
import type { RolloutConfig } from '../../src/config/schema.ts';
import { launchTime } from '../../src/rollout/estimate.ts';
import { blueGreenCapacity, rollingCapacity } from '../../src/rollout/plan/capacity.ts';
import { blueGreenSteps, rollingSteps, together } from '../../src/rollout/plan/duration.ts';
import { maskLines } from '../../src/rollout/plan/mask.ts';
import { templateChanges } from '../../src/rollout/plan/template.ts';
import { unifiedDiff } from '../../src/rollout/plan/unified-diff.ts';
import { plannedTests } from '../../src/smoke/planned.ts';
import { testProject } from '../helpers/project.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const rollout = (config: object = {}): RolloutConfig => testProject({ rollout: config }).config.rollout;
const group = (desired: number, max = desired) => ({ desired, min: 1, max });
const fleet = (desired: number, max?: number) => ({
  group: group(desired, max),
  toReplace: desired,
  launch: MINUTE,
  warmup: MINUTE,
});

test('secrets are masked wherever they are written, and what the shell fills in is not one yet', () => {
  const text = `export DB_PASSWORD=correct-horse PORT=80
token: 'abc def'
  "apiKey": "k-123",
run --password hunter2 --verbose --secret=$SECRET
TOKEN=$(fetch)
url=https://bob:pa55word@db.example/x
curl -H "Authorization: Bearer abcdefgh12345678"
aws AKIAIOSFODNN7EXAMPLE
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXk=
-----END OPENSSH PRIVATE KEY-----
echo done`;
  expect(maskLines(text).join('\n')).toBe(`export DB_PASSWORD=*** PORT=80
token: '***'
  "apiKey": "***",
run --password *** --verbose --secret=$SECRET
TOKEN=$(fetch)
url=https://bob:***@db.example/x
curl -H "Authorization: Bearer ***"
aws ***
-----BEGIN OPENSSH PRIVATE KEY-----
***
-----END OPENSSH PRIVATE KEY-----
echo done`);
});

test('user data is compared line by line, as diff -u shows it', () => {
  const have = ['#!/bin/sh', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'];
  const want = ['#!/bin/sh', 'a', 'B', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];
  expect(unifiedDiff(have, want)).toEqual([
    '@@ -1,6 +1,6 @@',
    ' #!/bin/sh',
    ' a',
    '-b',
    '+B',
    ' c',
    ' d',
    ' e',
    '@@ -10,3 +10,4 @@',
    ' i',
    ' j',
    ' k',
    '+l',
  ]);
  expect(unifiedDiff(have, have)).toEqual([]);
  expect(unifiedDiff([], ['a'])).toEqual(['@@ -0,0 +1 @@', '+a']);
});

test('the template differs field by field; a secret that changes is seen to change, and is not seen', () => {
  const settings = {
    imageId: 'ami-1',
    instanceType: 't3.small',
    securityGroupIds: [],
    monitoring: true,
    ebsOptimized: true,
    userData: '#!/bin/sh\nDB_PASSWORD=one\n',
    tags: { 'api-token': 'x1234567' },
  };
  const changes = templateChanges(settings, {
    ...settings,
    imageId: 'ami-2',
    userData: '#!/bin/sh\nDB_PASSWORD=two\n',
    tags: { 'api-token': 'y1234567' },
  });
  expect(changes.fields).toEqual(['image ami-1 → ami-2', 'tag api-token *** → ***']);
  expect(changes.userData).toEqual(['@@ -1,2 +1,2 @@', ' #!/bin/sh', '-DB_PASSWORD=***', '+DB_PASSWORD=***']);
});

test('user data that is no text is not shown', () => {
  const settings = {
    imageId: '',
    instanceType: '',
    securityGroupIds: [],
    monitoring: true,
    ebsOptimized: true,
    tags: {},
  };
  const { userData } = templateChanges(
    { ...settings, userData: '\u001F\uFFFD\u0000x' },
    { ...settings, userData: '#!/bin/sh' },
  );
  expect(userData).toEqual(['(not text: 6 bytes → 9 bytes)']);
});

test.each([
  [
    10,
    { minHealthyPercentage: 100, maxHealthyPercentage: 110 },
    { batch: 1, least: 10, most: 11, launchesFirst: true },
  ],
  [
    10,
    { minHealthyPercentage: 90, maxHealthyPercentage: 100 },
    { batch: 1, least: 9, most: 10, launchesFirst: false },
  ],
  [
    3,
    { minHealthyPercentage: 100, maxHealthyPercentage: 100 },
    { batch: 1, least: 3, most: 4, launchesFirst: true },
  ],
  [
    10,
    { minHealthyPercentage: 50, maxHealthyPercentage: 100 },
    { batch: 5, least: 5, most: 10, launchesFirst: false },
  ],
  [
    10,
    { minHealthyPercentage: 100, maxHealthyPercentage: 200 },
    { batch: 10, least: 10, most: 20, launchesFirst: true },
  ],
])('capacity of %i instances with %o', (desired, config, expected) => {
  expect(rollingCapacity(rollout(config), fleet(desired))).toMatchObject(expected);
});

test('the surge is told where it goes beyond the maximum, with what it costs', () => {
  const config = rollout({ maxHealthyPercentage: 150 });
  expect(rollingCapacity(config, fleet(4, 5))).toMatchObject({
    most: 6,
    overMax: 1,
    extraHours: (4 * 2) / 60,
  });
  expect(blueGreenCapacity(fleet(4, 5), 30 * MINUTE)).toMatchObject({ most: 8, overMax: 0, extraHours: 2 });
});

const smoke = (config: object) => plannedTests(testProject({ smoke: config }).config.smoke);
const SQS = { queue: 'jobs', message: '${smoke.id}', logGroup: '/w', timeout: '2m' };

test('a rolling rollout takes its batches, the longer of delay and gate at each checkpoint, hooks, soak and last gate', () => {
  const steps = rollingSteps(
    {
      config: rollout({ checkpoints: [50, 100], checkpointDelay: '1m', soak: '5m' }),
      tests: smoke({ sqs: SQS, logs: { group: '/w', settle: '10s' } }),
      launch: MINUTE,
      warmup: MINUTE,
      longestHook: 3 * MINUTE,
    },
    { toReplace: 4, batch: 2, batches: 2 },
  );
  expect(steps).toEqual([
    { name: 'replace 4, 2 at a time', least: 4 * MINUTE, most: 4 * MINUTE },
    { name: 'checkpoint at 50 %', least: MINUTE, most: 130 * SECOND },
    { name: 'lifecycle hooks of the last ones', least: 0, most: 3 * MINUTE },
    { name: 'soak, with the last tests', least: 5 * MINUTE, most: 5 * MINUTE },
  ]);
  expect(together(steps)).toEqual({ least: 10 * MINUTE, most: 14 * MINUTE + 10 * SECOND });
});

test('blue-green takes the launch, tests before and after, traffic step by step, soak, hold and the end of the old colour', () => {
  const times = {
    config: rollout({ soak: '2m', blueGreen: { steps: [20, 100], stepDelay: '3m', hold: '10m' } }),
    tests: smoke({ sqs: SQS }),
    launch: MINUTE,
    warmup: MINUTE,
    longestHook: 0,
  };
  const targetGroup = { deregistrationDelay: 30 * SECOND } as TargetGroup;
  const names = (route: Parameters<typeof blueGreenSteps>[1]) =>
    blueGreenSteps(times, route).steps.map(({ name }) => name);
  expect(names({ kind: 'weights', pairs: [{ from: targetGroup, to: targetGroup }] })).toEqual([
    'launch the new colour',
    'tests while the old colour serves',
    'new colour in, healthy',
    '20 % of the requests',
    'tests after the switch',
    'soak',
    'last tests',
    'keep the old colour at hand',
    'retire the old colour',
  ]);
  expect(names({ kind: 'target-group', targetGroups: [targetGroup] })).toContain(
    'old colour out, its requests ended',
  );
  const queue = blueGreenSteps(times, { kind: 'queue' });
  expect(queue.steps[queue.emptied - 1]!.name).toBe('let the old colour finish');
});

test('how long a launch takes is what the middle one of the last took', () => {
  const launch = (seconds: number, state: ScalingActivity['state'] = 'successful'): ScalingActivity => ({
    id: '',
    startedAt: 0,
    endedAt: seconds * SECOND,
    state,
    description: 'Launching a new EC2 instance: i-1',
    cause: '',
  });
  expect(launchTime([launch(200), launch(40), launch(50), launch(1, 'failed')])).toBe(50 * SECOND);
  expect(launchTime([{ ...launch(3), description: 'Terminating EC2 instance: i-1' }])).toBeUndefined();
});
