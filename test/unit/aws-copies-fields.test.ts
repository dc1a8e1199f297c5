import {
  type AutoScalingGroup,
  AutoScalingGroup$,
  CreateAutoScalingGroupType$,
  type LifecycleHook,
  LifecycleHook$,
  PutLifecycleHookType$,
  PutScalingPolicyType$,
  PutScheduledUpdateGroupActionType$,
  PutWarmPoolType$,
  type ScalingPolicy,
  ScalingPolicy$,
  type ScheduledUpdateGroupAction,
  ScheduledUpdateGroupAction$,
  WarmPoolConfiguration$,
} from '@aws-sdk/client-auto-scaling';
import { type MetricAlarm, MetricAlarm$, PutMetricAlarmInput$ } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { differencesBetween } from '../../src/clouds/aws/copies-compare.ts';
import { creationFor, GROUP_FIELDS, hookFor } from '../../src/clouds/aws/copies-group.ts';
import { madeParts, meantParts } from '../../src/clouds/aws/copies-parts.ts';
import type { WholeGroup } from '../../src/clouds/aws/copies-read.ts';
import { alarmFor, policyFor, scheduleFor } from '../../src/clouds/aws/copies-scaling.ts';
import { membersOf, sampleOf } from '../helpers/sdk-sample.ts';

/**
 * A new version of the SDK may bring a new field of anything that is copied. Every field is to be set in the copy, or is on one of the
 * lists here with its reason; every one that is set is to be compared when the copy is read back.
 */
const renaming = {
  from: 'blue',
  to: { name: 'green', template: { id: 'lt-1', version: 2 }, tags: {}, traffic: true },
};
const NOW = 1_000;

function sampleGroup(): AutoScalingGroup {
  const { Operator: _, ...group } = sampleOf<AutoScalingGroup>(AutoScalingGroup$);
  return { ...group, AutoScalingGroupName: 'blue' };
}

const whole = (parts: Partial<WholeGroup>): WholeGroup => ({
  group: sampleGroup(),
  hooks: [],
  policies: [],
  alarms: [],
  schedules: [],
  notifications: [],
  ...parts,
});

describe('every field of a group', () => {
  test.each(membersOf(AutoScalingGroup$))('%s has its place in a copy, or is nobody’s to set', (field) => {
    expect(Object.keys(GROUP_FIELDS)).toContain(field);
  });

  /** Settings that no description has. */
  const ONLY_IN_REQUESTS = ['InstanceId', 'LifecycleHookSpecificationList', 'SkipZonalShiftValidation'];

  test.each(membersOf(CreateAutoScalingGroupType$))(
    '%s, which can be set, is not taken for state',
    (field) => {
      const fate: string | undefined = GROUP_FIELDS[field as keyof typeof GROUP_FIELDS];
      if (ONLY_IN_REQUESTS.includes(field)) expect(fate).toBeUndefined();
      else expect(fate).toMatch(/sent|made|own|no copy/);
    },
  );

  const sent = Object.entries(GROUP_FIELDS).flatMap(([field, fate]) => (fate === 'sent' ? [field] : []));
  test.each(sent)('%s comes with the call that makes the copy', (field) => {
    const original = whole({});
    const creation: Record<string, unknown> = { ...creationFor(original, renaming) };
    expect(creation[field]).toEqual(original.group[field as keyof AutoScalingGroup]);
  });

  /** What is meant to be different, or is written down twice. */
  const MEANT = ['AutoScalingGroupName', 'MinSize', 'DesiredCapacity', 'LaunchConfigurationName'];
  const TWICE = ['LaunchTemplate'];
  const compared = Object.entries(GROUP_FIELDS).flatMap(([field, fate]) =>
    fate === 'state' || MEANT.includes(field) || TWICE.includes(field) ? [] : [field],
  );
  test.each(compared)('a copy with another %s is found out', (field) => {
    const copied = { ...sampleGroup(), AutoScalingGroupName: 'green' };
    const other = sampleOf<AutoScalingGroup>(AutoScalingGroup$, 2)[field as keyof AutoScalingGroup];
    const changed = { ...copied, [field]: other };
    const same = found(whole({}), whole({ group: copied }));
    expect(found(whole({}), whole({ group: changed })).filter((each) => !same.includes(each))).not.toEqual(
      [],
    );
  });
});

const found = (original: WholeGroup, copy: WholeGroup): string[] => {
  const comparison = { renaming, original, copy, now: NOW };
  const names = { from: 'blue', to: 'green' };
  return differencesBetween(meantParts(comparison), madeParts(comparison), names).flatMap(
    ({ sentences }) => sentences,
  );
};

interface Kind {
  of: unknown;
  request: unknown;
  /** Of a description: names and state, which no request takes over. */
  state: string[];
  /** Of a request, besides what a description has. */
  own: string[];
  make(sample: object): object;
  hold(sample: object): Partial<WholeGroup>;
}

const KINDS: Record<string, Kind> = {
  'a lifecycle hook': {
    of: LifecycleHook$,
    request: PutLifecycleHookType$,
    state: ['AutoScalingGroupName', 'LifecycleHookName', 'GlobalTimeout'],
    own: [],
    make: (sample) => hookFor(sample as LifecycleHook),
    hold: (sample) => ({ hooks: [sample as LifecycleHook] }),
  },
  'a scaling policy': {
    of: ScalingPolicy$,
    request: PutScalingPolicyType$,
    // The steps of an adjustment under their old name go out under the new one only.
    state: ['AutoScalingGroupName', 'PolicyName', 'PolicyARN', 'Alarms', 'MinAdjustmentStep'],
    own: [],
    make: (sample) => policyFor(sample as ScalingPolicy, renaming),
    hold: (sample) => ({ policies: [sample as ScalingPolicy] }),
  },
  'an alarm': {
    of: MetricAlarm$,
    request: PutMetricAlarmInput$,
    state: [
      'AlarmName',
      'AlarmArn',
      'AlarmConfigurationUpdatedTimestamp',
      'StateValue',
      'StateReason',
      'StateReasonData',
      'StateUpdatedTimestamp',
      'StateTransitionedTimestamp',
      'EvaluationState',
    ],
    own: ['Tags'],
    make: (sample) => alarmFor({ alarm: sample as MetricAlarm, tags: {} }, new Map(), renaming),
    hold: (sample) => ({ alarms: [{ alarm: sample as MetricAlarm, tags: {} }] }),
  },
  'a scheduled action': {
    of: ScheduledUpdateGroupAction$,
    request: PutScheduledUpdateGroupActionType$,
    // `Time` is the old name of the start.
    state: ['AutoScalingGroupName', 'ScheduledActionName', 'ScheduledActionARN', 'Time'],
    own: [],
    make: (sample) => scheduleFor(sample as ScheduledUpdateGroupAction, NOW, renaming),
    hold: (sample) => ({ schedules: [sample as ScheduledUpdateGroupAction] }),
  },
};

describe.each(Object.entries(KINDS))('every field of %s', (_, kind) => {
  const { of, request, state, own } = kind;

  test('is one that a request takes, or state', () => {
    const settable = membersOf(of).filter((field) => !state.includes(field));
    expect(membersOf(request)).toEqual(expect.arrayContaining(settable));
    const unknown = membersOf(request).filter((field) => !membersOf(of).includes(field));
    expect(unknown).toEqual(own);
  });

  const fields = membersOf(of).filter((field) => !state.includes(field));
  test.each(fields)('%s is set in the copy as it is', (field) => {
    const sample = sampleOf<Record<string, unknown>>(of);
    expect((kind.make(sample) as typeof sample)[field]).toEqual(sample[field]);
  });

  test.each(fields)('a copy with another %s is found out', (field) => {
    const names = { AlarmName: 'blue', ...sampleOf<Record<string, unknown>>(of) };
    const original = { ...names, ...(of === MetricAlarm$ && { AlarmName: 'bake-blue-high' }) };
    const same = { ...original, ...(of === MetricAlarm$ && { AlarmName: 'bake-green-high' }) };
    const beside = (sample: object) => whole(kind.hold(sample));
    const before = found(beside(original), beside(same));
    const changed = { ...same, [field]: sampleOf<Record<string, unknown>>(of, 2)[field] };
    expect(found(beside(original), beside(changed)).filter((each) => !before.includes(each))).not.toEqual([]);
  });
});

test('every setting of a warm pool is one that a description has', () => {
  const settable = membersOf(PutWarmPoolType$).filter((field) => field !== 'AutoScalingGroupName');
  expect([...settable, 'Status'].sort()).toEqual([...membersOf(WarmPoolConfiguration$)].sort());
});
