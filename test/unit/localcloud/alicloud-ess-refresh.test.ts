import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { capacity } from '../../../src/localcloud/engine/ec2/capacity.ts';
import { instances } from '../../../src/localcloud/engine/ec2/instances.ts';
import { codeOf, type EssWorld, essWorld } from '../../helpers/ess.ts';

let world: EssWorld;
beforeEach(async () => {
  // A minute from launch to service: every step of a refresh is a line of the story.
  world = await essWorld({
    latency: { 'group.launch': 60_000, 'instance.pending': 0, 'instance.shutting-down': 0 },
  });
});
afterEach(() => world.cloud.close());

const enough = 600;
const ENDED = [
  'SuspendInstanceRefresh',
  'CancelInstanceRefresh',
  'RollbackInstanceRefresh',
  'ResumeInstanceRefresh',
];

/** One line for each change: seconds, status, finished of total, versions. */
async function story(group: string, seconds: number, step = 30): Promise<string[]> {
  const lines: string[] = [];
  let last = '';
  for (let at = 0; at <= seconds; at += step) {
    if (at > 0) await world.passes(step);
    const { Status, FinishedUpdateCapacity, TotalNeedUpdateCapacity } = await world.refresh(group);
    const now = `${Status} ${FinishedUpdateCapacity}/${TotalNeedUpdateCapacity} ${await world.versions(group)}`;
    if (now !== last) lines.push(`${at} ${now}`);
    last = now;
    if (/^(Successful|Failed|Cancelled|Rollback(Successful|Failed)) /.test(now)) break;
  }
  return lines;
}

async function fleet(size: number, more: Record<string, unknown> = {}): Promise<string> {
  const group = await world.group(size, more);
  await world.passes(120);
  return group;
}

describe('what a refresh does, step by step', () => {
  test.each<[string, number, Record<string, unknown>, string[]]>([
    [
      'room for half: out first, then in',
      4,
      { MinHealthyPercentage: 50, MaxHealthyPercentage: 100 },
      ['0 InProgress 0/4 2x1+2x2', '60 InProgress 2/4 4x2', '120 Successful 4/4 4x2'],
    ],
    [
      'everything at once',
      3,
      { MinHealthyPercentage: 0, MaxHealthyPercentage: 100 },
      ['0 InProgress 0/3 3x2', '60 Successful 3/3 3x2'],
    ],
    [
      'as many more as there are: in first, then out',
      2,
      { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
      ['0 InProgress 0/2 2x1+2x2', '60 Successful 2/2 2x2'],
    ],
    [
      "ESS's own bounds, 80 and 120, of ten",
      10,
      {},
      ['0 InProgress 0/10 8x1+4x2', '60 InProgress 4/10 4x1+8x2', '120 InProgress 8/10 10x2'],
    ],
    ['no room at all: one more comes first', 1, {}, ['0 InProgress 0/1 1x1+1x2', '60 Successful 1/1 1x2']],
    [
      'no room at all, twice',
      2,
      { MinHealthyPercentage: 100, MaxHealthyPercentage: 100 },
      ['0 InProgress 0/2 2x1+1x2', '60 InProgress 1/2 1x1+2x2', '120 Successful 2/2 2x2'],
    ],
  ])('%s', async (_, size, preferences, expected) => {
    const group = await fleet(size);
    await world.start(group, preferences);
    const lines = await story(group, enough);
    expect(lines.slice(0, expected.length)).toEqual(expected);
    expect(lines.at(-1)).toMatch(new RegExp(`Successful ${size}/${size} ${size}x2$`));
  });
});

const half = { MinHealthyPercentage: 50, MaxHealthyPercentage: 100 };

describe('checkpoints', () => {
  const inHalves = {
    ...half,
    Checkpoints: [{ Percentage: 50 }, { Percentage: 100 }],
    CheckpointPauseTime: 5,
  };

  test('end by themselves', async () => {
    const group = await fleet(4);
    await world.start(group, inHalves);
    expect(await story(group, enough)).toEqual([
      '0 InProgress 0/4 2x1+2x2',
      '60 CheckpointPause 2/4 2x1+2x2',
      '360 InProgress 2/4 4x2',
      '420 Successful 4/4 4x2',
    ]);
  });

  test('end by Resume, and hold for good when the task is suspended', async () => {
    const group = await fleet(4);
    await world.start(group, inHalves);
    await story(group, 90);
    await world.refreshed('SuspendInstanceRefresh', group);
    expect(await story(group, 3_600, 600)).toEqual(['0 Paused 2/4 2x1+2x2']);
    await world.refreshed('ResumeInstanceRefresh', group);
    expect(await story(group, enough)).toEqual(['0 InProgress 2/4 4x2', '60 Successful 4/4 4x2']);
  });

  test('nothing beyond them is replaced, however much room there is', async () => {
    const group = await fleet(10);
    const Checkpoints = [{ Percentage: 10 }, { Percentage: 50 }, { Percentage: 100 }];
    const everything = { MinHealthyPercentage: 0, MaxHealthyPercentage: 200, CheckpointPauseTime: 1 };
    await world.start(group, { ...everything, Checkpoints });
    expect(await story(group, enough)).toEqual([
      '0 InProgress 0/10 9x1+1x2',
      '60 CheckpointPause 1/10 9x1+1x2',
      '120 InProgress 1/10 5x1+5x2',
      '180 CheckpointPause 5/10 5x1+5x2',
      '240 InProgress 5/10 10x2',
      '300 Successful 10/10 10x2',
    ]);
  });
});

describe('a task in the middle', () => {
  test('is suspended and resumed: nothing moves meanwhile', async () => {
    const group = await fleet(4);
    await world.start(group, half);
    await world.passes(30);
    await world.refreshed('SuspendInstanceRefresh', group);
    expect(await story(group, enough)).toEqual(['0 Paused 0/4 2x1+2x2', '30 Paused 2/4 2x1+2x2']);
    await world.refreshed('ResumeInstanceRefresh', group);
    expect((await story(group, enough)).at(-1)).toBe('60 Successful 4/4 4x2');
  });

  test('is cancelled: what is replaced stays, and the group has its old version', async () => {
    const group = await fleet(4);
    await world.start(group, half);
    await world.passes(60);
    await world.refreshed('CancelInstanceRefresh', group);
    expect((await story(group, enough)).at(-1)).toBe('0 Cancelled 2/4 4x2');
    expect((await world.groupOf(group)).LaunchTemplateVersion).toBe('1');
  });

  test('is rolled back: what it has brought goes, and its state says so', async () => {
    const group = await fleet(4);
    await world.start(group, half);
    await world.passes(90);
    await world.refreshed('SuspendInstanceRefresh', group);
    await world.refreshed('RollbackInstanceRefresh', group);
    const lines = await story(group, enough);
    expect(lines[0]).toMatch(/^0 RollbackInProgress /);
    expect(lines.at(-1)).toMatch(/ RollbackSuccessful \d\/4 4x1$/);
    expect((await world.groupOf(group)).LaunchTemplateVersion).toBe('1');
  });

  test('that rolls back can be neither suspended nor cancelled; one that has ended, nothing', async () => {
    const group = await fleet(2);
    await world.start(group, half);
    await world.refreshed('RollbackInstanceRefresh', group);
    for (const action of ENDED)
      expect(await codeOf(world.refreshed(action, group))).toBe('IncorrectInstanceRefreshTaskStatus');
    await story(group, enough);
    for (const action of ENDED)
      expect(await codeOf(world.refreshed(action, group))).toBe('IncorrectInstanceRefreshTaskStatus');
  });

  test('cannot be rolled back where the group has no number to go back to', async () => {
    const group = await fleet(2, { LaunchTemplateVersion: 'Default' });
    await world.start(group, half);
    expect(await codeOf(world.refreshed('RollbackInstanceRefresh', group))).toBe(
      'InstanceRefresh.RollbackNotSupported',
    );
  });

  test('a version that is replaced by itself is rolled back, too, and that ends', async () => {
    const group = await fleet(2);
    const { LaunchTemplateId } = await world.groupOf(group);
    const DesiredConfiguration = { LaunchTemplateId, LaunchTemplateVersion: '1' };
    await world.start(group, { ...half, SkipMatching: false, DesiredConfiguration });
    await world.passes(90);
    await world.refreshed('RollbackInstanceRefresh', group);
    expect((await story(group, enough)).at(-1)).toMatch(/RollbackSuccessful . ?.*2x1$/);
  });

  test('scale-outs use what it brings, and a scale-in takes the old ones first', async () => {
    const group = await fleet(4);
    await world.start(group, half);
    await world.refreshed('SuspendInstanceRefresh', group);
    await world.ess('ModifyScalingGroup', { ScalingGroupId: group, DesiredCapacity: 6 });
    await world.passes(90);
    expect(await world.versions(group)).toMatch(/^[24]x1\+[24]x2$/);
    const newOnes = (await world.members(group)).filter((one) => one.LaunchTemplateVersion === '2').length;
    await world.ess('ModifyScalingGroup', { ScalingGroupId: group, DesiredCapacity: newOnes });
    await world.passes(30);
    expect(await world.versions(group)).toBe(`${newOnes}x2`);
  });

  test('an unhealthy instance is replaced by what it brings, and it still ends', async () => {
    const group = await fleet(4);
    await world.start(group, half);
    await world.refreshed('SuspendInstanceRefresh', group);
    await world.passes(90);
    const old = (await world.members(group)).find((one) => one.LaunchTemplateVersion === '1')!;
    await world.ess('SetInstanceHealth', { InstanceId: old.InstanceId, HealthStatus: 'Unhealthy' });
    await world.passes(90);
    expect((await world.members(group)).map(({ InstanceId }) => InstanceId)).not.toContain(old.InstanceId);
    await world.refreshed('ResumeInstanceRefresh', group);
    expect((await story(group, enough)).at(-1)).toMatch(/Successful 4\/4 4x2$/);
  });

  test('waits where nothing can be launched, says why in the activities, and goes on when it can', async () => {
    const group = await fleet(2);
    const { engine } = world.cloud;
    const zones = ['a', 'b', 'c'].map((zone) => `${engine.region}${zone}`);
    const type = 'ecs.c7.large';
    for (const zone of zones) capacity(engine).put(`${type}/${zone}`, { type, zone, available: 0 });
    const InstanceRefreshTaskId = await world.start(group, {
      MinHealthyPercentage: 100,
      MaxHealthyPercentage: 200,
    });
    expect(await story(group, enough)).toEqual(['0 InProgress 0/2 2x1']);
    const { ScalingActivities } = (await world.ess('DescribeScalingActivities', {
      ...{ ScalingGroupId: group, InstanceRefreshTaskId, PageSize: 50 },
    })) as { ScalingActivities: object[] };
    expect(ScalingActivities.length).toBeLessThan(40);
    expect(ScalingActivities[0]).toMatchObject({
      StatusCode: 'Failed',
      ErrorCode: 'OperationDenied.NoStock',
      CreatedInstances: [],
    });
    for (const zone of zones) capacity(engine).delete(`${type}/${zone}`);
    expect((await story(group, enough)).at(-1)).toMatch(/Successful 2\/2 2x2$/);
  });

  test('nothing moves while scaling out or in is suspended', async () => {
    const group = await fleet(2);
    const ScalingGroupId = group;
    await world.ess('SuspendProcesses', { ScalingGroupId, Processes: ['ScaleIn', 'ScaleOut'] });
    await world.start(group, half);
    expect(await story(group, enough)).toEqual(['0 InProgress 0/2 2x1']);
    await world.ess('ResumeProcesses', { ScalingGroupId, Processes: ['ScaleIn', 'ScaleOut'] });
    expect((await story(group, enough)).at(-1)).toMatch(/Successful 2\/2 2x2$/);
  });

  test('is given up after a week', async () => {
    const group = await fleet(2);
    await world.start(group, half);
    await world.refreshed('SuspendInstanceRefresh', group);
    await world.passes(8 * 24 * 3_600);
    expect(await world.refresh(group)).toMatchObject({
      Status: 'Failed',
      Detail: 'The task exceeded its maximum run time of one week. So the task failed.',
    });
  });
});

describe('what a refresh leaves alone', () => {
  test('protected and attached instances, and those in standby', async () => {
    const group = await fleet(5);
    const ScalingGroupId = group;
    const [a, b] = (await world.members(group)).map(({ InstanceId }) => InstanceId) as [string, string];
    const LaunchTemplateId = (await world.groupOf(group)).LaunchTemplateId;
    const launched = (await world.call('ecs', 'RunInstances', { LaunchTemplateId })) as {
      InstanceIdSets: { InstanceIdSet: string[] };
    };
    await world.passes(60);
    const [alien] = launched.InstanceIdSets.InstanceIdSet as [string];
    await world.ess('AttachInstances', { ScalingGroupId, InstanceIds: [alien] });
    await world.passes(90);
    const InstanceIds = [a];
    await world.ess('SetInstancesProtection', { ScalingGroupId, InstanceIds, ProtectedFromScaleIn: true });
    await world.ess('EnterStandby', { ScalingGroupId, InstanceIds: [b] });
    await world.start(group, half);
    expect((await story(group, enough)).at(-1)).toMatch(/Successful 3\/3 2x1\+3x2\+1xattached$/);
    const left = (await world.members(group)).map(({ InstanceId, LifecycleState }) => [
      InstanceId,
      LifecycleState,
    ]);
    expect(left).toEqual(
      expect.arrayContaining([
        [a, 'Protected'],
        [b, 'Standby'],
        [alien, 'InService'],
      ]),
    );
  });

  test('instances of the same version, unless it is told not to; by number, not by content', async () => {
    const group = await fleet(3, { LaunchTemplateVersion: '2' });
    expect(await codeOf(world.start(group))).toBe('InvalidInstance.NoInstanceNeedBeRefreshed');
    await world.start(group, { ...half, SkipMatching: false });
    expect((await story(group, enough)).at(-1)).toMatch(/Successful 3\/3 3x2$/);
  });
});

describe('a refresh is refused', () => {
  test('while another runs, where the group is inactive, and with bounds that are none', async () => {
    const group = await fleet(2);
    const ScalingGroupId = group;
    const refused = (more: Record<string, unknown>) => codeOf(world.start(group, more));
    expect(await refused({ MinHealthyPercentage: 101 })).toBe('InvalidParameter.MinHealthyPercentage');
    expect(await refused({ MaxHealthyPercentage: 99 })).toBe('InvalidParameter.MaxHealthyPercentage');
    expect(await refused({ Checkpoints: [{ Percentage: 50 }] })).toBe('InvalidParameter.Checkpoints');
    expect(await refused({ CheckpointPauseTime: 2_881 })).toBe('InvalidParameter.CheckpointPauseTime');
    expect(await refused({ DesiredConfiguration: { ImageId: 'm-1' } })).toBe(
      'InvalidParameter.DesiredConfiguration',
    );
    const { LaunchTemplateId } = await world.groupOf(group);
    const DesiredConfiguration = { LaunchTemplateId, LaunchTemplateVersion: '9' };
    expect(await refused({ DesiredConfiguration })).toBe('InvalidLaunchTemplateVersion.NotFound');
    const ClientToken = 'once';
    const first = await world.start(group, { ClientToken });
    expect(await world.start(group, { ClientToken })).toBe(first);
    expect(await refused({})).toBe('InstanceRefreshTaskInProgress');
    await story(group, enough);
    await world.ess('DisableScalingGroup', { ScalingGroupId });
    expect(await refused({})).toBe('IncorrectScalingGroupStatus');
  });

  test.each([
    ['MultiAZPolicy', 'BALANCE', 'InstanceRefresh.MultiAZPolicyNotSupported'],
    ['ScalingPolicy', 'recycle', 'InstanceRefresh.ScalingPolicyNotSupported'],
  ])('of a group with %s %s', async (setting, value, code) => {
    const group = await fleet(2, { [setting]: value });
    expect(await codeOf(world.start(group))).toBe(code);
  });
});

test('an instance that is released under the group is replaced', async () => {
  const group = await fleet(2);
  const { InstanceId } = (await world.members(group))[0]!;
  await world.call('ecs', 'DeleteInstance', { InstanceId, Force: true });
  await world.passes(120);
  expect(instances(world.cloud.engine).get(InstanceId)?.state).toBe('terminated');
  expect(await world.versions(group)).toBe('2x1');
});
