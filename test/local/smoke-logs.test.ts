import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';
import { testGreen, twoColours } from '../helpers/two-colours.ts';

let world: RolloutWorld;
let config: Project;
beforeEach(async () => {
  world = await RolloutWorld.start();
  const { logGroup } = world.workers;
  config = world.project({ smoke: { logs: { group: logGroup, compare: true, settle: '1m' } } });
  await twoColours(world, config, 3);
  // Work for everybody, all the time.
  let n = 0;
  world.meanwhile = async () => {
    for (let more = 0; more < 6; more++)
      await world.root.queues.send(world.workers.queueUrl, `job ${n++}`, {});
  };
});
afterEach(() => world.close());

/** Everybody works for some minutes. */
async function work(minutes: number): Promise<number> {
  for (let step = 0; step < minutes * 6; step++) await world.clock.sleep(10_000);
  return minutes * 60_000;
}

describe('the comparison of error logs', () => {
  it('passes a release that logs as many errors as the old one does in the same minutes', async () => {
    world.workers.behaviours.set('1', 'logs errors').set('2', 'logs errors');
    const report = await testGreen(world, config, await work(2));
    expect(report.checks[0]!.summary).toMatch(
      /^\d+ errors \(no more than before: \d+ errors in .* of instance time, the others \d+ errors in .* in the same time\)/,
    );
    expect(report.verdict).toBe('passed');
  });

  it('fails one that logs errors where the old one logs none, and tells both rates', async () => {
    world.workers.behaviours.set('2', 'logs errors');
    const report = await testGreen(world, config, await work(2));
    expect(report).toMatchObject({ verdict: 'failed' });
    expect(report.checks[0]!.summary).toMatch(
      /^instances of release 2 logged \d+ errors in \/testing\/worker: .* the others 0 errors in .* in the same time$/,
    );
  });

  it('is with the time before the rollout, where no old instance is left', async () => {
    world.workers.behaviours.set('1', 'logs errors').set('2', 'logs errors');
    await work(5);
    const ago = await work(1);
    // Blue is seen once more, and goes.
    world.meanwhile = async () => {
      const blue = await world.root.groups.find('workers');
      if (blue && blue.desired > 0) await world.root.groups.update('workers', { min: 0, desired: 0 });
    };
    const report = await testGreen(world, config, ago);
    expect(report.checks[0]!.summary).toMatch(
      /the others \d+ errors in .* of instance time before the rollout\)/,
    );
    expect(report.verdict).toBe('passed');
  });
});
