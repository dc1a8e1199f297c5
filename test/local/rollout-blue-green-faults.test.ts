import { describe, expect, it } from 'vitest';
import { blueGreenProject, receiving, startWorkers } from '../helpers/blue-green-world.ts';
import { askOwnPath } from '../helpers/own-paths.ts';

/** What bake asks of the cloud; the workers' own requests are not struck. */
const SERVICES = [
  { service: 'autoscaling' },
  { service: 'ec2' },
  { service: 'ssm' },
  { service: 'logs', operation: 'FilterLogEvents' },
  { service: 'sqs', operation: 'GetQueueAttributes' },
];

describe('a blue-green rollout', () => {
  // The client's own pause after a throttled request is real time: few of them.
  it.each([
    ['http-500', 3],
    ['lost-answer', 2],
    ['lost-answer', 3],
    ['throttle', 29],
  ])('is seen through though requests meet %s every %i. time', async (effect, every) => {
    const world = await startWorkers();
    const project = blueGreenProject(world, { hold: '30s' });
    await world.addRelease(project, '1');
    await world.apply(project);
    await world.addRelease(project, '2');
    const requests = SERVICES.map((rule) => ({ ...rule, effect, every }));
    await askOwnPath(world.local, 'faults', { body: { requests } });
    await world.rollOut(project);
    await askOwnPath(world.local, 'faults', { method: 'DELETE' });
    expect(receiving(world, 'workers-green').length).toBe(3);
    expect(world.serving('workers-green')).toBe('222');
    expect(await world.cloud.groups.find('workers')).toBeUndefined();
    expect(await world.cloud.groups.find('workers-green')).toMatchObject({ suspendedProcesses: [], min: 1 });
    await world.close();
  });

  it('whose instances come into service and fall out again is taken back after the patience for those that never come', async () => {
    const world = await startWorkers();
    const project = blueGreenProject(world, {}, { rollout: { progressDeadline: '30s' } });
    await world.addRelease(project, '1');
    await world.apply(project);
    const imageId = await world.addRelease(project, '2');
    // Each is well for a moment: often enough all of them are at once.
    const instances = [{ imageId, effect: 'unhealthy', milliseconds: 3_000 }];
    await askOwnPath(world.local, 'faults', { body: { instances } });
    const begun = world.clock.now();
    await expect(world.rollOut(project)).rejects.toThrow(
      /instances of workers-green (come into service and fall out again|to go into service: not after)/,
    );
    expect(world.clock.now() - begun).toBeLessThan(20 * 60_000);
    expect(world.serving('workers')).toBe('111');
    expect(await world.cloud.groups.find('workers-green')).toBeUndefined();
    await world.close();
  });
});
