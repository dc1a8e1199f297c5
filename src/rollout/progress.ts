import type { InstanceRefresh } from '../clouds/cloud.ts';
import type { RolloutConfig } from '../config/schema.ts';
import { count } from '../run/format.ts';
import { estimateRemaining } from './estimate.ts';

/**
 * Watches whether a refresh gets anywhere, and how fast. Progress is a percentage, a number of instances or a state that changed;
 * the cloud's words are not: they name another instance each time while nothing moves.
 */
export class Progress {
  readonly #config: RolloutConfig;
  readonly #warmup: number;
  #last = '';
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

  /** Takes in one look. `stuckFor` is set once nothing has moved for longer than may be. */
  see(refresh: InstanceRefresh, now: number): { changed: boolean; stuckFor?: number; remaining?: number } {
    const key = `${refresh.state}|${refresh.percent}|${refresh.instancesToUpdate}|${refresh.rollback?.percent}`;
    const changed = key !== this.#last;
    if (changed) {
      this.#since = now;
      this.#noteCheckpoint(refresh);
    }
    this.#last = key;
    const paused = this.#pauseOf(refresh);
    if (paused === 0) this.#active += now - this.#lookedAt;
    this.#lookedAt = now;
    const still = now - this.#since;
    const pauseLeft = Math.max(0, paused - still);
    const stuck = still > this.#config.progressDeadline + this.#warmup + paused;
    return {
      changed,
      stuckFor: stuck ? still : undefined,
      remaining: estimateRemaining(
        { percent: refresh.percent, active: this.#active, pauseLeft },
        this.#config,
      ),
    };
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
