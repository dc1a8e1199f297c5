import { describe, expect, it } from 'vitest';
import { setDesiredCapacity } from '../../../src/localcloud/engine/autoscaling/capacity.ts';
import type { GroupRequest } from '../../../src/localcloud/engine/autoscaling/create.ts';
import { LAUNCHING, putHook, TERMINATING } from '../../../src/localcloud/engine/autoscaling/hooks.ts';
import {
  detachInstances,
  enterStandby,
  exitStandby,
} from '../../../src/localcloud/engine/autoscaling/moves.ts';
import { resumeProcesses, suspendProcesses } from '../../../src/localcloud/engine/autoscaling/processes.ts';
import {
  attachSources,
  detachSources,
  stateOfSource,
} from '../../../src/localcloud/engine/autoscaling/traffic/sources.ts';
import { targetAnswers, targetChecks } from '../../../src/localcloud/engine/elb/checks.ts';
import { createTargetGroup } from '../../../src/localcloud/engine/elb/target-groups.ts';
import { targetHealth, targetsOf } from '../../../src/localcloud/engine/elb/targets.ts';
import { HOUR, MINUTE, SECOND, World } from '../../helpers/autoscaling.ts';

/** A world with target group `web` behind a listener; instances without processes are well unless told otherwise. */
function balanced() {
  const world = new World();
  world.addTemplate();
  world.engine.addReconciler({ name: 'target health', reconcile: targetChecks(world.engine) });
  const { arn } = createTargetGroup(world.engine, {
    name: 'web',
    protocol: 'HTTP',
    port: 80,
    targetType: 'instance',
    healthCheck: { intervalSeconds: 10 },
    tags: {},
  });
  world.engine.store.table('elb/listeners').put('listener', {
    arn: 'listener',
    loadBalancerArn: 'balancer',
    port: 80,
    protocol: 'HTTP',
    actions: [{ type: 'forward', forward: { targetGroups: [{ arn, weight: 1 }] } }],
  });
  return { world, arn };
}

async function served(desired: number, request: Partial<GroupRequest> = {}) {
  const { world, arn } = balanced();
  await world.addGroup(desired, { trafficSources: [{ identifier: arn }], ...request });
  return { world, arn };
}

const health = ({ engine, members }: World, arn: string) =>
  members.map(({ instanceId }) => targetHealth(engine, arn, instanceId));
const sourceState = (world: World) =>
  world.group.trafficSources.map((source) => stateOfSource(world.engine, world.group, source));

describe('a group with a target group', () => {
  it('registers its instances when they go into service, after their launch hooks', async () => {
    const { world, arn } = await served(0);
    putHook(world.engine, 'workers', {
      name: 'ready',
      transition: LAUNCHING,
      heartbeatTimeout: 60,
      defaultResult: 'CONTINUE',
    });
    setDesiredCapacity(world.engine, 'workers', 2, false);
    await world.pass(30 * SECOND);
    expect(health(world, arn)).toEqual([undefined, undefined]);
    await world.pass(2 * MINUTE);
    expect(health(world, arn)).toEqual(['healthy', 'healthy']);
    expect(sourceState(world)).toEqual(['InService']);
  });

  it('lets an instance drain before its terminate hooks are asked and it ends', async () => {
    const { world, arn } = await served(1);
    putHook(world.engine, 'workers', { name: 'drain', transition: TERMINATING, heartbeatTimeout: 60 });
    setDesiredCapacity(world.engine, 'workers', 0, false);
    await world.pass(299 * SECOND);
    expect(world.members.map(({ state }) => state)).toEqual(['Terminating']);
    expect(health(world, arn)).toEqual(['draining']);
    await world.pass(10 * SECOND);
    expect(world.members.map(({ state }) => state)).toEqual(['Terminating:Wait']);
    await world.pass(2 * MINUTE);
    expect(world.members).toEqual([]);
  });

  it('never registers what is launched while process AddToLoadBalancer is suspended', async () => {
    const { world, arn } = await served(1);
    suspendProcesses(world.engine, 'workers', ['AddToLoadBalancer']);
    setDesiredCapacity(world.engine, 'workers', 2, false);
    await world.pass(MINUTE);
    resumeProcesses(world.engine, 'workers', []);
    await world.pass(5 * MINUTE);
    expect(health(world, arn)).toEqual(['healthy', undefined]);
    expect(world.fleet).toBe('11');
  });

  it('takes instances in standby and detached ones out of it, and brings them back from standby', async () => {
    const { world, arn } = await served(2);
    const [first, second] = world.members.map(({ instanceId }) => instanceId) as [string, string];
    enterStandby(world.engine, 'workers', [first], true);
    detachInstances(world.engine, 'workers', [second], true);
    expect(targetHealth(world.engine, arn, first)).toBe('draining');
    expect(targetHealth(world.engine, arn, second)).toBe('draining');
    await world.pass(10 * MINUTE);
    expect(targetsOf(world.engine, arn)).toEqual([]);
    exitStandby(world.engine, 'workers', [first]);
    await world.pass(MINUTE);
    expect(health(world, arn)).toEqual(['healthy']);
  });

  it('replaces an instance that its load balancer finds unhealthy, after the grace period, if it has that check', async () => {
    const { world } = await served(1, { healthCheckType: 'ELB', grace: 2 * 3600 });
    const [sick] = world.members.map(({ instanceId }) => instanceId);
    targetAnswers(world.engine).put(sick as string, 500);
    await world.pass(30 * MINUTE, 10 * SECOND);
    expect(world.members[0]?.instanceId).toBe(sick);
    await world.pass(2 * HOUR, MINUTE);
    expect(world.members.map(({ instanceId }) => instanceId)).not.toContain(sick);
    const other = await served(1, { healthCheckType: 'EC2' });
    const [kept] = other.world.members.map(({ instanceId }) => instanceId);
    targetAnswers(other.world.engine).put(kept as string, 500);
    await other.world.pass(2 * HOUR, MINUTE);
    expect(other.world.members[0]?.instanceId).toBe(kept);
  });
});

describe('attaching and detaching', () => {
  it('registers all that is in service at once, and deregisters it without ending it', async () => {
    const { world, arn } = balanced();
    await world.addGroup(2);
    attachSources(world.engine, 'workers', [{ identifier: arn }]);
    world.engine.settle();
    expect(health(world, arn)).toEqual(['healthy', 'healthy']);
    detachSources(world.engine, 'workers', [arn]);
    expect(sourceState(world)).toEqual(['Removing']);
    await world.pass(10 * MINUTE);
    expect(world.group.trafficSources).toEqual([]);
    expect(world.fleet).toBe('11');
  });

  it('is refused for what does not exist, is not attached, and during a refresh', async () => {
    const { world, arn } = await served(1);
    const attach = (identifier: string, type?: string) => () =>
      attachSources(world.engine, 'workers', [{ identifier, type }]);
    expect(attach(`${arn}x`)).toThrow(/Provided Target Groups may not be valid/);
    expect(attach('balancer', 'elb')).toThrow(/Provided Traffic Sources may not be valid/);
    expect(() => detachSources(world.engine, 'workers', ['nothing'])).toThrow(/not part of the group/);
    world.refresh({ warmup: 600 });
    expect(attach(arn)).toThrow(/already in progress/);
  });
});

describe('a refresh behind a load balancer', () => {
  it('counts an instance only when its load balancer is content with it', async () => {
    const { world, arn } = await served(2, { healthCheckType: 'ELB' });
    const id = world.refresh({ min: 100, max: 200, warmup: 0 });
    await world.until(
      () => world.refreshOf(id).endedAt !== undefined,
      HOUR,
      SECOND,
      () => world.checkBounds(id),
    );
    expect(world.refreshOf(id).status).toBe('Successful');
    expect(world.fleet).toBe('22');
    expect(health(world, arn)).toEqual(['healthy', 'healthy']);
  });

  it('is green with every target unhealthy when the group has only the EC2 check', async () => {
    const { world } = await served(2);
    const id = world.refresh({ min: 0, warmup: 60 });
    const refuse = () => {
      for (const { instanceId } of world.members) targetAnswers(world.engine).put(instanceId, 503);
    };
    await world.until(() => world.refreshOf(id).endedAt !== undefined, HOUR, SECOND, refuse);
    expect(world.refreshOf(id).status).toBe('Successful');
  });
});
