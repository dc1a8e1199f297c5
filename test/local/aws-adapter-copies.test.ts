import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GROUP_FIELDS } from '../../src/clouds/aws/copies-group.ts';
import type { CopiedGroup } from '../../src/clouds/cloud.ts';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { subnets } from '../../src/localcloud/engine/ec2/network.ts';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';
import { type Balancer, makeBalancer } from '../helpers/balancer.ts';
import { type FullGroup, makeFullGroup } from '../helpers/full-group.ts';

let adapter: AdapterTest;
let balancer: Balancer;
let template: string;
beforeAll(async () => {
  adapter = await startAdapter();
  balancer = await makeBalancer(adapter.local, ['blue', 'green']);
  const { templates, queues } = adapter.cloud;
  await queues.create({ name: 'notices', visibilityTimeout: 30_000, tags: {} });
  const settings = {
    imageId: baseImageId(adapter.local.engine),
    instanceType: 't3.micro',
    securityGroupIds: [],
    monitoring: false,
    ebsOptimized: false,
    userData: '',
    tags: {},
  };
  const created = await templates.create({ token: 'web', name: 'web', description: '', settings, tags: {} });
  template = created.id;
  await templates.createVersion({
    token: 'v2',
    templateId: template,
    source: 1,
    description: '',
    settings: {},
  });
});
afterAll(async () => {
  balancer.close();
  await adapter.close();
});

let count = 0;
async function original(options: { mixed?: boolean; warmPool?: boolean } = {}): Promise<FullGroup> {
  const all = subnets(adapter.local.engine).all();
  const full: FullGroup = {
    name: `web-${++count}`,
    subnets: all.slice(0, 2).map(({ subnetId }) => subnetId),
    template: { id: template, version: 1 },
    targetGroups: [balancer.targetGroups[0]!],
    now: adapter.clock.now(),
  };
  await makeFullGroup(adapter.local, full, options);
  return full;
}

const green = (full: FullGroup): CopiedGroup => ({
  name: `${full.name}-green`,
  template: { id: template, version: 2 },
  tags: { 'bake:project': 'demo', 'bake:run': 'r1', team: 'search and find' },
  groupOnlyTags: { 'bake:colour': 'back' },
  traffic: false,
});

/** What the service itself says of a group: the adapter's own view of it is what is being tested. */
async function described(name: string) {
  const client = new AutoScalingClient(adapter.local.client);
  const watch = new CloudWatchClient(adapter.local.client);
  const AutoScalingGroupName = name;
  const { AutoScalingGroups } = await client.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  const { ScalingPolicies = [] } = await client.send(new DescribePoliciesCommand({ AutoScalingGroupName }));
  const { LifecycleHooks = [] } = await client.send(
    new DescribeLifecycleHooksCommand({ AutoScalingGroupName }),
  );
  const { ScheduledUpdateGroupActions = [] } = await client.send(
    new DescribeScheduledActionsCommand({ AutoScalingGroupName }),
  );
  const AlarmNames = ScalingPolicies.flatMap(({ Alarms = [] }) => Alarms.map(({ AlarmName }) => AlarmName!));
  const { MetricAlarms: alarms = [] } = await watch.send(new DescribeAlarmsCommand({ AlarmNames }));
  client.destroy();
  watch.destroy();
  return {
    group: AutoScalingGroups![0]!,
    policy: (policy: string) => ScalingPolicies.find(({ PolicyName }) => PolicyName === policy),
    policies: ScalingPolicies,
    hooks: LifecycleHooks,
    schedules: ScheduledUpdateGroupActions,
    schedule: (schedule: string) =>
      ScheduledUpdateGroupActions.find(({ ScheduledActionName }) => ScheduledActionName === schedule),
    alarms,
    alarm: (alarm: string) => alarms.find(({ AlarmName }) => AlarmName === alarm),
  };
}

/** Everywhere in a structure: the groups that metrics of are named. */
function groupsNamed(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { Name, Value } = value as { Name?: unknown; Value?: unknown };
  if (Name === 'AutoScalingGroupName') return [Value as string];
  return Object.values(value).flatMap(groupsNamed);
}

describe.each([{ mixed: true }, { mixed: false }])(
  'a copy of a group with mixed instances: $mixed',
  (kind) => {
    test('has everything, and is empty', async () => {
      const { copies, groups } = adapter.cloud;
      const full = await original(kind);
      const to = { ...green(full), traffic: true };
      await copies.copy(full.name, to);
      expect(await copies.differences(full.name, to)).toEqual([]);
      expect(await groups.find(to.name)).toMatchObject({
        min: 0,
        max: 6,
        desired: 0,
        template: { id: template, version: 2 },
        instances: [],
      });
    });
  },
);

describe('the original of these tests', () => {
  /** Of the kind of group that is gone, or the two ways to say one thing; and one with which there can be no copy. */
  const NOT_HERE = ['LaunchConfigurationName', 'LoadBalancerNames', 'LaunchTemplate', 'Operator'];
  const settable = Object.entries(GROUP_FIELDS).flatMap(([field, fate]) =>
    fate === 'state' || NOT_HERE.includes(field) ? [] : [field],
  );

  test('has every setting that a group can have', async () => {
    const { group } = await described((await original({ warmPool: true })).name);
    const unset = settable.filter((field) => {
      const value = group[field as keyof typeof group];
      return value === undefined || (Array.isArray(value) && value.length === 0);
    });
    expect(unset).toEqual([]);
  });
});

describe('what copies lose elsewhere', () => {
  let full: FullGroup;
  let copy: Awaited<ReturnType<typeof described>>;
  beforeAll(async () => {
    full = await original();
    await adapter.cloud.copies.copy(full.name, { ...green(full), traffic: true });
    copy = await described(`${full.name}-green`);
  });

  test('a policy that is switched off stays so, and a forecast is kept', () => {
    expect(copy.policy('scale-in')).toMatchObject({ Enabled: false, Cooldown: 90, ScalingAdjustment: -1 });
    expect(copy.policy('forecast')!.PredictiveScalingConfiguration).toMatchObject({
      Mode: 'ForecastAndScale',
      MaxCapacityBuffer: 10,
    });
  });

  test('whatever watched the group watches the copy, wherever its name was; another group and the queue stay', () => {
    expect(new Set(groupsNamed([copy.policies, copy.alarms]))).toEqual(new Set([`${full.name}-green`]));
    const forecast = copy.policy('forecast')!.PredictiveScalingConfiguration!.MetricSpecifications![0]!;
    const [load] = forecast.CustomizedLoadMetricSpecification!.MetricDataQueries!;
    expect(load!.Expression).toContain(`AutoScalingGroupName="${full.name}-green"`);
    const metrics =
      copy.policy('backlog')!.TargetTrackingConfiguration!.CustomizedMetricSpecification!.Metrics!;
    expect(metrics[0]!.MetricStat!.Metric!.Dimensions).toEqual([{ Name: 'QueueName', Value: 'jobs' }]);
  });

  test('an alarm keeps its metric math, its way with missing data and its evaluation', () => {
    expect(copy.alarm(`bake-${full.name}-green-backlog-high`)).toMatchObject({
      Metrics: [{ Id: 'queue' }, { Id: 'instances' }, { Id: 'result', Label: 'backlog per instance' }],
      TreatMissingData: 'notBreaching',
      DatapointsToAlarm: 3,
      EvaluationPeriods: 5,
    });
    expect(copy.alarm(`bake-idle-${full.name}-green`)).toMatchObject({
      ActionsEnabled: false,
      ExtendedStatistic: 'p90',
      EvaluateLowSampleCountPercentile: 'ignore',
    });
  });

  test('an alarm calls the policy of the copy and whoever else it told, but no policy of another group', () => {
    const alarm = copy.alarm(`bake-${full.name}-green-backlog-high`)!;
    const [, topic] = alarm.AlarmActions!;
    expect(alarm.AlarmActions).toEqual([copy.policy('scale-out')!.PolicyARN, topic]);
    expect(topic).toMatch(/^arn:aws:sns:/);
    expect(alarm.OKActions).toEqual([topic]);
  });

  test('target tracking has alarms of its own: it gets no second ones', () => {
    for (const name of ['cpu', 'backlog', 'metric']) {
      const alarms = copy.policy(name)!.Alarms!.map(({ AlarmName }) => AlarmName!);
      expect(alarms.length).toBe(name === 'cpu' ? 1 : 2);
      for (const alarm of alarms) expect(alarm).toContain(`TargetTracking-${full.name}-green-`);
    }
  });

  test('a schedule keeps its time zone, its name and its end', () => {
    expect(copy.schedule('morning')).toMatchObject({
      Recurrence: '0 8 * * 1-5',
      TimeZone: 'Asia/Tokyo',
      MinSize: 2,
      MaxSize: 8,
      DesiredCapacity: 4,
    });
    expect(copy.schedule('sale')!.EndTime).toBeInstanceOf(Date);
    expect(copy.schedules).toHaveLength(3);
  });

  test('a tag goes to instances, or does not, as it did; what bake has noted on the original stays there', () => {
    const tags = copy.group.Tags!.map(({ Key, Value, PropagateAtLaunch }) => [Key, Value, PropagateAtLaunch]);
    expect(tags.sort()).toEqual([
      ['bake:colour', 'back', false],
      ['bake:project', 'demo', true],
      ['bake:run', 'r1', true],
      ['empty', '', true],
      ['owner', 'ann', false],
      ['team', 'search and find', true],
    ]);
  });

  test('the group comes with its hooks, and with what is suspended in the original besides its own scaling', () => {
    expect(copy.hooks.map(({ LifecycleHookName }) => LifecycleHookName).sort()).toEqual(['drain', 'ready']);
    expect(copy.group.SuspendedProcesses!.map(({ ProcessName }) => ProcessName).sort()).toEqual([
      'AZRebalance',
      'AlarmNotification',
      'ReplaceUnhealthy',
      'ScheduledActions',
    ]);
  });

  test('the new version is meant wherever the old one was named', () => {
    const { LaunchTemplate } = copy.group.MixedInstancesPolicy!;
    expect(LaunchTemplate!.LaunchTemplateSpecification!.Version).toBe('2');
    expect(LaunchTemplate!.Overrides![1]!.LaunchTemplateSpecification!.Version).toBe('2');
  });
});

describe('policies that count the requests of a target group', () => {
  const requests = async (name: string) => {
    const label = (await described(name)).policy('requests')?.TargetTrackingConfiguration;
    return label?.PredefinedMetricSpecification?.ResourceLabel;
  };

  test('wait until the copy has it', async () => {
    const { copies, traffic } = adapter.cloud;
    const full = await original();
    const to = green(full);
    await copies.copy(full.name, to);
    expect(await requests(to.name)).toBeUndefined();
    expect(await copies.differences(full.name, to)).toEqual([]);
    await traffic.attach(to.name, full.targetGroups);
    expect(await copies.differences(full.name, to)).toEqual([
      `${to.name} lacks the policy requests of ${full.name}`,
    ]);
    await copies.copy(full.name, to);
    expect(await copies.differences(full.name, to)).toEqual([]);
    expect(await requests(to.name)).toBe(await requests(full.name));
  });

  test('count those of the one that takes its place', async () => {
    const { copies, groups } = adapter.cloud;
    const full = await original();
    const [blue, other] = balancer.targetGroups as [string, string];
    const to = { ...green(full), traffic: true, targetGroups: { [blue]: other } };
    await copies.copy(full.name, to);
    expect(await copies.differences(full.name, to)).toEqual([]);
    expect((await groups.find(to.name))!.targetGroups).toEqual([other]);
    expect(await requests(full.name)).toContain(blue.split(':').at(-1));
    expect(await requests(to.name)).toContain(other.split(':').at(-1));
  });
});

describe('again and again', () => {
  test('names are the first ones again when the copy’s copy has the original’s name', async () => {
    const { copies } = adapter.cloud;
    const full = await original({ mixed: false });
    const to = green(full);
    await copies.copy(full.name, to);
    const first = (await described(full.name)).alarms.map(({ AlarmName }) => AlarmName);
    await emptied(full.name);
    await copies.remove(full.name);
    const back = { ...to, name: full.name };
    await copies.copy(to.name, back);
    expect(await copies.differences(to.name, back)).toEqual([]);
    const names = (await described(full.name)).alarms.map(({ AlarmName }) => AlarmName);
    const given = (all: (string | undefined)[]) => all.filter((name) => !name!.startsWith('TargetTracking-'));
    expect(given(first).sort()).toEqual(['idle', `${full.name}-backlog-high`]);
    expect(given(names).sort()).toEqual([`bake-idle-${full.name}`, `bake-${full.name}-backlog-high`].sort());
  });

  test('what is removed leaves nothing behind: no group, no pool, no alarm of bake’s; a group that works stays whole', async () => {
    const { copies, groups } = adapter.cloud;
    const full = await original({ mixed: false });
    const to = green(full);
    await copies.copy(full.name, to);
    await groups.update(to.name, { desired: 1 });
    await adapter.until('an instance', async () => (await groups.find(to.name))!.instances.length === 1);
    await expect(copies.remove(to.name)).rejects.toThrow('still has 1 instance');
    expect(await copies.differences(full.name, to)).toEqual([]);
    await emptied(to.name);
    await copies.remove(to.name);
    await copies.remove(to.name);
    expect(await groups.find(to.name)).toBeUndefined();
    const watch = new CloudWatchClient(adapter.local.client);
    for (const AlarmNamePrefix of [`bake-${to.name}`, `bake-idle-${to.name}`, `TargetTracking-${to.name}-`]) {
      const { MetricAlarms } = await watch.send(new DescribeAlarmsCommand({ AlarmNamePrefix }));
      expect(MetricAlarms).toEqual([]);
    }
    watch.destroy();
  });

  test('what is to go with all that it runs goes, protected or not', async () => {
    const { copies, groups } = adapter.cloud;
    const full = await original({ mixed: false });
    await adapter.until('instances', async () => (await groups.find(full.name))!.instances.length === 2);
    const removed = copies.remove(full.name, { force: true });
    await adapter.until('to be gone', async () => !(await groups.find(full.name)));
    await removed;
  });

  async function emptied(name: string): Promise<void> {
    const { groups } = adapter.cloud;
    await groups.update(name, { min: 0, desired: 0 });
    await adapter.until('to be empty', async () => (await groups.find(name))!.instances.length === 0);
  }
});

describe('what somebody else has', () => {
  test('a group of the copy’s name is left alone', async () => {
    const { copies, groups } = adapter.cloud;
    const [full, other] = [await original(), await original()];
    const before = await described(other.name);
    const to = { ...green(full), name: other.name };
    await expect(copies.copy(full.name, to)).rejects.toThrow(`another scaling group named ${other.name}`);
    expect((await described(other.name)).group.Tags).toEqual(before.group.Tags);
    expect((await groups.find(other.name))!.suspendedProcesses).not.toContain('AlarmNotification');
  });

  test('an alarm of the copy’s alarm’s name is left alone', async () => {
    const full = await original();
    const to = green(full);
    const watch = new CloudWatchClient(adapter.local.client);
    const AlarmName = `bake-${to.name}-backlog-high`;
    await watch.send(
      new PutMetricAlarmCommand({
        AlarmName,
        Namespace: 'Theirs',
        MetricName: 'Own',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    await expect(adapter.cloud.copies.copy(full.name, to)).rejects.toThrow(`an alarm named ${AlarmName}`);
    const { MetricAlarms } = await watch.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
    expect(MetricAlarms![0]!.Namespace).toBe('Theirs');
    watch.destroy();
  });

  test('a group that does not exist cannot be copied', async () => {
    const to = { ...green(await original()), name: 'nobody-green' };
    await expect(adapter.cloud.copies.copy('nobody', to)).rejects.toThrow(
      'scaling group nobody does not exist',
    );
  });
});
