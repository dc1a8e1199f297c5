import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { retireExpired } from '../../src/rollout/blue-green/retire-expired.ts';
import { lockFleet } from '../../src/rollout/lock.ts';
import { blueGreenProject, startWorkers } from '../helpers/blue-green-world.ts';
import { failure } from '../helpers/failure.ts';
import type { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;
let project: Project;

beforeEach(async () => {
  world = await startWorkers();
  project = blueGreenProject(world, { retire: 'later', hold: '1h' });
  await world.addRelease(project, '1');
});
afterEach(() => world.close());

const gc = (options = {}) => retireExpired(world.run(), world.cloud, project, options);

describe('bake gc', () => {
  beforeEach(async () => {
    await world.apply(project);
    await world.addRelease(project, '2');
    await world.rollOut(project);
  });

  it('leaves a colour that is kept for the way back until its time is over, then retires it', async () => {
    expect(await gc()).toEqual({ removed: [], failures: [] });
    await world.clock.sleep(3_600_000);
    const { removed } = await gc({ dryRun: true });
    expect(removed).toMatchObject([{ kind: 'scaling group', name: 'workers' }]);
    expect(removed[0]!.why).toMatch(/hold window ended .* ago/);
    expect(world.serving('workers')).toBe('111');
    expect((await gc()).removed).toHaveLength(1);
    expect(await world.cloud.groups.find('workers')).toBeUndefined();
    expect(world.serving('workers-green')).toBe('222');
    expect(await gc()).toEqual({ removed: [], failures: [] });
  });

  it('leaves it while the colour in front is not healthy, or somebody works on the fleet', async () => {
    await world.clock.sleep(3_600_000);
    const lock = await lockFleet(world.run(), world.cloud, project, { command: 'rollout' });
    expect((await gc()).removed).toEqual([]);
    await lock.release();
    const [id] = world.idsIn('workers-green');
    await world.root.groups.terminateInstance(id!, { decrementDesired: false });
    expect((await gc()).removed).toEqual([]);
    expect(world.said('warning')).toContain('workers-green, which is in front, is not healthy');
    expect(world.serving('workers')).toBe('111');
  });
});

describe("a group of another maker's", () => {
  /** As Terraform would have made it, with its own launch template. */
  async function makeForeign(name: string, size: number, version = 1): Promise<void> {
    const template = await world.cloud.templates.findByName('workers');
    await world.cloud.groups.create({
      name,
      min: size,
      max: 6,
      desired: size,
      template: { id: template!.id, version },
      subnets: [],
      zones: await world.cloud.groups.zones(),
      healthCheckType: 'EC2',
      healthCheckGrace: 5_000,
      defaultWarmup: 10_000,
      metricsEnabled: true,
      tags: { owner: 'platform' },
    });
    while (world.serving(name).length < size) await world.clock.sleep(1_000);
  }

  async function makeForeignFleet(): Promise<void> {
    const imageId = (await world.cloud.images.findByTags({ 'bake:release': '1' }))[0]!.id;
    await world.cloud.templates.create({
      token: 'foreign',
      name: 'workers',
      description: 'release 1',
      settings: {
        imageId,
        instanceType: 't3.micro',
        instanceProfile: 'worker',
        securityGroupIds: [],
        monitoring: false,
        ebsOptimized: false,
        userData: 'theirs',
        tags: { team: 'platform', 'bake:release': '1' },
      },
      tags: {},
    });
    await makeForeign('workers', 2);
    await world.addRelease(project, '2');
  }

  it('is copied, and afterwards stays with 0 instances; the next rollout takes it as it is', async () => {
    await makeForeignFleet();
    const waiting = blueGreenProject(world, { hold: '1m' });
    expect(await world.rollOut(waiting)).toMatchObject({ group: 'workers-green', instances: 2 });
    const kept = (await world.cloud.groups.find('workers'))!;
    expect(kept).toMatchObject({ min: 0, desired: 0, instances: [], max: 6 });
    expect(kept.suspendedProcesses.sort()).toEqual(['AlarmNotification', 'ScheduledActions']);
    expect(kept.tags).toMatchObject({ owner: 'platform', 'bake:colour': 'back' });

    await world.addRelease(project, '3');
    expect(await world.rollOut(waiting)).toMatchObject({ group: 'workers', version: 3, instances: 2 });
    const front = (await world.cloud.groups.find('workers'))!;
    expect(front).toMatchObject({
      min: 2,
      max: 6,
      desired: 2,
      suspendedProcesses: [],
      template: { version: 3 },
    });
    expect(front.tags).toMatchObject({ owner: 'platform', 'bake:colour': 'front' });
    // The copy was bake's own.
    expect(await world.cloud.groups.find('workers-green')).toBeUndefined();
  });

  it('that has the name of the other colour, and instances, is not touched', async () => {
    await makeForeignFleet();
    await makeForeign('workers-green', 1);
    const error = await failure(world.rollOut(project));
    expect(error).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('workers-green is not bake'),
    });
    expect(world.serving('workers-green')).toBe('1');
  });
});

describe('scaling that was held', () => {
  it('is made up for: a schedule that was due meanwhile is applied to the new colour', async () => {
    await world.apply(project);
    await world.addRelease(project, '2');
    // Every five minutes, so that it is due while the rollout goes on.
    const soaking = blueGreenProject(world, { hold: '0s' }, { rollout: { soak: '10m' } });
    await world.root.scaling.putSchedule('workers', {
      name: 'morning',
      recurrence: '*/5 * * * *',
      timeZone: 'Europe/Berlin',
      min: 2,
      desired: 4,
    });
    await world.rollOut(soaking);
    expect(await world.cloud.groups.find('workers-green')).toMatchObject({ min: 2, desired: 4, max: 6 });
    expect(world.said('note')).toMatch(/workers-green: schedule morning, due .* ago while scaling was held/);
    expect(await world.cloud.scaling.schedules('workers-green')).toMatchObject([
      { name: 'morning', recurrence: '*/5 * * * *', timeZone: 'Europe/Berlin' },
    ]);
  });
});
