import type { InstanceRefresh } from '../clouds/cloud.ts';
import { Interrupted, messageOf } from '../run/errors.ts';
import { formatDuration } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import type { Step } from '../run/run.ts';
import { hasSmokeTests } from '../smoke/run.ts';
import { hasEnded } from '../upkeep/refresh-state.ts';
import type { Rollout } from './context.ts';
import { findRefresh, RolloutFailed } from './find-refresh.ts';
import { type GateTimes, type RunningGate, startGate } from './gate.ts';
import { type GateBook, type Move, nextMove } from './moves.ts';
import { Progress, progressWords } from './progress.ts';
import { Trouble } from './trouble.ts';

/** How long the cloud may not be seen before that counts as a failure: a network that was away comes back. Milliseconds. */
const UNSEEN = 120_000;

/**
 * Follows a refresh to its end, one look at a time, and runs the gates at its checkpoints, where the refresh is held until they have
 * passed. Returns when it has ended well and its last gate has passed. Throws `RolloutFailed` with the reason, or `Interrupted`; a gate
 * that is still running is ended first. What a gate held stays held: whoever catches this decides what becomes of it.
 */
export async function followRefresh(rollout: Rollout, refreshId: string, step: Step): Promise<void> {
  const { run, lock, hold, config } = rollout;
  const warmup = warmupOf(rollout);
  const watch: Watch = {
    step,
    book: { passed: lock.record.passed ?? 0 },
    progress: new Progress(config, warmup, run.clock.now()),
    trouble: new Trouble(rollout, warmup),
    deadline: run.clock.now() + config.deadline,
    longest: Math.min(10_000, Math.max(500, Math.min(warmup, config.checkpointDelay) / 4)),
  };
  const { book } = watch;
  if (hold.held) await holdFor(rollout, refreshId, book);
  try {
    for (;;) {
      const move = await nextEvent(rollout, refreshId, watch);
      if (move === 'gate ended') {
        const { failure } = await watch.gate!.done;
        watch.gate = undefined;
        if (failure !== undefined) throw new RolloutFailed(failure);
        book.passed = book.running!;
        book.running = undefined;
        await lock.note({ passed: book.passed }).catch(() => {}); // At worst it is tested again.
        await hold.letGo();
      } else if (move.do === 'gate') {
        const at = move.at < 100 ? await holdFor(rollout, refreshId, book) : move.at;
        if (at === undefined) continue;
        book.running = at;
        watch.gate = startGate(rollout, at, gateTimes(rollout, at));
      } else if (move.do === 'fail') throw new RolloutFailed(move.reason);
      else return;
    }
  } finally {
    await watch.gate?.cancel();
  }
}

/** What the cloud does not wait for by itself. A checkpoint that is not held pauses all the same. */
function gateTimes(rollout: Rollout, at: number): GateTimes {
  const { cloud, config, hold } = rollout;
  if (cloud.refreshesKeepTime) return { first: 0, least: 0 };
  const warmup = warmupOf(rollout);
  if (at < 100) return hold.held ? { first: warmup, least: config.checkpointDelay } : { first: 0, least: 0 };
  return { first: Math.max(warmup, config.soak), least: 0 };
}

/** How long an instance of the group warms up, milliseconds. */
export const warmupOf = ({ before: { group } }: Pick<Rollout, 'before'>): number =>
  group.defaultWarmup ?? group.healthCheckGrace;

/**
 * Holds the refresh for the gate of a checkpoint, and returns the checkpoint. It may have gone on until it was held, to another
 * checkpoint or to its end: undefined, and let go, where there is nothing to hold it for.
 */
async function holdFor(rollout: Rollout, refreshId: string, book: GateBook): Promise<number | undefined> {
  const { hold, project } = rollout;
  if (hasSmokeTests(project.config.smoke)) await hold.take();
  const move = nextMove(await findRefresh(rollout, refreshId), book);
  if (move.do === 'gate' && move.at < 100) return move.at;
  await hold.letGo();
  return undefined;
}

interface Watch {
  step: Step;
  book: GateBook;
  gate?: RunningGate;
  progress: Progress;
  trouble: Trouble;
  /** Milliseconds since the epoch. */
  deadline: number;
  /** Longest pause between two looks, milliseconds. */
  longest: number;
}

/** Looks until the refresh asks for something, or the running gate has ended: whichever is first. */
async function nextEvent(
  rollout: Rollout,
  refreshId: string,
  watch: Watch,
): Promise<Exclude<Move, { do: 'wait' }> | 'gate ended'> {
  const { run, lock } = rollout;
  const ended = new AbortController();
  void watch.gate?.done.then(() => ended.abort());
  // The group is looked at as well, for those who want to see it change.
  const look = patiently(rollout, async () => {
    const [refresh] = await Promise.all([findRefresh(rollout, refreshId), rollout.roster.look()]);
    return refresh;
  });
  try {
    return await poll(
      async () => {
        const refresh = await look();
        if (refresh === undefined) return { done: false, state: 'the cloud cannot be seen' };
        const move = nextMove(refresh, watch.book);
        const changed = await report(rollout, watch, refresh, move);
        if (move.do !== 'wait') return { done: true, value: move };
        return { done: false, state: progressWords(refresh), soon: changed };
      },
      {
        what: 'the rollout',
        timeout: Math.max(0, watch.deadline - run.clock.now()),
        clock: run.clock,
        signal: AbortSignal.any([run.signal, lock.lost, ended.signal]),
        interval: { first: 250, longest: watch.longest },
      },
    );
  } catch (error) {
    const byGate = error instanceof Interrupted && !run.signal.aborted && !lock.lost.aborted;
    if (byGate) return 'gate ended';
    throw error;
  }
}

/** Says how far it is; throws when it does not get on, or never will. Returns whether anything has changed. */
async function report(
  rollout: Rollout,
  { progress, trouble, step }: Watch,
  refresh: InstanceRefresh,
  move: Move,
): Promise<boolean> {
  const { run, hold, config } = rollout;
  const excuse = { held: hold.held || trouble.stopped, hook: trouble.waitsAtHook };
  const { changed, still, stuckFor, remaining } = progress.see(refresh, run.clock.now(), excuse);
  const words = progressWords(refresh);
  const stands =
    still > 60_000 && excuse.hook === 0
      ? ` · no progress for ${Math.floor(still / 60_000)} of ${formatDuration(config.progressDeadline)}`
      : '';
  step.progress(`${words}${stands}`, { percent: refresh.percent, remainingMs: remaining });
  if (move.do !== 'wait' || hold.held || hasEnded(refresh.state)) return changed;
  if (refresh.state !== 'baking') await trouble.look(still);
  if (stuckFor !== undefined) {
    const why = await trouble.causes();
    throw new RolloutFailed(
      [`no progress for ${formatDuration(stuckFor)} (${words})`, ...why.slice(0, 1)].join(': '),
    );
  }
  return changed;
}

/** Bears it for a while when the cloud cannot be asked; then throws what it said. */
function patiently<T>({ run }: Rollout, look: () => Promise<T>): () => Promise<T | undefined> {
  let since: number | undefined;
  return async () => {
    try {
      const seen = await look();
      since = undefined;
      return seen;
    } catch (error) {
      if (error instanceof RolloutFailed || run.signal.aborted) throw error;
      const now = run.clock.now();
      if (since === undefined) run.warn(`the rollout cannot be seen, trying again: ${messageOf(error)}`);
      since ??= now;
      if (now - since > UNSEEN) throw error;
      return undefined;
    }
  };
}
