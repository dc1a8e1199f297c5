import { describe, expect, it } from 'vitest';
import { setDesiredCapacity } from '../../../src/localcloud/engine/autoscaling/capacity.ts';
import { setProtection } from '../../../src/localcloud/engine/autoscaling/membership.ts';
import { enterStandby, exitStandby } from '../../../src/localcloud/engine/autoscaling/moves.ts';
import { resumeProcesses, suspendProcesses } from '../../../src/localcloud/engine/autoscaling/processes.ts';
import { cancelRefresh } from '../../../src/localcloud/engine/autoscaling/refresh/cancel.ts';
import { bakingReason } from '../../../src/localcloud/engine/autoscaling/refresh/reasons.ts';
import { rollbackRefresh } from '../../../src/localcloud/engine/autoscaling/refresh/rollback.ts';
import { launchTemplates } from '../../../src/localcloud/engine/ec2/launch-templates.ts';
import { setDefaultVersion } from '../../../src/localcloud/engine/ec2/template-changes.ts';
import { HOUR, MINUTE, NO_LATENCY, SECOND, World } from '../../helpers/autoscaling.ts';

async function worldOf(desired: number, request = {}) {
  const world = new World();
  world.addTemplate();
  await world.addGroup(desired, request);
  return world;
}

const ended = (world: World, id: string) => () => world.refreshOf(id).endedAt !== undefined;

describe('the end of an instance refresh', () => {
  it('is success at the last checkpoint, with the rest old and the template switched', async () => {
    const world = await worldOf(10);
    const id = world.refresh({ min: 100, max: 200, warmup: 60, checkpoints: [80] });
    await world.until(ended(world, id), HOUR, SECOND, () => world.checkBounds(id));
    expect(world.refreshOf(id)).toMatchObject({ status: 'Successful', percent: 80, toUpdate: 2 });
    await world.pass(10 * MINUTE);
    expect(world.fleet).toBe('1122222222');
    expect(world.group.template.version).toBe('2');
  });

  it('comes at once, with nothing replaced, when skip matching finds no difference', async () => {
    const world = await worldOf(3);
    const before = world.members;
    const id = world.refresh({ skipMatching: true }, '1');
    expect(world.refreshOf(id)).toMatchObject({ status: 'Successful', percent: 100, toUpdate: 0 });
    await world.pass(MINUTE);
    expect(world.members).toEqual(before);
  });

  it('replaces matching instances too, without skip matching', async () => {
    const world = await worldOf(3);
    const before = world.members.map(({ instanceId }) => instanceId);
    const id = world.refresh({ warmup: 0 }, null);
    await world.until(ended(world, id));
    expect(world.refreshOf(id).status).toBe('Successful');
    expect(world.members.map(({ instanceId }) => instanceId).filter((each) => before.includes(each))).toEqual(
      [],
    );
    expect(world.fleet).toBe('111');
  });

  it('leaves a mixed fleet and the old template when a refresh without auto rollback fails', async () => {
    const world = await worldOf(4);
    const id = world.refresh({ min: 50, max: 100, warmup: 30, checkpoints: [25, 100], checkpointDelay: 60 });
    await world.until(() => world.refreshOf(id).percent === 25);
    const took = await world.until(ended(world, id), 3 * HOUR, 10 * SECOND, () => breakNewest(world));
    expect(world.refreshOf(id)).toMatchObject({ status: 'Failed' });
    expect(world.refreshOf(id).statusReason).toMatch(/^No progress for one hour\./);
    expect(took).toBeGreaterThan(HOUR);
    expect(took).toBeLessThan(HOUR + 10 * MINUTE);
    expect(world.group.template.version).toBe('1');
    await world.pass(MINUTE);
    expect(world.fleet).toContain('1');
    expect(world.fleet).toContain('2');
    setDesiredCapacity(world.engine, 'workers', 6, false);
    await world.pass(MINUTE);
    expect(world.members.at(-1)?.template?.version).toBe('1');
  });

  it('waits out the bake time and says how many seconds are left', async () => {
    const world = await worldOf(2);
    const id = world.refresh({ min: 100, max: 200, warmup: 0, bakeTime: 600 });
    await world.until(() => world.refreshOf(id).status === 'Baking');
    expect(world.group.template.version).toBe('1');
    await world.pass(4 * MINUTE);
    expect(bakingReason(world.engine, world.refreshOf(id))).toMatch(
      /^Waiting for bake time to finish before continuing\. There are 3[56]\d seconds left\.$/,
    );
    expect(await world.until(ended(world, id))).toBeGreaterThanOrEqual(5.9 * MINUTE);
    expect(world.refreshOf(id).status).toBe('Successful');
    expect(world.group.template.version).toBe('2');
  });

  it('is cancellation, which undoes nothing and waits for instances on their way', async () => {
    const world = await worldOf(4);
    world.addVersion();
    const id = world.refresh({ min: 50, max: 100, warmup: 60 });
    await world.until(() => world.refreshOf(id).percent === 50, HOUR);
    expect(cancelRefresh(world.engine, 'workers', true)).toBe(id);
    expect(cancelRefresh(world.engine, 'workers', true)).toBe(id);
    await world.until(ended(world, id), HOUR);
    expect(world.refreshOf(id)).toMatchObject({
      status: 'Cancelled',
      statusReason: 'Cancelled due to user request.',
    });
    await world.pass(MINUTE);
    expect(world.fleet).toHaveLength(4);
    expect(world.fleet).toContain('22');
    expect(world.group.template.version).toBe('1');
  });

  it('gives up after an hour when a protected instance is waited for, having replaced all others', async () => {
    const world = await worldOf(3);
    const [kept] = world.members;
    setProtection(world.engine, 'workers', [kept?.instanceId as string], true);
    const id = world.refresh({ min: 0, warmup: 10 });
    await world.pass(2 * MINUTE);
    expect(world.fleet).toBe('122');
    expect(world.refreshOf(id).statusReason).toBe(
      `Waiting for remaining instances to be available. For example: ${kept?.instanceId} is protected. Remove instance scale-in protection to continue.`,
    );
    const took = await world.until(ended(world, id));
    expect(world.refreshOf(id).status).toBe('Failed');
    expect(Math.abs(took - HOUR)).toBeLessThan(3 * MINUTE);
  });

  it('goes on when the protection is taken off in time', async () => {
    const world = await worldOf(2);
    const ids = world.members.map(({ instanceId }) => instanceId);
    setProtection(world.engine, 'workers', ids, true);
    const id = world.refresh({ min: 0, warmup: 10 });
    await world.pass(50 * MINUTE, 10 * SECOND);
    expect(world.fleet).toBe('11');
    setProtection(world.engine, 'workers', ids, false);
    await world.until(ended(world, id));
    expect(world.refreshOf(id).status).toBe('Successful');
  });

  it.each([
    { protectedInstances: 'Refresh', fleet: '222' },
    { protectedInstances: 'Ignore', fleet: '122' },
  ])(
    'with ScaleInProtectedInstances $protectedInstances ends at $fleet',
    async ({ protectedInstances, fleet }) => {
      const world = await worldOf(3);
      setProtection(world.engine, 'workers', [world.members[0]?.instanceId as string], true);
      const id = world.refresh({ min: 0, warmup: 0, protectedInstances });
      await world.until(ended(world, id));
      expect(world.refreshOf(id)).toMatchObject({ status: 'Successful', percent: 100 });
      expect(world.fleet).toBe(fleet);
    },
  );

  it.each([
    { standbyInstances: 'Terminate', left: 2, standby: 0 },
    { standbyInstances: 'Ignore', left: 3, standby: 1 },
  ])(
    'with StandbyInstances $standbyInstances leaves $standby in standby',
    async ({ standbyInstances, left, standby }) => {
      const world = await worldOf(3);
      enterStandby(world.engine, 'workers', [world.members[0]?.instanceId as string], true);
      const id = world.refresh({ min: 0, warmup: 0, standbyInstances });
      await world.until(ended(world, id));
      expect(world.refreshOf(id).status).toBe('Successful');
      expect(world.fleet).toBe('22');
      expect(world.members).toHaveLength(left);
      expect(world.members.filter(({ state }) => state === 'Standby')).toHaveLength(standby);
    },
  );

  it('waits for an instance in standby, and replaces it when it comes back', async () => {
    const world = await worldOf(2);
    const standby = world.members[0]?.instanceId as string;
    enterStandby(world.engine, 'workers', [standby], true);
    const id = world.refresh({ min: 0, warmup: 0 });
    await world.pass(10 * MINUTE);
    expect(world.refreshOf(id).statusReason).toContain(`${standby} is in Standby.`);
    exitStandby(world.engine, 'workers', [standby]);
    await world.until(ended(world, id));
    expect(world.refreshOf(id).status).toBe('Successful');
    expect(world.fleet).toBe('22');
  });

  it('pauses while process InstanceRefresh is suspended, however long, and then goes on', async () => {
    const world = await worldOf(4);
    const id = world.refresh({ min: 50, max: 100, warmup: 10, checkpoints: [50, 100], checkpointDelay: 60 });
    await world.until(() => world.refreshOf(id).checkpoint === 50);
    suspendProcesses(world.engine, 'workers', ['InstanceRefresh']);
    await world.pass(5 * HOUR, MINUTE);
    expect(world.refreshOf(id).status).toBe('InProgress');
    expect(world.fleet).toBe('1122');
    resumeProcesses(world.engine, 'workers', ['InstanceRefresh']);
    expect(await world.until(ended(world, id))).toBeLessThan(MINUTE);
    expect(world.refreshOf(id).status).toBe('Successful');
  });

  it('replaces nothing while process Launch or Terminate is suspended', async () => {
    const world = await worldOf(2);
    suspendProcesses(world.engine, 'workers', ['Launch']);
    world.refresh({ min: 0, warmup: 0 });
    await world.pass(10 * MINUTE);
    expect(world.fleet).toBe('11');
  });

  it('brings scale-outs the new configuration, and counts them', async () => {
    const world = await worldOf(2);
    const id = world.refresh({ min: 50, max: 100, warmup: 60, checkpoints: [50, 100], checkpointDelay: 600 });
    await world.until(() => world.refreshOf(id).checkpoint === 50);
    setDesiredCapacity(world.engine, 'workers', 4, false);
    await world.pass(2 * SECOND);
    expect(world.fleet).toBe('1222');
    expect(world.refreshOf(id)).toMatchObject({ percent: 25, checkpoint: 0 });
    await world.pass(2 * MINUTE);
    // Reached again, and waited for again.
    expect(world.refreshOf(id)).toMatchObject({ percent: 75, checkpoint: 50 });
    await world.until(ended(world, id));
    expect(world.fleet).toBe('2222');
  });

  it('follows $Latest to a version made meanwhile', async () => {
    const world = await worldOf(2);
    const id = world.refresh({ min: 50, max: 100, warmup: 60 }, '$Latest');
    await world.until(() => world.refreshOf(id).percent === 50);
    world.addVersion();
    await world.until(ended(world, id));
    expect(world.fleet).toBe('33');
    expect(world.group.template.version).toBe('$Latest');
  });
});

describe('rollback', () => {
  it('comes by itself when the new instances are unhealthy for an hour', async () => {
    const world = await worldOf(3);
    const id = world.refresh({ min: 100, max: 110, warmup: 30, autoRollback: true });
    const look = () => {
      if (world.refreshOf(id).status === 'InProgress') world.breakVersion('2');
      world.checkBounds(id);
    };
    await world.until(ended(world, id), 3 * HOUR, 10 * SECOND, look);
    expect(world.refreshOf(id)).toMatchObject({ status: 'RollbackSuccessful', percent: 0 });
    expect(world.refreshOf(id).rollback).toMatchObject({ percent: 0 });
    expect(world.refreshOf(id).rollback?.reason).toMatch(/^No progress for one hour\./);
    expect(world.fleet).toBe('111');
    expect(world.group.template.version).toBe('1');
  });

  it('by call in the middle replaces what was replaced and nothing else, within the bounds', async () => {
    const world = await worldOf(10);
    const untouched = world.members.map(({ instanceId }) => instanceId);
    const id = world.refresh({ min: 90, max: 110, warmup: 60 });
    await world.until(
      () => world.refreshOf(id).percent >= 40,
      HOUR,
      SECOND,
      () => world.checkBounds(id),
    );
    const old = world.members.filter(({ template }) => template?.version === '1');
    const { toUpdate } = world.refreshOf(id);
    expect(rollbackRefresh(world.engine, 'workers')).toBe(id);
    const percents: number[] = [];
    await world.until(ended(world, id), HOUR, SECOND, () => {
      world.checkBounds(id);
      percents.push(world.refreshOf(id).percent);
    });
    expect(world.refreshOf(id)).toMatchObject({
      status: 'RollbackSuccessful',
      statusReason: 'Rollback triggered due to user request.',
      percent: 0,
      toUpdate,
      rollback: { toUpdate },
    });
    expect(percents).toEqual([...percents].sort((a, b) => b - a));
    expect(world.fleet).toBe('1'.repeat(10));
    const kept = world.members.filter(({ instanceId }) => untouched.includes(instanceId));
    expect(kept.map(({ instanceId }) => instanceId)).toEqual(old.map(({ instanceId }) => instanceId));
  });

  it('by call while baking brings all instances back', async () => {
    const world = await worldOf(3);
    const id = world.refresh({ min: 100, max: 200, warmup: 0, bakeTime: 3600 });
    await world.until(() => world.refreshOf(id).status === 'Baking');
    rollbackRefresh(world.engine, 'workers');
    await world.until(ended(world, id), HOUR, SECOND, () => world.checkBounds(id));
    expect(world.refreshOf(id)).toMatchObject({ status: 'RollbackSuccessful', percent: 0, toUpdate: 0 });
    expect(world.fleet).toBe('111');
    expect(world.group.template.version).toBe('1');
  });

  it('can be cancelled', async () => {
    const world = await worldOf(4);
    const id = world.refresh({ min: 75, max: 100, warmup: 60 });
    await world.until(() => world.refreshOf(id).percent === 50);
    rollbackRefresh(world.engine, 'workers');
    await world.pass(10 * SECOND);
    cancelRefresh(world.engine, 'workers', false);
    await world.until(ended(world, id));
    expect(world.refreshOf(id).status).toBe('Cancelled');
  });

  it('fails after an hour when the saved configuration cannot be launched', async () => {
    const world = await worldOf(2);
    const id = world.refresh({ min: 50, max: 100, warmup: 10 });
    await world.until(() => world.refreshOf(id).percent === 50);
    const [template] = launchTemplates(world.engine).all();
    setDefaultVersion(world.engine, template!, '2');
    world.engine.store.table('launchTemplateVersions').delete(`${template?.templateId}/1`);
    rollbackRefresh(world.engine, 'workers');
    await world.until(ended(world, id), 3 * HOUR, 10 * SECOND);
    expect(world.refreshOf(id).status).toBe('RollbackFailed');
    expect(world.refreshOf(id).statusReason).toContain('Could not find the specified version 1');
  });
});

describe('with nothing taking time', () => {
  it('replaces a whole group in one moment', async () => {
    const world = new World({ latency: NO_LATENCY });
    world.addTemplate();
    await world.addGroup(10);
    const id = world.refresh({ min: 0, warmup: 0 });
    await world.pass(0);
    expect(world.refreshOf(id).status).toBe('Successful');
  });
});

/** The instances launched last turn out unhealthy; those that had been replaced before stay well. */
function breakNewest(world: World): void {
  const [, ...rest] = world.members.filter(({ template }) => template?.version === '2');
  for (const member of rest) {
    if (member.state === 'InService') {
      world.engine.store.table('autoScalingMembers').patch(member.instanceId, {
        healthy: false,
        unhealthyBecause: 'a user health-check',
      });
    }
  }
  world.engine.settle();
}
