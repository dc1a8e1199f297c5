import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { smokeFleet } from '../../src/smoke/fleet.ts';
import { readBaseline, resumeBaseline } from '../../src/smoke/run.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';
import { testGreen, twoColours } from '../helpers/two-colours.ts';

let world: RolloutWorld;
beforeEach(async () => {
  world = await RolloutWorld.start();
});
afterEach(() => world.close());

const project = (sqs: object = {}): Project =>
  world.project({
    smoke: {
      sqs: {
        queue: 'jobs',
        message: 'job ${smoke.id}',
        logGroup: world.workers.logGroup,
        timeout: '1m',
        ...sqs,
      },
    },
  });

async function fleetOf(config: Project): Promise<void> {
  await world.addRelease(config, '1');
  await world.apply(config);
}

describe('a test message', () => {
  it('is sent as often as the new release has to answer', async () => {
    const config = project({ answers: 4 });
    await fleetOf(config);
    const { report } = await smokeFleet(world.run(), world.cloud, config);
    expect(report.checks[0]!.summary).toMatch(
      /4 of 4 messages sent went to release 1; dead-letter queue jobs-dead has not grown$/,
    );
  });

  it('that ends in the dead-letter queue is found there, and fails the release', async () => {
    const config = project({ timeout: '5m', resendEvery: '10m' });
    await fleetOf(config);
    world.workers.behaviours.set('1', 'eats');
    const before = (await world.cloud.queues.find('jobs-dead'))!.visible;
    const failing = smokeFleet(world.run(), world.cloud, config);
    await expect(failing).rejects.toMatchObject({
      message: expect.stringMatching(/test message [0-9a-f]+-0001 is in dead-letter queue jobs-dead/),
    });
    // It is left where it is.
    const { visible, inFlight } = (await world.cloud.queues.find('jobs-dead'))!;
    expect(visible + inFlight).toBe(before + 1);
  });

  it('cannot hide a message of others that became a dead letter meanwhile', async () => {
    const config = project({ timeout: '2m', resendEvery: '1s', answers: 20 });
    await fleetOf(config);
    const dead = (await world.cloud.queues.find('jobs-dead'))!;
    await world.cloud.queues.send(dead.url, 'was there before', {});
    await world.clock.sleep(60_000);
    let sent = '';
    world.meanwhile = async () => {
      if (sent !== '' || world.workers.processed.size < 2) return;
      sent = 'now';
      sent = await world.root.queues.send(dead.url, 'broken by the release', {});
    };
    const failing = smokeFleet(world.run(), world.cloud, config);
    await expect(failing).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining(
        'dead-letter queue jobs-dead grew from 1 to 2 since the rollout began: 1 message',
      ),
    });
    await expect(failing).rejects.toMatchObject({ message: expect.stringContaining(`(${sent})`) });
  });
});

describe('a test message between two colours', () => {
  it('counts only where an instance of the colour under test has processed it', async () => {
    const config = project();
    await twoColours(world, config, 2);
    world.workers.behaviours.set('2', 'deaf');
    const report = await testGreen(world, config);
    expect(report.verdict).not.toBe('passed');
    const { summary } = report.checks[0]!;
    expect(summary).toMatch(
      /no instance of release 2 processed a test message: \d+ of \d+ test messages processed, all by/,
    );
  });

  it('is proven by green, though blue takes some of them', async () => {
    const config = project();
    await twoColours(world, config, 1);
    const report = await testGreen(world, config);
    expect(report.verdict).toBe('passed');
    expect(report.checks[0]!.summary).toMatch(/was processed by i-[0-9a-f]+ \(release 2, workers-green\)/);
  });

  it('is for the colour that runs the release which was asked for', async () => {
    const config = project();
    await twoColours(world, config, 2);
    const { report } = await smokeFleet(world.run(), world.cloud, config, { release: '2' });
    expect(report.checks[0]!.summary).toMatch(/\(release 2, workers-green\)/);
    await expect(smokeFleet(world.run(), world.cloud, config, { release: '3' })).rejects.toMatchObject({
      exitCode: 2,
      message: 'no instance of workers runs release 3',
    });
  });
});

it('a rollout that is taken up by another process still answers for the dead letters since it began', async () => {
  const config = project();
  await fleetOf(config);
  const dead = (await world.cloud.queues.find('jobs-dead'))!;
  await world.cloud.queues.send(dead.url, 'was there before', {});
  await world.clock.sleep(60_000);
  const since = world.clock.now();
  await world.cloud.queues.send(dead.url, 'broken by the release', {});
  await world.clock.sleep(60_000);
  expect((await readBaseline(world.cloud, config.config.smoke)).deadLetters).toBe(2);
  expect((await resumeBaseline(world.cloud, config.config.smoke, since)).deadLetters).toBe(1);
});
