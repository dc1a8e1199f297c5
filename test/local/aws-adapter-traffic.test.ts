import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Target } from '../../src/clouds/cloud.ts';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';
import { type Balancer, makeBalancer } from '../helpers/balancer.ts';

let adapter: AdapterTest;
let balancer: Balancer;
let blue: string;
let green: string;
let template: string;
beforeAll(async () => {
  adapter = await startAdapter();
  balancer = await makeBalancer(adapter.local, ['blue', 'green', 'idle']);
  [blue, green] = balancer.targetGroups as [string, string];
  const settings = {
    imageId: baseImageId(adapter.local.engine),
    instanceType: 't3.micro',
    securityGroupIds: [],
    monitoring: false,
    ebsOptimized: false,
    userData: '',
    tags: {},
  };
  const created = await adapter.cloud.templates.create({
    token: 'web',
    name: 'web',
    description: '',
    settings,
    tags: {},
  });
  template = created.id;
});
afterAll(async () => {
  balancer.close();
  await adapter.close();
});

let count = 0;
let group = '';
beforeEach(() => {
  group = `fleet-${++count}`;
});

async function createGroup(desired: number): Promise<string[]> {
  const { groups } = adapter.cloud;
  await groups.create({
    name: group,
    min: 0,
    max: 4,
    desired,
    template: { id: template, version: 1 },
    subnets: [],
    zones: await groups.zones(),
    healthCheckType: 'EC2',
    healthCheckGrace: 0,
    defaultWarmup: 0,
    metricsEnabled: false,
    tags: {},
  });
  return adapter.until('instances', async () => {
    const instances = (await groups.find(group))!.instances.filter((each) => each.lifecycle === 'InService');
    return instances.length === desired && instances.map(({ id }) => id).sort();
  });
}

const statesOf = async (targetGroup: string) =>
  (await adapter.cloud.traffic.targets(targetGroup)).map(({ state }: Target) => state);

describe('target groups', () => {
  test('one is found by name and by ARN, with what a shift of traffic has to know about it', async () => {
    const { traffic } = adapter.cloud;
    const found = await traffic.find('blue');
    expect(found).toEqual({
      arn: blue,
      name: 'blue',
      protocol: 'HTTP',
      port: 80,
      healthCheckPath: '/health',
      deregistrationDelay: 30_000,
      sticky: false,
      endpoints: [expect.stringMatching(/^http:\/\/127\.[\d.]+:80$/)],
    });
    expect(await traffic.find(blue)).toEqual(found);
    expect(await traffic.find('none')).toBeUndefined();
    expect(await traffic.find(blue.replace(/.$/, 'x'))).toBeUndefined();
  });

  test('attaching and detaching may be said twice, and end where they are said to end', async () => {
    const { traffic, groups } = adapter.cloud;
    const ids = await createGroup(2);
    await traffic.attach(group, [blue, green]);
    await traffic.attach(group, [blue]);
    expect((await groups.find(group))!.targetGroups.sort()).toEqual([blue, green].sort());
    expect((await traffic.targets(blue)).map(({ instanceId }) => instanceId).sort()).toEqual(ids);
    await adapter.until('health', async () => (await statesOf(blue)).every((state) => state === 'healthy'));
    await traffic.detach(group, [blue]);
    expect(await statesOf(blue)).toEqual(['draining', 'draining']);
    await traffic.detach(group, [blue]);
    expect((await groups.find(group))!.targetGroups).toEqual([green]);
    await adapter.until('drained', async () => (await statesOf(blue)).length === 0);
    await traffic.detach(group, [blue, green]);
    expect((await groups.find(group))!.targetGroups).toEqual([]);
  });

  test('more target groups than one request takes are attached and detached in several', async () => {
    const { traffic, groups } = adapter.cloud;
    await createGroup(0);
    const many = await makeBalancerGroups(12);
    await traffic.attach(group, many);
    expect((await groups.find(group))!.targetGroups).toHaveLength(12);
    await traffic.detach(group, many);
    expect((await groups.find(group))!.targetGroups).toEqual([]);
  });

  test('what is detached while the group is being refreshed goes on; what is attached waits in vain and says so', async () => {
    const { traffic, refreshes } = adapter.cloud;
    await createGroup(1);
    await traffic.attach(group, [blue]);
    await refreshes.start(group, {
      templateId: template,
      version: 1,
      preferences: {
        minHealthyPercentage: 100,
        maxHealthyPercentage: 200,
        checkpoints: [],
        skipMatching: false,
        autoRollback: false,
        alarms: [],
        soak: 0,
        scaleInProtected: 'wait',
        standby: 'wait',
      },
    });
    await traffic.detach(group, [blue]);
    await expect(traffic.attach(group, [green])).rejects.toThrow(/InstanceRefreshInProgress/);
  });
});

async function makeBalancerGroups(size: number): Promise<string[]> {
  const made = Array.from({ length: size }, (_, index) =>
    balancer.client.send(new CreateTargetGroupCommand({ Name: `many-${index}`, Protocol: 'HTTP', Port: 80 })),
  );
  return (await Promise.all(made)).map(({ TargetGroups }) => TargetGroups![0]!.TargetGroupArn!);
}

describe('weights', () => {
  const listener = async () => {
    const query = { ListenerArns: [balancer.listenerArn] };
    return (await balancer.client.send(new DescribeListenersCommand(query))).Listeners![0]!.DefaultActions!;
  };

  test('every default action and every rule that sends to a target group is found, with its weights', async () => {
    const { traffic } = adapter.cloud;
    const { Rules } = await balancer.client.send(
      new CreateRuleCommand({
        ListenerArn: balancer.listenerArn,
        Priority: 7,
        Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } }],
        Actions: [{ Type: 'forward', TargetGroupArn: blue }],
      }),
    );
    const elsewhere = {
      ListenerArn: balancer.listenerArn,
      Priority: 8,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/gone'] } }],
      Actions: [{ Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '410' } }],
    };
    await balancer.client.send(new CreateRuleCommand(elsewhere));
    expect(await traffic.forwardings([blue])).toEqual([
      {
        id: Rules![0]!.RuleArn,
        name: 'rule 7 of listener HTTP:80',
        weights: [{ targetGroup: blue, weight: 1 }],
        sticky: 0,
      },
      {
        id: balancer.listenerArn,
        name: 'listener HTTP:80',
        weights: balancer.targetGroups.map((targetGroup, index) => ({
          targetGroup,
          weight: index === 0 ? 100 : 0,
        })),
        sticky: 0,
      },
    ]);
    expect(await traffic.forwardings([green])).toHaveLength(1);
    expect(await traffic.forwardings([])).toEqual([]);
  });

  test('a default action gets other weights and keeps its stickiness and the target groups that are not named', async () => {
    const { traffic } = adapter.cloud;
    const [before] = await listener();
    await balancer.client.send(
      new ModifyListenerCommand({
        ListenerArn: balancer.listenerArn,
        DefaultActions: [
          {
            ...before,
            Type: 'forward',
            ForwardConfig: {
              ...before!.ForwardConfig,
              TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
            },
          },
        ],
      }),
    );
    const found = (await traffic.forwardings([green]))[0]!;
    expect(found.sticky).toBe(60_000);
    await traffic.setWeights(found, [
      { targetGroup: blue, weight: 0 },
      { targetGroup: green, weight: 100 },
    ]);
    const [after] = await listener();
    const weights = Object.fromEntries(
      after!.ForwardConfig!.TargetGroups!.map(({ TargetGroupArn, Weight }) => [TargetGroupArn, Weight]),
    );
    expect(weights).toEqual({ [blue]: 0, [green]: 100, [balancer.targetGroups[2]!]: 0 });
    expect(after!.ForwardConfig!.TargetGroupStickinessConfig).toEqual({
      Enabled: true,
      DurationSeconds: 60,
    });
  });

  test('a rule that named one target group names both and keeps its conditions', async () => {
    const { traffic } = adapter.cloud;
    const rule = (await traffic.forwardings([blue])).find(({ name }) => name.startsWith('rule 7'))!;
    await traffic.setWeights(rule, [
      { targetGroup: blue, weight: 90 },
      { targetGroup: green, weight: 10 },
    ]);
    const { Rules } = await balancer.client.send(new DescribeRulesCommand({ RuleArns: [rule.id] }));
    expect(Rules![0]).toMatchObject({
      Priority: '7',
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } }],
    });
    expect((await traffic.forwardings([blue]))[0]!.weights).toEqual([
      { targetGroup: blue, weight: 90 },
      { targetGroup: green, weight: 10 },
    ]);
  });
});
