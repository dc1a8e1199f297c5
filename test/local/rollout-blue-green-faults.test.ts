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
});
