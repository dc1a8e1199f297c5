import type { Engine } from '../engine.ts';

interface Wait {
  until: number;
  done: () => void;
}

/** Requests that are being held: they belong to the process, not to the store. */
const waiting = new WeakMap<Engine, Set<Wait>>();

/** Lets held requests go when their time has come. */
export function installWaits(engine: Engine): void {
  const waits = new Set<Wait>();
  waiting.set(engine, waits);
  engine.addReconciler({
    name: 'held requests',
    reconcile(now) {
      let wake: number | undefined;
      for (const wait of waits) {
        if (wait.until <= now) {
          waits.delete(wait);
          wait.done();
        } else wake = Math.min(wake ?? wait.until, wait.until);
      }
      return wake;
    },
  });
}

/** Resolves after so many milliseconds of the engine's time, or when the client goes away. */
export function hold(engine: Engine, milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const waits = waiting.get(engine) as Set<Wait>;
    const wait: Wait = {
      until: engine.clock.now() + milliseconds,
      done() {
        waits.delete(wait);
        signal.removeEventListener('abort', wait.done);
        resolve();
      },
    };
    waits.add(wait);
    signal.addEventListener('abort', wait.done, { once: true });
    engine.settle();
  });
}
