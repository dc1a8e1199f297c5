/** The signals that ask for an orderly end. A closed terminal asks too. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One press of Ctrl-C may arrive twice: from the terminal, which signals the whole process group, and from `npx`, which
 * passes on what it got. Within this time, milliseconds, they count as one.
 */
const SAME_PRESS = 250;

export interface Interrupts {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  stop(): void;
}

/**
 * The first signal aborts, so that the run cleans up; `onFirst` may say so. Another one, later, means "at once":
 * `onSecond` has the last word before the process ends with exit code 130.
 */
export function listenForInterrupts(handlers: { onFirst(): void; onSecond(): void }): Interrupts {
  const controller = new AbortController();
  let first: number | undefined;
  const listener = () => {
    const now = performance.now();
    if (first === undefined) {
      first = now;
      controller.abort();
      handlers.onFirst();
    } else if (now - first > SAME_PRESS) {
      handlers.onSecond();
      process.exit(130);
    }
  };
  for (const name of SIGNALS) process.on(name, listener);
  return {
    signal: controller.signal,
    stop() {
      for (const name of SIGNALS) process.removeListener(name, listener);
    },
  };
}
