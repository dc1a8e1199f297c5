import type { Runtime } from '../sandbox/runtime.ts';
import type { EngineClock } from './clock.ts';
import type { Ids } from './ids.ts';
import type { Latency } from './latency.ts';
import type { Store } from './store.ts';

/**
 * A state machine of the engine. `reconcile` brings everything that is due at `now` one step forward and returns when it
 * wants to look again (milliseconds since the epoch), or undefined. It must be a function of the store alone, so that it goes
 * on after a restart, and must come to rest: called twice at the same moment, the second call changes nothing.
 */
export interface Reconciler {
  name: string;
  reconcile(now: number): number | undefined;
}

/** Serves each instance's metadata (IMDSv2) on the instance's own address. */
export interface MetadataHost {
  /** Starts (or finds) the listener of an instance; returns its URL, without a trailing slash. */
  open(instanceId: string, address: string): Promise<string>;
  close(instanceId: string): Promise<void>;
}

/** What every part of the embedded cloud is handed. */
export interface Engine {
  readonly clock: EngineClock;
  readonly store: Store;
  readonly ids: Ids;
  readonly latency: Latency;
  readonly runtime: Runtime;
  readonly account: string;
  readonly region: string;
  /** Undefined where instances have no processes to ask it. */
  metadata: MetadataHost | undefined;
  /** `http://127.0.0.1:PORT`, as instances see it. Empty until the server listens. */
  endpoint: string;
  /** Files of the cloud: console logs and the like. Undefined in memory. */
  readonly directory: string | undefined;
  addReconciler(reconciler: Reconciler): void;
  /** Runs all reconcilers until nothing changes, puts the changes on disk, and sets the next wake-up. Call after every change. */
  settle(): void;
  /** Says what happened, for `bake local logs`. */
  log(message: string): void;
  /** Starts something asynchronous (the runtime) whose end changes the store: its end settles the engine; errors are logged. */
  background(what: string, work: () => Promise<void>): void;
  /** Resolves when all background work has ended (tests, shutdown). */
  idle(): Promise<void>;
}

export interface EngineOptions {
  clock: EngineClock;
  store: Store;
  ids: Ids;
  latency: Latency;
  runtime: Runtime;
  account?: string;
  region?: string;
  directory?: string;
  log?: (message: string) => void;
}

/** More rounds than this at one moment means that two machines push each other for ever. */
const MOST_ROUNDS = 1_000;

export function createEngine(options: EngineOptions): Engine {
  const { clock, store } = options;
  const reconcilers: Reconciler[] = [];
  const running = new Set<Promise<void>>();
  const log = options.log ?? (() => {});

  const settle = () => {
    const now = clock.now();
    let wake: number | undefined;
    for (let round = 0; ; round++) {
      const before = store.version;
      wake = undefined;
      for (const { reconcile } of reconcilers) {
        const next = reconcile(now);
        if (next !== undefined) wake = Math.min(wake ?? next, next);
      }
      if (store.version === before) break;
      if (round === MOST_ROUNDS) throw new Error('the engine does not come to rest');
    }
    store.flush();
    clock.wakeAt(wake, settle);
  };

  return {
    clock,
    store,
    ids: options.ids,
    latency: options.latency,
    runtime: options.runtime,
    account: options.account ?? '000000000000',
    region: options.region ?? 'eu-central-1',
    metadata: undefined,
    endpoint: '',
    directory: options.directory,
    addReconciler: (reconciler) => void reconcilers.push(reconciler),
    settle,
    log,
    background(what, work) {
      const job = work()
        .catch((error: unknown) =>
          log(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
        )
        .then(() => {
          running.delete(job);
          settle();
        });
      running.add(job);
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
