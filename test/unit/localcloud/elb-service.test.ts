import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyRuleCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  RemoveTagsCommand,
  SetRulePrioritiesCommand,
  waitUntilTargetInService,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { instances, terminateInstances } from '../../../src/localcloud/engine/ec2/instances.ts';
import { targetAnswers } from '../../../src/localcloud/engine/elb/checks.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';
import { launch } from '../../helpers/load-balancing.ts';

describe('load balancing over its own client', () => {
  let cloud: TestCloud;
  let client: ElasticLoadBalancingV2Client;
  let clock: VirtualClock;

  beforeEach(async () => {
    clock = new VirtualClock();
    cloud = await startCloud({ clock });
    client = new ElasticLoadBalancingV2Client(cloud.client);
  });
  afterEach(async () => {
    client.destroy();
    await cloud.close();
  });

  const balancer = async (Name = 'web', more = {}) =>
    (await client.send(new CreateLoadBalancerCommand({ Name, ...more }))).LoadBalancers![0]!;
  const group = async (Name = 'blue', more = {}) =>
    (await client.send(new CreateTargetGroupCommand({ Name, Protocol: 'HTTP', Port: 8_080, ...more })))
      .TargetGroups![0]!.TargetGroupArn as string;
  const listen = async (LoadBalancerArn: string, TargetGroupArn: string, Port = 8_000) =>
    (
      await client.send(
        new CreateListenerCommand({
          LoadBalancerArn,
          Protocol: 'HTTP',
          Port,
          DefaultActions: [{ Type: 'forward', TargetGroupArn }],
        }),
      )
    ).Listeners![0]!.ListenerArn as string;
  const health = async (TargetGroupArn: string) =>
    (await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }))).TargetHealthDescriptions?.map(
      ({ TargetHealth }) => [TargetHealth?.State, TargetHealth?.Reason],
    );
  const register = (TargetGroupArn: string, ids: string[]) =>
    client.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: ids.map((Id) => ({ Id })) }));

  it('a load balancer is active at once, has an address of its own, and keeps what it was given', async () => {
    const one = await balancer('web', { Tags: [{ Key: 'a', Value: 'b' }] });
    const two = await balancer('api');
    expect(one).toMatchObject({
      State: { Code: 'active' },
      Type: 'application',
      Scheme: 'internet-facing',
      IpAddressType: 'ipv4',
    });
    expect(one.LoadBalancerArn).toMatch(
      /^arn:aws:elasticloadbalancing:eu-central-1:000000000000:loadbalancer\/app\/web\/[0-9a-f]{16}$/,
    );
    expect(one.AvailabilityZones).toHaveLength(3);
    expect(one.DNSName).toMatch(/^127\.\d+\.\d+\.254$/);
    expect(two.DNSName).toMatch(/^127\.\d+\.\d+\.253$/);
    expect(await balancer('web')).toMatchObject({ LoadBalancerArn: one.LoadBalancerArn });
    await expect(balancer('web', { Scheme: 'internal' })).rejects.toMatchObject({
      name: 'DuplicateLoadBalancerNameException',
    });
    await expect(balancer('-web')).rejects.toMatchObject({ name: 'ValidationError' });
    const { LoadBalancers } = await client.send(new DescribeLoadBalancersCommand({ Names: ['api'] }));
    expect(LoadBalancers).toEqual([two]);
    await expect(client.send(new DescribeLoadBalancersCommand({ Names: ['none'] }))).rejects.toMatchObject({
      name: 'LoadBalancerNotFoundException',
    });
  });

  it('deletion protection keeps a load balancer; a deleted one takes its listeners along', async () => {
    const { LoadBalancerArn } = await balancer();
    const arn = await group();
    await listen(LoadBalancerArn!, arn);
    const protect = (Value: string) =>
      client.send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn,
          Attributes: [{ Key: 'deletion_protection.enabled', Value }],
        }),
      );
    await protect('true');
    await expect(client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }))).rejects.toMatchObject({
      name: 'OperationNotPermittedException',
    });
    await protect('false');
    await expect(client.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn }))).rejects.toMatchObject({
      name: 'ResourceInUseException',
    });
    await client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    expect((await client.send(new DescribeListenersCommand({}))).Listeners).toEqual([]);
    await client.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn }));
    await expect(
      client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] })),
    ).rejects.toMatchObject({ name: 'TargetGroupNotFoundException' });
  });

  it('a target group has its health check and its attributes, with the defaults of the real one', async () => {
    const arn = await group('blue', { HealthCheckPath: '/health', Matcher: { HttpCode: '200-204' } });
    const { TargetGroups } = await client.send(
      new ModifyTargetGroupCommand({ TargetGroupArn: arn, HealthyThresholdCount: 3 }),
    );
    expect(TargetGroups?.[0]).toMatchObject({
      TargetGroupName: 'blue',
      Protocol: 'HTTP',
      ProtocolVersion: 'HTTP1',
      Port: 8_080,
      TargetType: 'instance',
      HealthCheckEnabled: true,
      HealthCheckProtocol: 'HTTP',
      HealthCheckPort: 'traffic-port',
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 3,
      UnhealthyThresholdCount: 2,
      Matcher: { HttpCode: '200-204' },
      LoadBalancerArns: [],
    });
    await client.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: arn,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '10' }],
      }),
    );
    const { Attributes } = await client.send(
      new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }),
    );
    expect(Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '10' });
    expect(Attributes).toContainEqual({ Key: 'stickiness.enabled', Value: 'false' });
    const refused = (input: object) => expect(group('other', input)).rejects;
    await refused({ Protocol: 'HTTPS' }).toMatchObject({ name: 'UnsupportedProtocolException' });
    await refused({ HealthCheckTimeoutSeconds: 30 }).toMatchObject({ name: 'ValidationError' });
    await refused({ Matcher: { HttpCode: 'ok' } }).toMatchObject({ name: 'ValidationError' });
    await refused({ HealthCheckPort: '70000' }).toMatchObject({ name: 'ValidationError' });
    await refused({ HealthCheckPath: '/a b' }).toMatchObject({ name: 'ValidationError' });
    await refused({ Name: 'blue', Port: 1 }).toMatchObject({ name: 'DuplicateTargetGroupNameException' });
  });

  it('a target goes from unused by initial to healthy, and by failed checks to unhealthy and back', async () => {
    const arn = await group('blue', { HealthCheckIntervalSeconds: 10 });
    const [a, b] = await launch(cloud, clock, 2);
    targetAnswers(cloud.engine).put(b!, 500);
    await register(arn, [a!, b!]);
    expect(await health(arn)).toEqual([
      ['unused', 'Target.NotInUse'],
      ['unused', 'Target.NotInUse'],
    ]);
    const { LoadBalancerArn } = await balancer();
    await listen(LoadBalancerArn!, arn);
    expect(await health(arn)).toEqual([
      ['healthy', undefined],
      ['initial', 'Elb.InitialHealthChecking'],
    ]);
    clock.advance(10_000);
    expect((await health(arn))?.[1]).toEqual(['unhealthy', 'Target.ResponseCodeMismatch']);
    targetAnswers(cloud.engine).put(a!, 'timeout');
    targetAnswers(cloud.engine).put(b!, 200);
    clock.advance(10_000);
    expect((await health(arn))?.[0]).toEqual(['healthy', undefined]);
    clock.advance(10_000);
    expect((await health(arn))?.[0]).toEqual(['unhealthy', 'Target.Timeout']);
    clock.advance(20_000);
    expect((await health(arn))?.[1]).toEqual(['unhealthy', 'Target.ResponseCodeMismatch']);
    clock.advance(10_000);
    expect((await health(arn))?.[1]).toEqual(['healthy', undefined]);
    targetAnswers(cloud.engine).put(a!, 'refused');
    clock.advance(10_000);
    expect((await health(arn))?.[0]).toEqual(['unhealthy', 'Target.FailedHealthChecks']);
  });

  it('the official waiter sees targets come into service', async () => {
    const arn = await group();
    await register(arn, await launch(cloud, clock, 2));
    await listen((await balancer()).LoadBalancerArn!, arn);
    const { state } = await waitUntilTargetInService(
      { client, maxWaitTime: 5, minDelay: 1, maxDelay: 1 },
      { TargetGroupArn: arn },
    );
    expect(state).toBe('SUCCESS');
  });

  it('a target that is deregistered drains as long as its group says, and comes back when it is registered again', async () => {
    const arn = await group();
    const [a, b] = await launch(cloud, clock, 2);
    await register(arn, [a!, b!]);
    await listen((await balancer()).LoadBalancerArn!, arn);
    const deregister = () =>
      client.send(new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id: a }] }));
    await deregister();
    expect(await health(arn)).toEqual([
      ['draining', 'Target.DeregistrationInProgress'],
      ['healthy', undefined],
    ]);
    clock.advance(299_000);
    expect(await health(arn)).toHaveLength(2);
    await register(arn, [a!]);
    expect((await health(arn))?.[0]).toEqual(['healthy', undefined]);
    await deregister();
    clock.advance(300_000);
    expect(await health(arn)).toEqual([['healthy', undefined]]);
    const { TargetHealthDescriptions } = await client.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: arn, Targets: [{ Id: a }] }),
    );
    expect(TargetHealthDescriptions?.[0]?.TargetHealth).toMatchObject({
      State: 'unused',
      Reason: 'Target.NotRegistered',
    });
  });

  it('a terminated instance leaves its groups by itself, and cannot be registered', async () => {
    const arn = await group();
    const [a] = await launch(cloud, clock, 1);
    await register(arn, [a!]);
    terminateInstances(cloud.engine, [a!]);
    cloud.engine.settle();
    clock.advance(60_000);
    expect(instances(cloud.engine).get(a!)?.state).toBe('terminated');
    expect(await health(arn)).toEqual([]);
    await expect(register(arn, [a!])).rejects.toMatchObject({ name: 'InvalidTargetException' });
    await expect(register('arn:none', [a!])).rejects.toMatchObject({ name: 'TargetGroupNotFoundException' });
  });

  it('listeners are changed and deleted, one per port, and only with what exists', async () => {
    const { LoadBalancerArn } = await balancer();
    const [blue, green] = [await group(), await group('green')];
    const ListenerArn = await listen(LoadBalancerArn!, blue);
    await expect(listen(LoadBalancerArn!, blue)).rejects.toMatchObject({
      name: 'DuplicateListenerException',
    });
    await expect(listen(LoadBalancerArn!, 'arn:none', 1)).rejects.toMatchObject({
      name: 'TargetGroupNotFoundException',
    });
    await expect(listen((await balancer('api')).LoadBalancerArn!, blue)).rejects.toMatchObject({
      name: 'TargetGroupAssociationLimitException',
    });
    const TargetGroups = [
      { TargetGroupArn: blue, Weight: 0 },
      { TargetGroupArn: green, Weight: 999 },
    ];
    const { Listeners } = await client.send(
      new ModifyListenerCommand({
        ListenerArn,
        DefaultActions: [
          {
            Type: 'forward',
            ForwardConfig: {
              TargetGroups,
              TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
            },
          },
        ],
      }),
    );
    expect(Listeners?.[0]?.DefaultActions).toEqual([
      {
        Type: 'forward',
        ForwardConfig: { TargetGroups, TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 } },
      },
    ]);
    await expect(
      client.send(
        new ModifyListenerCommand({
          ListenerArn,
          DefaultActions: [
            { Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: blue, Weight: 1_000 }] } },
          ],
        }),
      ),
    ).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(
      client.send(new ModifyListenerCommand({ ListenerArn, Protocol: 'HTTPS' })),
    ).rejects.toMatchObject({ name: 'UnsupportedProtocolException' });
    await client.send(new DeleteListenerCommand({ ListenerArn }));
    await expect(client.send(new DeleteListenerCommand({ ListenerArn }))).rejects.toMatchObject({
      name: 'ListenerNotFoundException',
    });
  });

  it('rules are tried by priority, which can be exchanged, and end with the default', async () => {
    const arn = await group();
    const ListenerArn = await listen((await balancer()).LoadBalancerArn!, arn);
    const rule = async (Priority: number, Values: string[]) =>
      (
        await client.send(
          new CreateRuleCommand({
            ListenerArn,
            Priority,
            Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values } }],
            Actions: [
              { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', MessageBody: 'x' } },
            ],
          }),
        )
      ).Rules?.[0]?.RuleArn as string;
    const first = await rule(10, ['/a']);
    const second = await rule(20, ['/b']);
    await expect(rule(20, ['/c'])).rejects.toMatchObject({ name: 'PriorityInUseException' });
    await client.send(
      new SetRulePrioritiesCommand({
        RulePriorities: [
          { RuleArn: first, Priority: 20 },
          { RuleArn: second, Priority: 10 },
        ],
      }),
    );
    await client.send(
      new ModifyRuleCommand({
        RuleArn: first,
        Conditions: [
          { Field: 'host-header', Values: ['*.test'] },
          { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '1' }] } },
        ],
      }),
    );
    const { Rules } = await client.send(new DescribeRulesCommand({ ListenerArn }));
    expect(Rules?.map(({ RuleArn, Priority, IsDefault }) => [RuleArn, Priority, IsDefault])).toEqual([
      [second, '10', false],
      [first, '20', false],
      [expect.any(String), 'default', true],
    ]);
    expect(Rules?.[1]?.Conditions).toEqual([
      { Field: 'host-header', Values: ['*.test'], HostHeaderConfig: { Values: ['*.test'] } },
      { Field: 'query-string', Values: [], QueryStringConfig: { Values: [{ Key: 'v', Value: '1' }] } },
    ]);
    await expect(client.send(new ModifyRuleCommand({ RuleArn: Rules?.[2]?.RuleArn }))).rejects.toMatchObject({
      name: 'OperationNotPermittedException',
    });
  });

  it('everything has tags', async () => {
    const { LoadBalancerArn } = await balancer('web', { Tags: [{ Key: 'a', Value: '1' }] });
    const arn = await group();
    const ResourceArns = [LoadBalancerArn!, arn, await listen(LoadBalancerArn!, arn)];
    await client.send(new AddTagsCommand({ ResourceArns, Tags: [{ Key: 'b', Value: '2' }] }));
    await client.send(new RemoveTagsCommand({ ResourceArns, TagKeys: ['a'] }));
    const { TagDescriptions } = await client.send(new DescribeTagsCommand({ ResourceArns }));
    expect(TagDescriptions?.map(({ Tags }) => Tags)).toEqual(Array(3).fill([{ Key: 'b', Value: '2' }]));
    await expect(
      client.send(new DescribeTagsCommand({ ResourceArns: ['arn:x:listener-rule/y'] })),
    ).rejects.toMatchObject({ name: 'RuleNotFoundException' });
  });
});
