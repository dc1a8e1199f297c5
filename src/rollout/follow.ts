import type { InstanceRefresh } from '../clouds/cloud.ts';
import { BakeError } from '../run/errors.ts';
import { formatDuration } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import type { Step } from '../run/run.ts';
import type { Rollout } from './context.ts';
import { type RunningGate, startGate } from './gate.ts';
import { type GateBook, type Move, nextMove } from './moves.ts';
import { Progress, progressWords } from './progress.ts';

/** Why a rollout has to be undone. */
export class RolloutFailed extends BakeError {}

/**
 * Follows a refresh to its end, one look at a time, and runs the gates at its checkpoints while it goes on. Returns when it has
 * ended well and its last gate has passed. Throws `RolloutFailed` with the reason, or `Interrupted`; a gate that is still
 * running is ended first.
 */
export async function followRefresh(
  rollout: Rollout,
  refreshId: string,
  checkpoints: number[],
  step: Step,
): Promise<void> {
  const { run, before } = rollout;
  const warmup = before.group.defaultWarmup ?? before.group.healthCheckGrace;
  const progress = new Progress(rollout.config, warmup, run.clock.now());
  const deadline = run.clock.now() + rollout.config.deadline;
  const book: GateBook = { checkpoints, passed: 0 };
  let gate: RunningGate | undefined;
  try {
    for (;;) {
      const move = await nextEvent(rollout, refreshId, { book, progress, step, gate, deadline, warmup });
      if (move === 'gate ended') {
        const { failure } = await gate!.done;
        if (failure !== undefined) throw new RolloutFailed(failure);
        book.passed = book.running!;
        book.running = undefined;
        gate = undefined;
      } else if (move.do === 'gate') {
        book.running = move.at;
        gate = startGate(rollout, move.at);
      } else if (move.do === 'fail') throw new RolloutFailed(move.reason);
      else return;
    }
  } finally {
    await gate?.cancel();
  }
}

interface Watch {
  book: GateBook;
  progress: Progress;
  step: Step;
  gate: RunningGate | undefined;
  /** Milliseconds since the epoch. */
  deadline: number;
  /** Milliseconds. */
  warmup: number;
}

/** Looks until the refresh asks for something, or the running gate has ended: whichever is first. */
async function nextEvent(
  rollout: Rollout,
  refreshId: string,
  watch: Watch,
): Promise<Exclude<Move, { do: 'wait' }> | 'gate ended'> {
  const { run } = rollout;
  const ended = new AbortController();
  void watch.gate?.done.then(() => ended.abort());
  try {
    return await poll(
      async () => {
        const refresh = await findRefresh(rollout, refreshId);
        const now = run.clock.now();
        const { changed, stuckFor, remaining } = watch.progress.see(refresh, now);
        watch.step.progress(progressWords(refresh), { percent: refresh.percent, remainingMs: remaining });
        const move = nextMove(refresh, watch.book);
        if (move.do !== 'wait') return { done: true, value: move };
        if (stuckFor !== undefined)
          throw new RolloutFailed(`no progress for ${formatDuration(stuckFor)} (${progressWords(refresh)})`);
        return { done: false, state: progressWords(refresh), soon: changed };
      },
      {
        what: 'the rollout',
        timeout: Math.max(0, watch.deadline - run.clock.now()),
        clock: run.clock,
        signal: AbortSignal.any([run.signal, ended.signal]),
        interval: { first: 250, longest: Math.min(10_000, Math.max(500, watch.warmup / 4)) },
      },
    );
  } catch (error) {
    if (ended.signal.aborted && !run.signal.aborted) return 'gate ended';
    throw error;
  }
}

export async function findRefresh(
  { cloud, before }: Pick<Rollout, 'cloud' | 'before'>,
  refreshId: string,
): Promise<InstanceRefresh> {
  const refresh = await cloud.refreshes.find(before.group.name, refreshId);
  if (refresh) return refresh;
  throw new RolloutFailed(`instance refresh ${refreshId} of ${before.group.name} cannot be found any more`);
}
