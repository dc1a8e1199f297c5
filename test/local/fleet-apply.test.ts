import {
  AutoScalingClient,
  DescribeLifecycleHooksCommand,
  PutLifecycleHookCommand,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { applyFleet } from '../../src/fleet/apply.ts';
import { type FleetPlan, planFleet } from '../../src/fleet/plan.ts';
import { groups } from '../../src/localcloud/engine/autoscaling/groups.ts';
import { membersOf } from '../../src/localcloud/engine/autoscaling/members.ts';
import { lockFleet, readLock } from '../../src/rollout/lock.ts';
import { TAG } from '../../src/run/tags.ts';
import { makeBalancer } from '../helpers/balancer.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';
import { EVERYTHING, THREE_FILES, writingActions } from '../helpers/scaling-fleet.ts';

let world: RolloutWorld;
let scaling: AutoScalingClient;
let watch: CloudWatchClient;

beforeEach(async () => {
  world = await RolloutWorld.start({ policy: EVERYTHING });
  scaling = new AutoScalingClient(world.local.client);
  watch = new CloudWatchClient(world.local.client);
});
afterEach(async () => {
  scaling.destroy();
  watch.destroy();
  await world.close();
});

const plan = (project: Project): Promise<FleetPlan> => planFleet(world.run(), world.cloud, project);

const whole = (fleet: object = {}) =>
  world.project({
    fleet: {
      scaling: THREE_FILES,
      lifecycleHooks: [{ name: 'drain', on: 'terminate', heartbeat: '2m' }],
      protectFromScaleIn: true,
      ...fleet,
    },
  });

const alarmNames = async () =>
  ((await watch.send(new DescribeAlarmsCommand({}))).MetricAlarms ?? [])
    .map(({ AlarmName }) => AlarmName!)
    .filter((name) => !name.startsWith('TargetTracking-'));

describe('a fleet with all that may belong to it', () => {
  it('is planned, made as planned, and then as configured: a second apply asks for nothing that changes anything', async () => {
    const project = whole();
    await world.addRelease(project, '1');
    const planned = await plan(project);
    expect(planned).toMatchObject({ group: 'workers', exists: false });
    expect(planned.changes.slice(1)).toEqual([
      'scaling group workers with 3 instances of release 1',
      'lifecycle hook drain: holds a leaving instance for up to 2 m, then lets it go on',
      'policy bake-backlog: keeps visible / IF(instances > 0, instances, 1) at 5',
      'policy bake-emergency: visible / IF(instances > 0, instances, 1) from 50 to 200: +50 %, from 200 on: +100 %',
      'schedule bake-weekday-morning: 0 8 * * 1-5 Asia/Tokyo, min 3',
      'schedule bake-weekday-evening: 0 20 * * 1-5 Asia/Tokyo, min 1',
    ]);
    expect(await world.cloud.groups.find('workers')).toBeUndefined();

    expect(await world.apply(project)).toMatchObject({ created: true, inService: 3 });
    const group = await world.cloud.groups.find('workers');
    expect(group).toMatchObject({ protectFromScaleIn: true, tags: { [TAG.release]: '1' } });
    expect(group?.instances.every(({ protectedFromScaleIn }) => protectedFromScaleIn)).toBe(true);
    expect(await alarmNames()).toEqual(['bake-workers-emergency']);

    const written = await writingActions(world.local, async () => {
      expect(await world.apply(project)).toMatchObject({ created: false, changes: [] });
    });
    expect(written).toEqual([]);
    expect(await plan(project)).toEqual({ group: 'workers', exists: true, changes: [], pending: undefined });
  });

  it('has its hooks and target groups before its first instance', async () => {
    const balancer = await makeBalancer(world.local, ['web']);
    const project = whole({
      targetGroups: ['web'],
      lifecycleHooks: [{ name: 'ready', on: 'launch', heartbeat: '30s' }],
    });
    await world.addRelease(project, '1');
    const states = new Set<string>();
    world.meanwhile = () => {
      for (const { state } of membersOf(world.local.engine, 'workers')) states.add(state);
    };
    await world.apply(project);
    expect([...states]).toContain('Pending:Wait');
    expect((await world.cloud.traffic.targets(balancer.targetGroups[0]!)).length).toBe(3);
    balancer.close();
  });

  it('that is not as configured is told field by field by plan, and put right by apply', async () => {
    const project = whole();
    await world.addRelease(project, '1');
    await world.apply(project);
    await scaling.send(
      new PutLifecycleHookCommand({
        AutoScalingGroupName: 'workers',
        LifecycleHookName: 'drain',
        HeartbeatTimeout: 600,
        DefaultResult: 'ABANDON',
      }),
    );
    const other = whole({
      scaling: [
        { policy: 'bake:backlog', variables: { queue: 'others', target: '7' } },
        { policy: 'bake:emergency', variables: { queue: 'jobs', high: '60', veryHigh: '200' } },
        { policy: 'bake:weekdays', variables: { timeZone: 'Europe/Berlin', day: '3', night: '1' } },
      ],
      protectFromScaleIn: false,
      metrics: false,
    });
    const lines = [
      'lifecycle hook drain: heartbeat 10 m → 2 m',
      'lifecycle hook drain: otherwise abandon → continue',
      'metrics true → false',
      'new instances protected from scale-in true → false',
      'policy bake-backlog: watched metrics visible dimensions QueueName jobs → others',
      'policy bake-backlog: target 5 → 7',
      'policy bake-emergency: steps 1 from 50 to 200: +50 % → from 60 to 200: +50 %',
      'policy bake-emergency: alarm threshold 50 → 60',
      'schedule bake-weekday-morning: timeZone Asia/Tokyo → Europe/Berlin',
      'schedule bake-weekday-evening: timeZone Asia/Tokyo → Europe/Berlin',
    ];
    expect((await plan(other)).changes).toEqual(lines);
    expect((await plan(other)).changes).toEqual(lines);
    expect((await world.apply(other)).changes).toEqual(lines);
    expect((await plan(other)).changes).toEqual([]);
  });

  it('loses what the configuration no longer asks for, and keeps what is others’', async () => {
    const project = whole();
    await world.addRelease(project, '1');
    await world.apply(project);
    const AutoScalingGroupName = 'workers';
    const { PolicyARN } = await scaling.send(
      new PutScalingPolicyCommand({
        AutoScalingGroupName,
        PolicyName: 'theirs',
        AdjustmentType: 'ChangeInCapacity',
        ScalingAdjustment: 1,
      }),
    );
    await watch.send(
      new PutMetricAlarmCommand({
        AlarmName: 'theirs',
        AlarmActions: [PolicyARN!],
        Namespace: 'App',
        MetricName: 'load',
        Statistic: 'Average',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    await scaling.send(
      new PutScheduledUpdateGroupActionCommand({
        AutoScalingGroupName,
        ScheduledActionName: 'theirs',
        Recurrence: '0 0 * * *',
        MinSize: 1,
      }),
    );
    await scaling.send(
      new PutLifecycleHookCommand({
        AutoScalingGroupName,
        LifecycleHookName: 'theirs',
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      }),
    );
    expect((await plan(project)).changes).toEqual([]);
    const bare = world.project();
    expect((await world.apply(bare)).changes).toEqual([
      'new instances protected from scale-in true → false',
      'lifecycle hook drain removed',
      'policy bake-backlog removed',
      'policy bake-emergency removed',
      'schedule bake-weekday-morning removed',
      'schedule bake-weekday-evening removed',
    ]);
    expect(await alarmNames()).toEqual(['theirs']);
    const names = (all: { name: string }[]) => all.map(({ name }) => name);
    expect(names(await world.cloud.scaling.policies('workers'))).toEqual(['theirs']);
    expect(names(await world.cloud.scaling.schedules('workers'))).toEqual(['theirs']);
    const { LifecycleHooks } = await scaling.send(
      new DescribeLifecycleHooksCommand({ AutoScalingGroupName }),
    );
    expect(LifecycleHooks).toHaveLength(1);
    expect((await plan(bare)).changes).toEqual([]);
  });

  it('takes part in target groups as configured, and leaves those of a configuration that names none', async () => {
    const balancer = await makeBalancer(world.local, ['web', 'admin']);
    const project = world.project({ fleet: { targetGroups: ['web'] } });
    await world.addRelease(project, '1');
    await world.apply(project);
    expect((await plan(world.project())).changes).toEqual([]);
    const moved = world.project({ fleet: { targetGroups: [balancer.targetGroups[1]] } });
    expect((await world.apply(moved)).changes).toEqual([
      'target group admin attached',
      'target group web detached',
    ]);
    expect((await world.cloud.groups.find('workers'))?.targetGroups).toEqual([balancer.targetGroups[1]]);
    await expect(plan(world.project({ fleet: { targetGroups: ['none'] } }))).rejects.toMatchObject({
      exitCode: 2,
      message: 'target group none does not exist in eu-central-1',
    });
    balancer.close();
  });

  it('gets an alarm back that somebody has removed', async () => {
    const project = whole();
    await world.addRelease(project, '1');
    await world.apply(project);
    await watch.send(new DeleteAlarmsCommand({ AlarmNames: ['bake-workers-emergency'] }));
    const lines = ['policy bake-emergency: alarm bake-workers-emergency is missing'];
    expect((await world.apply(project)).changes).toEqual(lines);
    expect((await plan(project)).changes).toEqual([]);
  });

  it('says that nothing acts while a process is suspended', async () => {
    const project = whole();
    await world.addRelease(project, '1');
    await world.apply(project);
    await world.cloud.groups.suspend('workers', ['AlarmNotification']);
    await plan(project);
    expect(world.said('warning')).toContain(
      'process AlarmNotification of workers is suspended: no scaling policy acts until it is resumed',
    );
  });
});

describe('a fleet of two colours', () => {
  /** `workers-green`, in front, made as a blue-green rollout makes it. */
  async function putGreenInFront(): Promise<void> {
    const { groups: port, templates, copies } = world.cloud;
    const template = (await templates.findByName('workers'))!;
    const tags = { [TAG.project]: 'testing', [TAG.environment]: 'default' };
    const version = { id: template.id, version: 1 };
    await copies.copy('workers', { name: 'workers-green', template: version, tags, traffic: true });
    await port.update('workers-green', { min: 1, desired: 3 });
    await port.setTags('workers', { [TAG.colour]: 'back' }, { propagate: false });
    await port.setTags('workers-green', { [TAG.colour]: 'front' }, { propagate: false });
  }

  it('needs nothing after the other has come to the front: the copy is as configured', async () => {
    const balancer = await makeBalancer(world.local, ['web']);
    const project = whole({ targetGroups: ['web'] });
    await world.addRelease(project, '1');
    await world.apply(project);
    await putGreenInFront();
    expect(await plan(project)).toMatchObject({ group: 'workers-green', changes: [] });
    balancer.close();
  });

  it('is kept as configured where it is in front; the other stays as it is', async () => {
    const project = world.project();
    await world.addRelease(project, '1');
    await world.apply(project);
    await putGreenInFront();
    const result = await world.apply(whole());
    expect(result).toMatchObject({ group: 'workers-green', created: false });
    expect(result.changes).toHaveLength(6);
    expect(world.said('note')).toContain(
      'workers-green is in front and is kept as configured; workers stays as it is until it is in front',
    );
    expect(await alarmNames()).toEqual(['bake-workers-green-emergency']);
    const [backlog] = await world.cloud.scaling.policies('workers-green');
    expect(backlog?.rule).toMatchObject({
      watched: { metrics: { instances: { dimensions: { AutoScalingGroupName: 'workers-green' } } } },
    });
    expect(await world.cloud.scaling.policies('workers')).toEqual([]);
    expect((await plan(whole())).changes).toEqual([]);
  });

  it('has a target group for each colour where traffic moves by weights', async () => {
    const balancer = await makeBalancer(world.local, ['web-blue', 'web-green']);
    const project = world.project({
      fleet: { targetGroups: ['web-blue'] },
      rollout: { blueGreen: { pairs: [{ blue: 'web-blue', green: 'web-green' }] } },
    });
    await world.addRelease(project, '1');
    await world.apply(project);
    const [blue, green] = balancer.targetGroups;
    expect((await world.cloud.groups.find('workers'))?.targetGroups).toEqual([blue]);
    await putGreenInFront();
    expect((await world.apply(project)).changes).toEqual([
      'target group web-green attached',
      'target group web-blue detached',
    ]);
    expect((await world.cloud.groups.find('workers-green'))?.targetGroups).toEqual([green]);
    expect((await world.cloud.groups.find('workers'))?.targetGroups).toEqual([blue]);
    balancer.close();
  });
});

describe('a fleet that somebody works on', () => {
  it('is changed by nobody else, who may find it as configured', async () => {
    const project = whole();
    await world.addRelease(project, '1');
    await world.apply(project);
    const holder = world.run();
    const held = await lockFleet(holder, world.cloud, project, { command: 'rollout' });
    const applying = (wanted: Project) => {
      const run = world.run();
      const lock = () => lockFleet(run, world.cloud, wanted, { command: 'fleet apply' });
      return applyFleet(run, world.cloud, wanted, { lock });
    };
    expect((await applying(project)).changes).toEqual([]);
    await expect(applying(whole({ lifecycleHooks: [] }))).rejects.toMatchObject({
      message: expect.stringContaining(held.record.owner),
    });
    expect((await plan(project)).changes).toEqual([]);
    await held.release();
    expect((await applying(whole({ lifecycleHooks: [] }))).changes).toEqual(['lifecycle hook drain removed']);
    expect(await readLock(world.cloud, project)).toBeUndefined();
  });

  it('is not reshaped where that is CloudFormation', async () => {
    const project = whole();
    await world.addRelease(project, '1');
    await world.apply(project);
    // Only CloudFormation itself may set its tags.
    const { engine } = world.local;
    const stack = { key: 'aws:cloudformation:stack-name', value: 'web', propagate: true };
    groups(engine).patch('workers', { tags: [...groups(engine).get('workers')!.tags, stack] });
    const refusal = {
      exitCode: 2,
      message: expect.stringMatching(
        /scaling group workers was not made by bake \(it is of CloudFormation stack web\)/,
      ),
    };
    await expect(plan(project)).rejects.toMatchObject(refusal);
    await expect(world.apply(world.project())).rejects.toMatchObject(refusal);
  });
});
