import { describe, expect, it } from 'vitest';
import { MINUTE, NO_LATENCY, SECOND, World } from '../../helpers/autoscaling.ts';

/** The fewest ready and the most active instances seen, and how long it took, in warmups of one minute. */
async function run(desired: number, min: number, max: number | undefined) {
  const world = new World();
  world.addTemplate();
  await world.addGroup(desired);
  const id = world.refresh({ min, max, warmup: 60 });
  let least = desired;
  let most = desired;
  const look = () => {
    world.checkBounds(id);
    const members = world.members.filter(({ state }) => !state.startsWith('Terminating'));
    const ready = members.filter(
      ({ inServiceAt }) => inServiceAt !== undefined && inServiceAt + MINUTE <= world.clock.now(),
    );
    least = Math.min(least, ready.length);
    most = Math.max(most, members.length);
  };
  const took = await world.until(() => world.refreshOf(id).endedAt !== undefined, undefined, SECOND, look);
  expect(world.refreshOf(id)).toMatchObject({ status: 'Successful', percent: 100, toUpdate: 0, surge: 0 });
  expect(world.fleet).toBe('2'.repeat(desired));
  expect(world.group.template.version).toBe('2');
  return { least, most, batches: Math.floor(took / MINUTE) };
}

describe('instance refresh bounds', () => {
  it.each([
    { desired: 1, min: 0, max: 100, least: 0, most: 1, batches: 1 },
    { desired: 2, min: 0, max: 100, least: 0, most: 2, batches: 1 },
    { desired: 3, min: 0, max: 100, least: 0, most: 3, batches: 1 },
    { desired: 10, min: 0, max: 100, least: 0, most: 10, batches: 1 },
    // No room between the bounds: one is launched above the desired capacity first.
    { desired: 1, min: 50, max: 100, least: 1, most: 2, batches: 1 },
    { desired: 2, min: 50, max: 100, least: 1, most: 2, batches: 2 },
    { desired: 3, min: 50, max: 100, least: 2, most: 3, batches: 3 },
    { desired: 10, min: 50, max: 100, least: 5, most: 10, batches: 2 },
    { desired: 1, min: 90, max: 100, least: 1, most: 2, batches: 1 },
    { desired: 2, min: 90, max: 100, least: 2, most: 3, batches: 2 },
    { desired: 3, min: 90, max: 100, least: 3, most: 4, batches: 3 },
    { desired: 10, min: 90, max: 100, least: 9, most: 10, batches: 10 },
    { desired: 2, min: 90, max: 110, least: 2, most: 3, batches: 2 },
    { desired: 1, min: 100, max: 100, least: 1, most: 2, batches: 1 },
    // Without a maximum, ended and launched at the same time, even where that leaves nobody.
    { desired: 1, min: 100, max: undefined, least: 0, most: 1, batches: 1 },
    { desired: 1, min: 90, max: undefined, least: 0, most: 1, batches: 1 },
    { desired: 2, min: 90, max: undefined, least: 1, most: 2, batches: 2 },
    { desired: 3, min: 100, max: undefined, least: 2, most: 3, batches: 3 },
    { desired: 10, min: 90, max: undefined, least: 9, most: 10, batches: 10 },
    { desired: 1, min: 100, max: 110, least: 1, most: 2, batches: 1 },
    { desired: 2, min: 100, max: 110, least: 2, most: 3, batches: 2 },
    { desired: 3, min: 100, max: 110, least: 3, most: 4, batches: 3 },
    { desired: 10, min: 100, max: 110, least: 10, most: 11, batches: 10 },
    { desired: 10, min: 90, max: 120, least: 9, most: 12, batches: 4 },
    { desired: 1, min: 100, max: 200, least: 1, most: 2, batches: 1 },
    { desired: 2, min: 100, max: 200, least: 2, most: 4, batches: 1 },
    { desired: 3, min: 100, max: 200, least: 3, most: 6, batches: 1 },
    { desired: 10, min: 100, max: 200, least: 10, most: 20, batches: 1 },
  ])('$desired instances at $min/$max: never below $least ready, never above $most', async (row) => {
    const { desired, min, max, ...expected } = row;
    expect(await run(desired, min, max)).toEqual(expected);
  });

  it('follows the checkpoints of the user guide minute by minute', async () => {
    const world = new World({ latency: NO_LATENCY });
    world.addTemplate();
    await world.addGroup(10);
    const id = world.refresh({ min: 80, warmup: 600, checkpoints: [20, 50], checkpointDelay: 900 });
    const timeline: Record<number, string> = {};
    for (let minute = 0; minute <= 45; minute++) {
      await world.pass(0);
      const { status, percent, toUpdate } = world.refreshOf(id);
      timeline[minute] = `${status} ${percent}% ${toUpdate} ${world.fleet}`;
      if (minute < 45) await world.pass(MINUTE, MINUTE, () => world.checkBounds(id));
    }
    const changes = Object.entries(timeline).filter(
      ([minute, line]) => line !== timeline[Number(minute) - 1],
    );
    expect(Object.fromEntries(changes)).toEqual({
      0: 'InProgress 0% 8 1111111122',
      10: 'InProgress 20% 8 1111111122',
      25: 'InProgress 20% 6 1111112222',
      35: 'InProgress 40% 5 1111122222',
      45: 'Successful 50% 5 1111122222',
    });
    expect(world.group.template.version).toBe('2');
  });

  it('announces only the highest of several checkpoints passed at once', async () => {
    const world = new World({ latency: NO_LATENCY });
    world.addTemplate();
    await world.addGroup(2);
    const id = world.refresh({ min: 50, warmup: 0, checkpoints: [10, 40, 100], checkpointDelay: 600 });
    await world.pass(MINUTE);
    expect(world.refreshOf(id)).toMatchObject({ percent: 50, checkpoint: 40, status: 'InProgress' });
    expect(world.refreshOf(id).statusReason).toContain('Checkpoint of 40% reached');
    await world.pass(10 * MINUTE);
    expect(world.refreshOf(id)).toMatchObject({ percent: 100, status: 'Successful' });
  });

  it('shows progress as the service does: one done, one warming, two left', async () => {
    const world = new World({ latency: NO_LATENCY });
    world.addTemplate();
    await world.addGroup(4);
    const id = world.refresh({ min: 75, warmup: 300 });
    await world.pass(7 * MINUTE, MINUTE);
    expect(world.refreshOf(id)).toMatchObject({ percent: 25, toUpdate: 2 });
    expect(world.refreshOf(id).statusReason).toMatch(
      /^Waiting for instances to warm up before continuing\. For example: i-[0-9a-f]{17} is warming up\.$/,
    );
  });
});
