import { describe, expect, it } from 'vitest';
import { type GateBook, nextMove } from '../../src/rollout/moves.ts';

const book = (more: Partial<GateBook> = {}): GateBook => ({ passed: 0, ...more });
const checkpoints = [20, 50, 100];
const running = (percent: number) => ({ state: 'in-progress' as const, percent, checkpoints });

describe('what a rollout does about the refresh it sees', () => {
  it('waits until a checkpoint is reached, and runs its gate there once', () => {
    expect(nextMove(running(19), book())).toEqual({ do: 'wait' });
    expect(nextMove(running(20), book())).toEqual({ do: 'gate', at: 20 });
    expect(nextMove(running(20), book({ running: 20 }))).toEqual({ do: 'wait' });
    expect(nextMove(running(20), book({ passed: 20 }))).toEqual({ do: 'wait' });
  });

  it('needs one gate for several checkpoints that are passed at once', () => {
    expect(nextMove(running(66), book())).toEqual({ do: 'gate', at: 50 });
  });

  it('does not run a gate again when a scale-out takes the percentage back', () => {
    expect(nextMove(running(20), book({ passed: 50 }))).toEqual({ do: 'wait' });
  });

  it('runs the last gate while the fleet soaks', () => {
    const soaking = { state: 'baking' as const, percent: 100, checkpoints };
    expect(nextMove(soaking, book({ passed: 50 }))).toEqual({ do: 'gate', at: 100 });
    expect(nextMove(soaking, book({ passed: 100 }))).toEqual({ do: 'wait' });
  });

  it('does not finish before the last gate has passed, though the refresh is over', () => {
    const over = { state: 'successful' as const, percent: 100, checkpoints };
    expect(nextMove(over, book({ passed: 50, running: 50 }))).toEqual({ do: 'wait' });
    expect(nextMove(over, book({ passed: 50 }))).toEqual({ do: 'gate', at: 100 });
    expect(nextMove(over, book({ passed: 100 }))).toEqual({ do: 'finish' });
    expect(nextMove({ ...over, checkpoints: [] }, book())).toEqual({ do: 'gate', at: 100 });
  });

  it('takes a rollback by the cloud, even a successful one, for a failed rollout', () => {
    for (const state of ['rollback-in-progress', 'rollback-successful', 'rollback-failed'] as const) {
      const seen = {
        state,
        percent: 40,
        checkpoints,
        rollback: { reason: 'alarm high went off', percent: 40, instancesToUpdate: 2 },
      };
      expect(nextMove(seen, book())).toEqual({ do: 'fail', by: 'cloud', reason: 'alarm high went off' });
    }
  });

  it('fails when the refresh failed or somebody cancelled it', () => {
    expect(
      nextMove({ state: 'failed', percent: 0, checkpoints, reason: 'blocked for an hour' }, book()),
    ).toEqual({
      do: 'fail',
      by: 'nobody',
      reason: 'blocked for an hour',
    });
    expect(nextMove({ state: 'cancelled', percent: 0, checkpoints }, book())).toMatchObject({ do: 'fail' });
  });
});
