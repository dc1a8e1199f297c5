import { afterEach, beforeEach, expect, it } from 'vitest';
import { addFaults, clearFaults } from '../../../src/localcloud/daemon-faults.ts';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { baseImageId } from '../../../src/localcloud/engine/ec2/images.ts';
import { instances, runInstances } from '../../../src/localcloud/engine/ec2/instances.ts';
import type { LaunchSpec } from '../../../src/localcloud/engine/ec2/launch-spec.ts';
import { installFaults } from '../../../src/localcloud/engine/faults/index.ts';
import { MINUTE, SECOND, World } from '../../helpers/autoscaling.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

let clock: VirtualClock;
let cloud: TestCloud;
beforeEach(async () => {
  clock = new VirtualClock();
  cloud = await startCloud({ clock });
});
afterEach(() => cloud.close());

const faults = (body: object) => addFaults(cloud.engine, JSON.stringify(body));
const launch = (more: Partial<LaunchSpec> = {}) => {
  const spec = { imageId: baseImageId(cloud.engine), instanceType: 't3.micro', ...more };
  const [launched] = runInstances(cloud.engine, spec, 1);
  cloud.engine.settle();
  return launched!.instanceId;
};
const state = (id: string) => instances(cloud.engine).get(id)?.state;

it('a boot fails, of the second launch only, and says that it was the cloud', () => {
  faults({ instances: [{ nth: 2, effect: 'fail-boot' }] });
  const [first, second, third] = [launch(), launch(), launch()];
  clock.advance(1_000);
  expect([first, second, third].map(state)).toEqual(['running', 'terminated', 'running']);
  expect(instances(cloud.engine).get(second)?.stateReason?.message).toBe(
    'Server.InternalError: Internal error on launch',
  );
});

it('an instance with a tag dies so long after it began to run; others live on', () => {
  faults({ instances: [{ tags: { app: 'web' }, effect: 'die', milliseconds: 60_000 }] });
  const web = launch({ tags: { instance: { app: 'web' } } });
  const other = launch();
  clock.advance(60_000);
  expect([state(web), state(other)]).toEqual(['running', 'running']);
  clock.advance(100);
  expect([state(web), state(other)]).toEqual(['terminated', 'running']);
});

it('an instance that runs already can be named; those before the rule are left alone', () => {
  const [first, second] = [launch(), launch()];
  clock.advance(1_000);
  faults({ instances: [{ effect: 'die' }] });
  faults({ instances: [{ instanceId: second, effect: 'die' }] });
  cloud.engine.settle();
  clock.advance(1_000);
  expect([state(first), state(second)]).toEqual(['running', 'terminated']);
  clearFaults(cloud.engine);
  const third = launch();
  clock.advance(1_000);
  expect(state(third)).toBe('running');
});

it('a member of a group turns unhealthy, and is replaced', async () => {
  const world = new World();
  installFaults(world.engine);
  world.addTemplate();
  await world.addGroup(1);
  const [before] = world.members;
  const rule = { instanceId: before!.instanceId, effect: 'unhealthy', milliseconds: MINUTE };
  addFaults(world.engine, JSON.stringify({ instances: [rule] }));
  await world.pass(MINUTE - SECOND);
  expect(world.members.map(({ instanceId }) => instanceId)).toEqual([before!.instanceId]);
  await world.pass(MINUTE);
  expect(world.members).toHaveLength(1);
  expect(world.members[0]!.instanceId).not.toBe(before!.instanceId);
});

it('EC2 takes a spot instance back; what is not of spot stays', () => {
  const spot = launch({
    tags: { instance: { kind: 'spot' } },
    spot: { type: 'one-time', behavior: 'terminate' },
  });
  const other = launch();
  faults({ instances: [spot, other].map((instanceId) => ({ instanceId, effect: 'reclaim-spot' })) });
  cloud.engine.settle();
  clock.advance(125_000);
  expect([state(spot), state(other)]).toEqual(['terminated', 'running']);
});

it('capacity can be short, by type and zone', () => {
  const zone = 'eu-central-1a';
  faults({ capacity: [{ type: 't3.micro', zone, available: 1 }] });
  launch({ zone });
  expect(() => launch({ zone })).toThrow('sufficient t3.micro capacity');
  launch({ zone: 'eu-central-1b' });
  launch({ zone, instanceType: 't3.small' });
});

it('what was just made can be found late, until the faults are cleared', async () => {
  faults({ eventualConsistency: 2_000 });
  const { EC2Client, DescribeInstancesCommand } = await import('@aws-sdk/client-ec2');
  const ec2 = new EC2Client(cloud.client);
  const InstanceIds = [launch()];
  const look = () => ec2.send(new DescribeInstancesCommand({ InstanceIds }));
  await expect(look()).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
  clock.advance(2_000);
  expect((await look()).Reservations).toHaveLength(1);
  clearFaults(cloud.engine);
  InstanceIds[0] = launch();
  expect((await look()).Reservations).toHaveLength(1);
  ec2.destroy();
});
