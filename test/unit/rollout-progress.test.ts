import { describe, expect, it } from 'vitest';
import type { InstanceRefresh } from '../../src/clouds/cloud.ts';
import { rolloutSchema } from '../../src/config/schema-rollout.ts';
import { Progress, progressWords } from '../../src/rollout/progress.ts';

const MINUTE = 60_000;
const config = rolloutSchema.parse({ progressDeadline: '10m', checkpointDelay: '30m', soak: '1h' });
const refresh = (more: Partial<InstanceRefresh> = {}): InstanceRefresh => ({
  id: 'r',
  state: 'in-progress',
  percent: 0,
  instancesToUpdate: 3,
  checkpoints: [33, 100],
  ...more,
});

describe('the progress of a refresh', () => {
  it('is stuck when nothing moves for the progress deadline and the warmup, whatever the reason says', () => {
    const progress = new Progress(config, MINUTE, 0);
    expect(progress.see(refresh({ reason: 'i-1 is warming up' }), 0).stuckFor).toBeUndefined();
    expect(progress.see(refresh({ reason: 'i-2 is warming up' }), 11 * MINUTE).stuckFor).toBeUndefined();
    expect(progress.see(refresh({ reason: 'i-3 is warming up' }), 12 * MINUTE).stuckFor).toBe(12 * MINUTE);
  });

  it('may stand still at a checkpoint and while it soaks', () => {
    const progress = new Progress(config, 0, 0);
    progress.see(refresh({ percent: 34 }), 0);
    expect(progress.see(refresh({ percent: 34 }), 40 * MINUTE).stuckFor).toBeUndefined();
    expect(progress.see(refresh({ percent: 34 }), 41 * MINUTE).stuckFor).toBeDefined();
    progress.see(refresh({ state: 'baking', percent: 100 }), 42 * MINUTE);
    expect(progress.see(refresh({ state: 'baking', percent: 100 }), 110 * MINUTE).stuckFor).toBeUndefined();
  });

  it('beyond a checkpoint is judged as before', () => {
    const progress = new Progress(config, 0, 0);
    progress.see(refresh({ percent: 34 }), 0);
    progress.see(refresh({ percent: 66 }), 30 * MINUTE);
    expect(progress.see(refresh({ percent: 66 }), 41 * MINUTE).stuckFor).toBe(11 * MINUTE);
  });

  it('does not stand still while bake holds it for a gate, nor while instances wait at a lifecycle hook', () => {
    const progress = new Progress(config, 0, 0);
    progress.see(refresh({ percent: 34 }), 0);
    expect(progress.see(refresh({ percent: 34 }), 3 * 60 * MINUTE, { held: true })).toMatchObject({
      still: 0,
    });
    // The cloud's own pause may begin anew.
    const after = progress.see(refresh({ percent: 34 }), 3 * 60 * MINUTE + 39 * MINUTE);
    expect(after).toMatchObject({ still: 9 * MINUTE, stuckFor: undefined });
    const waiting = new Progress(config, 0, 0);
    waiting.see(refresh(), 0);
    const hook = { hook: 60 * MINUTE };
    expect(waiting.see(refresh(), 69 * MINUTE, hook)).toMatchObject({
      still: 69 * MINUTE,
      stuckFor: undefined,
    });
    expect(waiting.see(refresh(), 71 * MINUTE, hook).stuckFor).toBe(71 * MINUTE);
  });

  it('is estimated from its beginning by who comes later', () => {
    const late = new Progress(config, 0, 60 * MINUTE);
    const seen = refresh({ percent: 50, startedAt: 0, checkpoints: [33, 100] });
    // 30 minutes of work for 50 %, beside the pause at 33 %; then as long again, and the soak.
    expect(late.see(seen, 60 * MINUTE).remaining).toBe(30 * MINUTE + 60 * MINUTE + 30 * MINUTE);
  });

  it('is told without the countdown, so that it is news only when something changed', () => {
    const words = (left: number) =>
      progressWords(
        refresh({
          state: 'baking',
          percent: 100,
          instancesToUpdate: 0,
          reason: `Waiting for bake time to finish before continuing. There are ${left} seconds left.`,
        }),
      );
    expect(words(30)).toBe(words(12));
  });
});
