import type { SmokeConfig } from '../config/schema.ts';
import type { SmokeContext } from './context.ts';
import type { ErrorCount } from './log-rates.ts';

type LogConfig = NonNullable<SmokeConfig['logs']>;

/** Where no old instance is left, it is this long before the rollout that is compared with. Milliseconds. */
const BEFORE = 600_000;
/** More lines are not counted. */
export const MOST_LINES = 10_000;

/** The errors of new and old instances, in the same minutes where both are there. */
export interface Errors {
  fresh: ErrorCount;
  /** Undefined where there never was an old instance. */
  old?: ErrorCount & { when: 'in the same time' | 'before the rollout' };
}

/** Counts errors by instance and time, for `logs.compare`. */
export class LogReference {
  readonly #context: SmokeContext;
  readonly #config: LogConfig;
  readonly #launchedAt = new Map<string, number>();

  constructor(context: SmokeContext, config: LogConfig) {
    this.#context = context;
    this.#config = config;
  }

  /** `errors`: how many the new instances have logged since the rollout began. To be asked right after a look at the roster. */
  async count(errors: number): Promise<Errors> {
    const { roster, version, since, run } = this.#context;
    const now = run.clock.now();
    const { fresh, others } = roster.active(version);
    const known = roster.everBesides(version);
    await this.#learn([...fresh.map(({ id }) => id), ...known]);
    const from = Math.max(since, Math.min(now, ...fresh.map(({ id }) => this.#start(id, since))));
    const watched = fresh.reduce((sum, { id }) => sum + now - this.#start(id, from), 0);
    const counted = { errors, watched: Math.max(1, watched) };
    const ids = others.map(({ id }) => id);
    if (ids.length > 0)
      return { fresh: counted, old: { ...(await this.#of(ids, from, now)), when: 'in the same time' } };
    if (known.length === 0) return { fresh: counted };
    return {
      fresh: counted,
      old: { ...(await this.#of(known, since - BEFORE, since)), when: 'before the rollout' },
    };
  }

  async #of(instances: string[], from: number, to: number): Promise<ErrorCount> {
    const { group, errorPattern: pattern } = this.#config;
    const search = { group, since: from, pattern, streamsContaining: instances, limit: MOST_LINES };
    const events = await this.#context.cloud.logs.search(search);
    const watched = instances.reduce((sum, id) => sum + Math.max(0, to - this.#start(id, from)), 0);
    return { errors: events.filter(({ time }) => time <= to).length, watched: Math.max(1, watched) };
  }

  /** From when on it was there, not before `from`. */
  #start(id: string, from: number): number {
    return Math.max(from, this.#launchedAt.get(id) ?? from);
  }

  /** One that is gone for long is not known any more: it was there all the time. */
  async #learn(ids: string[]): Promise<void> {
    const unknown = ids.filter((id) => !this.#launchedAt.has(id));
    if (unknown.length === 0) return;
    const found = await this.#context.cloud.instances.find(unknown);
    for (const id of unknown) this.#launchedAt.set(id, found.find((one) => one.id === id)?.launchedAt ?? 0);
  }
}
