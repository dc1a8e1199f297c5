import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activities } from '../../src/localcloud/engine/autoscaling/activities.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';
import { THREE_FILES } from '../helpers/scaling-fleet.ts';

/** As few messages as will do. */
const FILES = THREE_FILES.map((file) =>
  file.policy === 'bake:emergency'
    ? { ...file, variables: { queue: 'jobs', high: '10', veryHigh: '20' } }
    : file,
);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let world: RolloutWorld;
let sqs: SQSClient;

beforeEach(async () => {
  world = await RolloutWorld.start();
  sqs = new SQSClient(world.local.client);
});
afterEach(async () => {
  sqs.destroy();
  await world.close();
});

/** A fleet of `desired` with these scaling files, whose workers receive nothing. */
async function fleetWith(desired: number, policies: string[], more: object = {}): Promise<void> {
  const scaling = FILES.filter(({ policy }) => policies.includes(policy));
  const project = world.project({ fleet: { scaling, size: { min: 1, max: 40, desired }, ...more } });
  await world.addRelease(project, '1');
  world.workers.behaviours.set('1', 'deaf');
  await world.apply(project);
}

async function send(messages: number): Promise<void> {
  for (let sent = 0; sent < messages; sent++)
    await sqs.send(new SendMessageCommand({ QueueUrl: world.workers.queueUrl, MessageBody: `job ${sent}` }));
}

const group = async () => (await world.cloud.groups.find('workers'))!;

/** The sizes that the group wanted, minute by minute, each once. */
async function sizesWithin(minutes: number, step = MINUTE): Promise<number[]> {
  const seen = [(await group()).desired];
  for (let passed = 0; passed < minutes * MINUTE; passed += step) {
    await world.clock.sleep(step);
    const { desired } = await group();
    if (desired !== seen.at(-1)) seen.push(desired);
  }
  return seen;
}

const causes = () =>
  activities(world.local.engine)
    .all()
    .map(({ cause }) => cause)
    .join('\n');

describe('bake:backlog', () => {
  it('adds instances while messages wait until each has as many as it may, and takes them away when none do', async () => {
    await fleetWith(2, ['bake:backlog']);
    await send(40);
    // 40 messages, 5 may wait per instance.
    expect(await sizesWithin(15)).toEqual([2, 8]);
    expect(causes()).toMatch(
      /alarm TargetTracking-workers-AlarmHigh-\S+ in state ALARM triggered policy bake-backlog/,
    );
    world.workers.behaviours.set('1', 'works');
    const after = await sizesWithin(120, 10 * MINUTE);
    expect(after.at(-1)).toBe(1);
    expect(world.workers.processed.size).toBe(40);
  });

  it('leaves a fleet alone that keeps up', async () => {
    await fleetWith(2, ['bake:backlog']);
    await send(10);
    expect(await sizesWithin(10)).toEqual([2]);
  });
});

describe('bake:emergency', () => {
  it('adds half of the instances again when the backlog is high', async () => {
    await fleetWith(4, ['bake:emergency']);
    // 12 per instance, and 8 once there are six: the emergency is over then.
    await send(48);
    expect(await sizesWithin(12)).toEqual([4, 6]);
    expect(causes()).toMatch(/alarm bake-workers-emergency in state ALARM triggered policy bake-emergency/);
  });

  it('doubles the instances when it is very high, and goes on from there', async () => {
    await fleetWith(2, ['bake:emergency']);
    // 21 per instance; 10.5, which is high still; 7 in the end.
    await send(42);
    expect(await sizesWithin(15)).toEqual([2, 4, 6]);
  });
});

describe('bake:weekdays', () => {
  it('raises the least number in the morning of its time zone and lowers it in the evening, not at the weekend', async () => {
    await fleetWith(1, ['bake:weekdays'], { metrics: false });
    const changes: string[] = [];
    let last = (await group()).min;
    // A week, from wherever in the week the test is run.
    for (let hour = 0; hour < 7 * 24; hour++) {
      const next = Math.ceil((world.clock.now() + 1) / HOUR) * HOUR + MINUTE;
      await world.clock.sleep(next - world.clock.now());
      const { min } = await group();
      if (min !== last) changes.push(`${inTokyo.format(world.clock.now() - MINUTE)} ${min}`);
      last = min;
    }
    const expected = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'].flatMap((day) => [
      `${day} 08:00 3`,
      `${day} 20:00 1`,
    ]);
    expect([...changes].sort()).toEqual(expected.sort());
  });

  it('may have changed the least number since: apply takes it as configured', async () => {
    const scaling = THREE_FILES.filter(({ policy }) => policy === 'bake:weekdays');
    const project = world.project({ fleet: { scaling } });
    await world.addRelease(project, '1');
    await world.apply(project);
    await world.cloud.groups.update('workers', { min: 3 });
    expect((await world.apply(project)).changes).toEqual([]);
    await world.cloud.groups.update('workers', { min: 2 });
    expect((await world.apply(project)).changes).toEqual(['least instances 2 → 1']);
  });
});

const inTokyo = {
  format: (at: number) =>
    new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Asia/Tokyo',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    })
      .format(at)
      .replace(',', ''),
};
