import type { InstanceRefresh } from '../clouds/cloud.ts';
import type { RolloutConfig } from '../config/schema.ts';
import { count } from '../run/format.ts';
import { estimateRemaining } from './estimate.ts';

/** What keeps a refresh where it is, though nothing is wrong with it. */
export interface Excuse {
  /** bake holds it for a gate. */
  held?: boolean;
  /** Instances wait at a lifecycle hook, which may keep them so long. Milliseconds. */
  hook?: number;
}

/**
 * Watches whether a refresh gets anywhere, and how fast. Progress is a percentage, a number of instances or a state that changed;
 * the cloud's words are not: they name another instance each time while nothing moves.
 */
export class Progress {
  readonly #config: RolloutConfig;
  readonly #warmup: number;
  #last: string | undefined;
  #since: number;
  #lookedAt: number;
  #active = 0;
  #reached = 0;
  #atCheckpoint = false;

  /** `now` and `warmup` in milliseconds. */
  constructor(config: RolloutConfig, warmup: number, now: number) {
    this.#config = config;
    this.#warmup = warmup;
    this.#since = now;
    this.#lookedAt = now;
  }

  /**
   * Takes in one look. `still`: for how long nothing has moved without being meant to stand, milliseconds. `stuckFor` is set once
   * that has been for longer than may be.
   */
  see(
    refresh: InstanceRefresh,
    now: number,
    { held = false, hook = 0 }: Excuse = {},
  ): { changed: boolean; still: number; stuckFor?: number; remaining?: number } {
    if (this.#last === undefined) this.#catchUp(refresh, now);
    const key = `${refresh.state}|${refresh.percent}|${refresh.instancesToUpdate}|${refresh.rollback?.percent}`;
    const changed = key !== this.#last;
    // The cloud's pause may be as long as it was, once bake lets go.
    if (changed || held) this.#since = now;
    if (changed) this.#noteCheckpoint(refresh);
    this.#last = key;
    const paused = this.#pauseOf(refresh);
    if (paused === 0 && !held) this.#active += now - this.#lookedAt;
    this.#lookedAt = now;
    const since = now - this.#since;
    const pauseLeft = Math.max(0, paused - since);
    const still = Math.max(0, since - paused);
    const stuck = still - hook > this.#config.progressDeadline + this.#warmup;
    return {
      changed,
      still,
      stuckFor: stuck ? since : undefined,
      remaining: estimateRemaining(
        { percent: refresh.percent, active: this.#active, pauseLeft },
        this.#config,
      ),
    };
  }

  /** Whoever begins to look in the middle counts what was before, pauses at checkpoints left out. */
  #catchUp({ startedAt, checkpoints, percent }: InstanceRefresh, now: number): void {
    const pauses = checkpoints.filter((checkpoint) => checkpoint <= percent && checkpoint < 100).length;
    this.#active = Math.max(0, now - (startedAt ?? now) - pauses * this.#config.checkpointDelay);
  }

  /** How long it is meant to stand still where it is now: at a checkpoint, or soaking. */
  #pauseOf({ state }: InstanceRefresh): number {
    if (state === 'baking') return this.#config.soak;
    return this.#atCheckpoint ? this.#config.checkpointDelay : 0;
  }

  /** Whether the change has brought it to a checkpoint; the next change ends the pause there. */
  #noteCheckpoint({ percent, checkpoints }: InstanceRefresh): void {
    const reached = Math.max(0, ...checkpoints.filter((checkpoint) => checkpoint <= percent));
    this.#atCheckpoint = reached > this.#reached;
    this.#reached = reached;
  }
}

/** "2 instances to go · waiting for … to warm up": what a look says beside the percentage. Pure. */
export function progressWords(refresh: InstanceRefresh): string {
  const { state, instancesToUpdate, reason } = refresh;
  const doing =
    state === 'baking'
      ? 'soaking'
      : state === 'rollback-in-progress'
        ? 'rolling back'
        : `${count(instancesToUpdate, 'instance')} to go`;
  // A countdown would be news at every look.
  const words = reason?.replace(/ ?There (?:is|are) \d+ seconds? left\.?/, '').replace(/\.$/, '');
  return words ? `${doing} · ${words}` : doing;
}
