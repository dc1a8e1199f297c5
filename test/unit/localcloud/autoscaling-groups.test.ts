import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { activities } from '../../../src/localcloud/engine/autoscaling/activities.ts';
import { setDesiredCapacity } from '../../../src/localcloud/engine/autoscaling/capacity.ts';
import { deleteGroup } from '../../../src/localcloud/engine/autoscaling/delete.ts';
import { groups } from '../../../src/localcloud/engine/autoscaling/groups.ts';
import { setHealth } from '../../../src/localcloud/engine/autoscaling/health.ts';
import { isActive } from '../../../src/localcloud/engine/autoscaling/members.ts';
import { setProtection, terminateMember } from '../../../src/localcloud/engine/autoscaling/membership.ts';
import {
  attachInstances,
  detachInstances,
  enterStandby,
} from '../../../src/localcloud/engine/autoscaling/moves.ts';
import { suspendProcesses } from '../../../src/localcloud/engine/autoscaling/processes.ts';
import { updateGroup } from '../../../src/localcloud/engine/autoscaling/update.ts';
import { capacity } from '../../../src/localcloud/engine/ec2/capacity.ts';
import { instances, terminateInstances } from '../../../src/localcloud/engine/ec2/instances.ts';
import { HOUR, MINUTE, SECOND, World } from '../../helpers/autoscaling.ts';

async function worldOf(desired: number, request = {}) {
  const world = new World();
  world.addTemplate();
  await world.addGroup(desired, request);
  return world;
}

/** Active members by zone letter: { a: 2, b: 1 }. */
function balance(world: World): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { zone } of world.members.filter(isActive)) {
    const letter = zone.slice(-1);
    counts[letter] = (counts[letter] ?? 0) + 1;
  }
  return counts;
}

const lastActivity = (world: World) => activities(world.engine).all().at(-1);

describe('a group', () => {
  it('spreads its instances over the zones, growing and shrinking', async () => {
    const world = await worldOf(7);
    expect(Object.values(balance(world)).sort()).toEqual([2, 2, 3]);
    setDesiredCapacity(world.engine, 'workers', 3, false);
    await world.pass(MINUTE);
    expect(balance(world)).toEqual({ a: 1, b: 1, c: 1 });
    expect(world.members).toHaveLength(3);
  });

  it('marks its instances with its name, their template and its propagated tags', async () => {
    const world = await worldOf(1, {
      tags: [
        { key: 'release', value: 'r1', propagate: true },
        { key: 'owner', value: 'me', propagate: false },
      ],
    });
    const [member] = world.members;
    expect(instances(world.engine).get(member?.instanceId as string)?.tags).toEqual({
      release: 'r1',
      'aws:autoscaling:groupName': 'workers',
      'aws:ec2launchtemplate:id': member?.template?.id,
      'aws:ec2launchtemplate:version': '1',
    });
  });

  it('replaces an instance that was terminated behind its back', async () => {
    const world = await worldOf(3);
    const [lost] = world.members;
    terminateInstances(world.engine, [lost?.instanceId as string]);
    await world.pass(MINUTE);
    expect(world.members.filter(({ state }) => state === 'InService')).toHaveLength(3);
    expect(world.members.map(({ instanceId }) => instanceId)).not.toContain(lost?.instanceId);
    const causes = activities(world.engine)
      .all()
      .slice(-2)
      .map(({ cause }) => cause);
    expect(causes[0]).toMatch(
      /^At 2026-01-01T01:00:0\dZ an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped\.$/,
    );
    expect(causes[1]).toContain('in response to an unhealthy instance needing to be replaced');
  });

  it('replaces what is called unhealthy, but not within the grace period unless told so', async () => {
    const world = await worldOf(1, { grace: 2 * 3600 });
    const id = world.members[0]?.instanceId as string;
    setHealth(world.engine, id, 'Unhealthy', true);
    await world.pass(MINUTE);
    expect(world.members[0]?.instanceId).toBe(id);
    setHealth(world.engine, id, 'Unhealthy', false);
    await world.pass(MINUTE);
    expect(world.members[0]?.instanceId).not.toBe(id);
  });

  it.each(['HealthCheck', 'ReplaceUnhealthy', 'Terminate'])(
    'replaces nothing while process %s is suspended',
    async (process) => {
      const world = await worldOf(1);
      const id = world.members[0]?.instanceId as string;
      suspendProcesses(world.engine, 'workers', [process]);
      terminateInstances(world.engine, [id]);
      await world.pass(MINUTE);
      expect(world.members.map(({ instanceId }) => instanceId)).toEqual([id]);
    },
  );

  it('records a launch that fails with the words of EC2 and tries again later, in another zone at once', async () => {
    const world = await worldOf(0);
    for (const zone of ['a', 'b', 'c']) {
      const key = `eu-central-1${zone}`;
      capacity(world.engine).put(`t3.micro/${key}`, {
        type: 't3.micro',
        zone: key,
        available: zone === 'c' ? 1 : 0,
      });
    }
    setDesiredCapacity(world.engine, 'workers', 2, false);
    await world.pass(10 * MINUTE);
    expect(balance(world)).toEqual({ c: 1 });
    const failed = activities(world.engine).filter(({ status }) => status === 'Failed');
    expect(failed[0]).toMatchObject({
      description: expect.stringMatching(
        /^Launching a new EC2 instance\. {2}Status Reason: We currently do not have/,
      ),
      message: expect.stringMatching(
        /^We currently do not have sufficient t3\.micro capacity .* Launching EC2 instance failed\.$/,
      ),
      progress: 100,
    });
    // Backing off: 5 s, 10 s, 20 s … not at every tick.
    expect(failed.length).toBeLessThan(30);
    for (const { type, zone } of capacity(world.engine).all())
      capacity(world.engine).delete(`${type}/${zone}`);
    await world.pass(6 * MINUTE);
    expect(world.fleet).toBe('11');
  });

  it('whose instances do not come up tries again with growing pauses, and says why', async () => {
    const boot = () => Promise.reject(new Error('no init'));
    const world = new World({ runtime: { kind: 'sandbox', boot } });
    world.engine.endpoint = 'http://127.0.0.1:4711';
    world.addTemplate();
    await world.addGroup(1);
    const failed = activities(world.engine).filter(({ status }) => status === 'Failed');
    expect(failed[0]?.message).toMatch(
      /^Instance became unhealthy while waiting for instance to be in InService state\. Termination Reason: Server\.InternalError: .*no init/,
    );
    expect(failed.length).toBeGreaterThan(5);
    expect(failed.length).toBeLessThan(25);
  });

  it('never scales in a protected instance, and the oldest template first', async () => {
    const world = await worldOf(2);
    updateGroup(world.engine, 'workers', { template: { name: 'worker', version: '2' }, desired: 4 });
    await world.pass(MINUTE);
    expect(world.fleet).toBe('1122');
    const olds = world.members.filter(({ template }) => template?.version === '1');
    setProtection(world.engine, 'workers', [olds[0]?.instanceId as string], true);
    setDesiredCapacity(world.engine, 'workers', 1, false);
    await world.pass(MINUTE);
    expect(world.members.map(({ instanceId }) => instanceId)).toEqual([olds[0]?.instanceId]);
  });

  it.each([
    { policy: 'OldestInstance', left: '2' },
    { policy: 'NewestInstance', left: '1' },
  ])('scales in by $policy', async ({ policy, left }) => {
    const world = await worldOf(1, { zones: ['eu-central-1a'], terminationPolicies: [policy] });
    updateGroup(world.engine, 'workers', { template: { name: 'worker', version: '2' }, desired: 2 });
    await world.pass(MINUTE);
    setDesiredCapacity(world.engine, 'workers', 1, false);
    await world.pass(MINUTE);
    expect(world.fleet).toBe(left);
  });

  it('explains each launch and termination as the service does', async () => {
    const world = await worldOf(1);
    expect(activities(world.engine).all()[0]?.cause).toMatch(
      /^At 2026-01-01T00:00:00Z a user request created an AutoScalingGroup changing the desired capacity from 0 to 1\. {2}At 2026-01-01T00:00:00Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 1\.$/,
    );
    setDesiredCapacity(world.engine, 'workers', 0, false);
    await world.pass(MINUTE);
    expect(lastActivity(world)).toMatchObject({
      description: expect.stringMatching(/^Terminating EC2 instance: i-/),
      status: 'Successful',
      cause: expect.stringMatching(
        /a user request explicitly set group desired capacity changing the desired capacity from 1 to 0\. {2}At .* an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 1 to 0\.$/,
      ),
    });
  });

  it('keeps to its bounds', async () => {
    const world = await worldOf(2, { min: 1, max: 3 });
    expect(() => setDesiredCapacity(world.engine, 'workers', 4, false)).toThrow(
      'New SetDesiredCapacity value 4 is above max value 3 for the AutoScalingGroup.',
    );
    expect(() => setDesiredCapacity(world.engine, 'workers', 0, false)).toThrow('is below min value 1');
    expect(() => updateGroup(world.engine, 'workers', { min: 4 })).toThrow(
      'Max bound, 3, must be greater than or equal to min bound, 4',
    );
    updateGroup(world.engine, 'workers', { min: 3 });
    expect(world.group.desired).toBe(3);
  });

  it('gives an instance up, with and without a successor', async () => {
    const world = await worldOf(3);
    const ids = world.members.map(({ instanceId }) => instanceId);
    terminateMember(world.engine, ids[0] as string, true);
    terminateMember(world.engine, ids[1] as string, false);
    await world.pass(MINUTE);
    expect(world.group.desired).toBe(2);
    expect(world.members).toHaveLength(2);
    expect(world.members.map(({ instanceId }) => instanceId)).toContain(ids[2]);
  });

  it('lets an instance go and takes it back, running all the time', async () => {
    const world = await worldOf(2);
    const id = world.members[0]?.instanceId as string;
    detachInstances(world.engine, 'workers', [id], true);
    await world.pass(MINUTE);
    expect(world.members).toHaveLength(1);
    attachInstances(world.engine, 'workers', [id]);
    await world.pass(MINUTE);
    expect(world.group.desired).toBe(2);
    expect(world.members.find(({ instanceId }) => instanceId === id)).toMatchObject({
      state: 'InService',
      template: { name: 'worker', version: '1' },
    });
    expect(instances(world.engine).size).toBe(2);
  });

  it('replaces what stands by, unless its capacity is given up with it', async () => {
    const world = await worldOf(2);
    enterStandby(world.engine, 'workers', [world.members[0]?.instanceId as string], false);
    await world.pass(MINUTE);
    expect(world.members.map(({ state }) => state).sort()).toEqual(['InService', 'InService', 'Standby']);
  });

  it('with instances is not deleted, unless by force, which takes them along', async () => {
    const world = await worldOf(2);
    expect(() => deleteGroup(world.engine, 'workers', false)).toThrow(
      'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
    );
    world.refresh({});
    deleteGroup(world.engine, 'workers', true);
    expect(world.group.deleting).toBe(true);
    await world.pass(MINUTE);
    expect(groups(world.engine).size).toBe(0);
    expect(
      instances(world.engine)
        .all()
        .map(({ state }) => state),
    ).toEqual(['terminated', 'terminated']);
  });

  it('empty is deleted at once', async () => {
    const world = await worldOf(0);
    deleteGroup(world.engine, 'workers', false);
    expect(groups(world.engine).size).toBe(0);
  });
});

describe('a restart of the cloud', () => {
  it('in the middle of a refresh changes nothing about its end', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bake-autoscaling-'));
    try {
      const first = new World({ directory });
      first.addTemplate();
      await first.addGroup(4);
      const id = first.refresh({ min: 75, warmup: 60, checkpoints: [50, 100], checkpointDelay: 600 });
      await first.until(() => first.refreshOf(id).percent === 25);
      await first.pass(30 * SECOND);
      first.store.close();

      const second = new World({ directory, at: first.clock.now() });
      expect(second.refreshOf(id)).toMatchObject({ status: 'InProgress', percent: 25 });
      await second.until(
        () => second.refreshOf(id).endedAt !== undefined,
        HOUR,
        SECOND,
        () => second.checkBounds(id),
      );
      expect(second.refreshOf(id)).toMatchObject({ status: 'Successful', percent: 100 });
      expect(second.fleet).toBe('2222');
      second.store.close();
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
