import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { setDesiredCapacity } from '../../../src/localcloud/engine/autoscaling/capacity.ts';
import { LAUNCHING, putHook, TERMINATING } from '../../../src/localcloud/engine/autoscaling/hooks.ts';
import { isActive } from '../../../src/localcloud/engine/autoscaling/members.ts';
import { resumeProcesses, suspendProcesses } from '../../../src/localcloud/engine/autoscaling/processes.ts';
import { cancelRefresh } from '../../../src/localcloud/engine/autoscaling/refresh/cancel.ts';
import type { PreferencesRequest } from '../../../src/localcloud/engine/autoscaling/refresh/preferences.ts';
import { rollbackRefresh } from '../../../src/localcloud/engine/autoscaling/refresh/rollback.ts';
import { putAlarm } from '../../../src/localcloud/engine/cloudwatch/alarms.ts';
import { enter } from '../../../src/localcloud/engine/cloudwatch/transition.ts';
import { HOUR, MINUTE, NO_LATENCY, World } from '../../helpers/autoscaling.ts';
import { fleetOf, quietWorld, story } from '../../helpers/refresh-story.ts';

const anAlarm = (world: World) =>
  putAlarm(world.engine, {
    name: 'errors',
    metric: { namespace: 'App', name: 'errors', dimensions: {}, statistic: 'Sum', periodSeconds: 60 },
    evaluationPeriods: 1,
    threshold: 5,
    comparison: 'GreaterThanThreshold',
    // What a test says the state is stays so.
    treatMissingData: 'ignore',
  });

const alarmIs = (world: World, state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA') => {
  enter(world.engine, 'errors', { state, reason: 'the test says so' });
  world.engine.settle();
};

describe('a rollout that ends early', () => {
  it('is successful at a last checkpoint of 80, with the rest old', async () => {
    const world = await quietWorld(10);
    const id = world.refresh({ min: 80, max: 100, warmup: 300, checkpoints: [80] });
    expect(await story(world, id)).toMatchInlineSnapshot(`
      [
        "0 InProgress 0% 8 8x1+2x2",
        "5 InProgress 20% 6 6x1+4x2",
        "10 InProgress 40% 4 4x1+6x2",
        "15 InProgress 60% 2 2x1+8x2",
        "20 Successful 80% 2 2x1+8x2",
      ]
    `);
    expect(world.group.template.version).toBe('2');
  });

  it.each<[boolean, string[]]>([
    [false, ['0 InProgress 0% 2 2x1+2x2', '65 Failed 0% 2 2x1+2x2']],
    [
      true,
      [
        '0 InProgress 0% 2 2x1+2x2',
        '65 RollbackInProgress 0% 2 2x1+2x2',
        '69 RollbackInProgress 0% 2 4x1',
        '74 RollbackSuccessful 0% 2 4x1',
      ],
    ],
  ])('with unhealthy replacements and auto rollback %s', async (autoRollback, expected) => {
    const world = await quietWorld(4);
    const id = world.refresh({ min: 50, max: 100, warmup: 300, autoRollback });
    const lines = await story(world, id, () => {
      if (world.refreshOf(id).status === 'InProgress') world.breakVersion('2');
    });
    expect(lines).toEqual(expected);
    expect(world.refreshOf(id).statusReason).toMatch(/^No progress for one hour\./);
    expect(world.group.template.version).toBe('1');
  });

  it('is failed by an alarm, and left as it is', async () => {
    const world = await quietWorld(4);
    anAlarm(world);
    alarmIs(world, 'OK');
    const id = world.refresh({ min: 75, max: 100, warmup: 300, alarms: ['errors'] });
    const lines = await story(world, id, (minute) => {
      if (minute === 7) alarmIs(world, 'ALARM');
    });
    expect(lines).toMatchInlineSnapshot(`
      [
        "0 InProgress 0% 3 3x1+1x2",
        "5 InProgress 25% 2 2x1+2x2",
        "7 Failed 25% 2 2x1+2x2",
      ]
    `);
    expect(world.refreshOf(id).statusReason).toBe('The CloudWatch alarm errors is in the ALARM state.');
  });

  it('is rolled back by an alarm while it bakes', async () => {
    const world = await quietWorld(2);
    anAlarm(world);
    alarmIs(world, 'OK');
    const preferences = { min: 50, max: 100, warmup: 60, alarms: ['errors'], bakeTime: 1800 };
    const id = world.refresh({ ...preferences, autoRollback: true });
    const lines = await story(world, id, (minute) => {
      if (minute === 10) alarmIs(world, 'ALARM');
    });
    expect(lines).toMatchInlineSnapshot(`
      [
        "0 InProgress 0% 1 1x1+1x2",
        "1 InProgress 50% 0 2x2",
        "2 Baking 100% 0 2x2",
        "10 RollbackInProgress 50% 0 1x1+1x2",
        "11 RollbackInProgress 0% 0 2x1",
        "12 RollbackSuccessful 0% 0 2x1",
      ]
    `);
  });
});

describe('a refresh that waits', () => {
  it('replaces nothing while its alarm has no data, and goes on when the data are back', async () => {
    const world = await quietWorld(4);
    anAlarm(world);
    alarmIs(world, 'OK');
    const id = world.refresh({ min: 75, max: 100, warmup: 60, alarms: ['errors'] });
    const lines = await story(world, id, (minute) => {
      if (minute === 1) alarmIs(world, 'INSUFFICIENT_DATA');
      if (minute === 10) alarmIs(world, 'OK');
    });
    expect(lines).toMatchInlineSnapshot(`
      [
        "0 InProgress 0% 3 3x1+1x2",
        "1 InProgress 25% 2 2x1+2x2",
        "2 InProgress 50% 2 2x1+2x2",
        "10 InProgress 50% 1 1x1+3x2",
        "11 InProgress 75% 0 4x2",
        "12 Successful 100% 0 4x2",
      ]
    `);
  });

  it('pauses while its process is suspended, for longer than it may be blocked', async () => {
    const world = await quietWorld(2);
    const id = world.refresh({ min: 50, max: 100, warmup: 60 });
    const lines = await story(world, id, (minute) => {
      if (minute === 1) suspendProcesses(world.engine, 'workers', ['InstanceRefresh']);
      if (minute === 180) resumeProcesses(world.engine, 'workers', ['InstanceRefresh']);
    });
    expect(lines).toMatchInlineSnapshot(`
      [
        "0 InProgress 0% 1 1x1+1x2",
        "1 InProgress 50% 0 2x2",
        "180 Successful 100% 0 2x2",
      ]
    `);
  });

  it('for a launch hook that never completes takes its default result, and gives up after the hour', async () => {
    const world = await quietWorld(2);
    putHook(world.engine, 'workers', { name: 'ready', transition: LAUNCHING, heartbeatTimeout: 1800 });
    const id = world.refresh({ min: 50, max: 100, warmup: 60 });
    const lines = await story(world, id);
    expect(lines).toMatchInlineSnapshot(`
      [
        "0 InProgress 0% 1 1x1+1x2",
        "91 Failed 0% 1 1x1+1x2",
      ]
    `);
  });

  it('for a terminate hook that never completes waits out its heartbeat, and then succeeds', async () => {
    const world = await quietWorld(2);
    putHook(world.engine, 'workers', { name: 'drain', transition: TERMINATING, heartbeatTimeout: 7200 });
    const id = world.refresh({ min: 50, max: 100, warmup: 60 });
    const lines = await story(world, id);
    expect(lines).toMatchInlineSnapshot(`
      [
        "0 InProgress 0% 1 1x1+1x2",
        "1 InProgress 50% 0 2x2",
        "2 InProgress 100% 0 2x2",
        "121 Successful 100% 0 2x2",
      ]
    `);
  });
});

describe('a refresh while other things happen', () => {
  it('of $Latest replaces again what a version made meanwhile has overtaken', async () => {
    const world = await quietWorld(3);
    const id = world.refresh({ min: 66, max: 100, warmup: 60 }, '$Latest');
    const lines = await story(world, id, (minute) => {
      if (minute === 2) world.addVersion();
    });
    expect(lines).toMatchInlineSnapshot(`
      [
        "0 InProgress 0% 2 2x1+1x2",
        "1 InProgress 33% 1 1x1+2x2",
        "2 InProgress 0% 3 3x2",
        "3 InProgress 0% 2 2x2+1x3",
        "4 InProgress 33% 1 1x2+2x3",
        "5 InProgress 66% 0 3x3",
        "6 Successful 100% 0 3x3",
      ]
    `);
  });

  it('counts a scale-out and a scale-in: old instances go first', async () => {
    const world = await quietWorld(4);
    const id = world.refresh({ min: 75, max: 100, warmup: 60 });
    const lines = await story(
      world,
      id,
      (minute) => {
        if (minute === 1) setDesiredCapacity(world.engine, 'workers', 6, false);
        if (minute === 3) setDesiredCapacity(world.engine, 'workers', 3, false);
        // A greater capacity has fewer ready instances than its bound at first: that is not the refresh's doing.
      },
      () => {},
    );
    expect(lines).toMatchInlineSnapshot(`
      [
        "0 InProgress 0% 3 3x1+1x2",
        "1 InProgress 16% 2 2x1+4x2",
        "2 InProgress 66% 1 1x1+5x2",
        "3 InProgress 100% 0 4x2",
        "4 Successful 100% 0 3x2",
      ]
    `);
  });
});

describe('the end by hand', () => {
  const phases: [string, PreferencesRequest, number][] = [
    ['at its very start', { warmup: 60 }, 0],
    ['while instances warm up', { warmup: 600 }, 4],
    ['in a checkpoint delay', { warmup: 60, checkpoints: [25, 100], checkpointDelay: 1800 }, 8],
    ['while it bakes', { warmup: 60, bakeTime: 1800 }, 10],
  ];

  it.each(phases)('by cancellation %s', async (_phase, preferences, when) => {
    const world = await quietWorld(4);
    const id = world.refresh({ min: 75, max: 100, ...preferences });
    let before = '';
    const lines = await story(world, id, (minute) => {
      if (minute === when) {
        before = fleetOf(world);
        cancelRefresh(world.engine, 'workers', true);
      }
    });
    expect(lines.at(-1)).toMatch(new RegExp(`^${when} Cancelled`));
    await world.pass(HOUR, MINUTE);
    expect(fleetOf(world)).toBe(before);
    expect(world.group.template.version).toBe('1');
  });

  it.each(phases)('by rollback %s', async (_phase, preferences, when) => {
    const world = await quietWorld(4);
    const id = world.refresh({ min: 75, max: 100, ...preferences });
    const lines = await story(world, id, (minute) => {
      if (minute === when) rollbackRefresh(world.engine, 'workers');
    });
    expect(lines.at(-1)).toMatch(/ RollbackSuccessful 0% \d 4x1$/);
    expect(world.group.template.version).toBe('1');
  });

  it.each<[boolean, string]>([
    [true, 'Cancelling'],
    [false, 'Cancelled'],
  ])('by cancellation that waits for instances on their way: %s', async (waits, status) => {
    const world = await quietWorld(2);
    putHook(world.engine, 'workers', { name: 'drain', transition: TERMINATING, heartbeatTimeout: 600 });
    const id = world.refresh({ min: 50, max: 100, warmup: 60 });
    await world.pass(0);
    cancelRefresh(world.engine, 'workers', waits);
    await world.pass(MINUTE);
    expect(world.refreshOf(id).status).toBe(status);
    await world.pass(15 * MINUTE);
    expect(world.refreshOf(id).status).toBe('Cancelled');
  });
});

describe('a restart of the cloud in the middle of a refresh', () => {
  it.each([3, 7, 12])('after %d minutes: it goes on where it was and ends the same', async (minutes) => {
    const directory = mkdtempSync(join(tmpdir(), 'bake-refresh-'));
    const preferences = { min: 75, max: 100, warmup: 120, checkpoints: [50, 100], checkpointDelay: 300 };
    try {
      const whole = await quietWorld(4);
      const expected = await story(whole, whole.refresh(preferences));
      const first = await quietWorld(4, {}, { directory });
      const id = first.refresh(preferences);
      await first.pass(minutes * MINUTE, MINUTE);
      first.store.close();
      const second = new World({ directory, at: first.clock.now(), latency: NO_LATENCY });
      const rest = await story(second, id);
      const later = expected.flatMap((line) => {
        const [minute = '', ...words] = line.split(' ');
        return Number(minute) > minutes ? [`${Number(minute) - minutes} ${words.join(' ')}`] : [];
      });
      expect(rest.slice(-later.length)).toEqual(later);
      expect(second.members.filter(isActive)).toHaveLength(4);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
