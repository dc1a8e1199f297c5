import { ServiceError } from './errors.ts';

/**
 * How long each transition takes, milliseconds, before `--speed` divides it. The defaults are short: a person waits.
 * `--latency FILE` (JSON, the same keys, milliseconds) sets them one by one; `realistic` gives what the clouds take.
 */
export const DEFAULT_LATENCY = {
  /** RunInstances to running, on top of what the process itself takes. */
  'instance.pending': 50,
  'instance.stopping': 50,
  'instance.shutting-down': 50,
  /** CreateImage to available. */
  'image.pending': 200,
  /** CopyImage to available. */
  'image.copy': 300,
  /** CreateSnapshot and CopySnapshot to completed. */
  'snapshot.pending': 100,
  /** CreateVolume to available. */
  'volume.creating': 50,
  /** An instance of a group: running to InService. */
  'group.launch': 100,
  /** How often a group looks at itself. */
  'group.tick': 500,
  /** How often an instance refresh looks at itself. */
  'refresh.tick': 500,
  /** A command: sent to delivered to the agent. */
  'command.delivery': 0,
};

export type Transition = keyof typeof DEFAULT_LATENCY;

export interface Latency {
  /** Milliseconds a transition takes at the present speed. */
  of(transition: Transition): number;
  /**
   * A wait of the cloud's own that a user asked for (warmup, checkpoint delay …) at the present speed, milliseconds.
   * Not for the time that real processes are given (visibility timeout, command time-out, heartbeat of a lifecycle hook):
   * they work no faster at any speed.
   */
  scale(ms: number): number;
}

export function createLatency(
  options: { speed?: number; overrides?: Partial<Record<string, number>> } = {},
): Latency {
  const speed = options.speed ?? 1;
  for (const key of Object.keys(options.overrides ?? {})) {
    if (!(key in DEFAULT_LATENCY)) {
      throw new ServiceError(
        'InvalidLatency',
        `unknown transition ${key}; known: ${Object.keys(DEFAULT_LATENCY).join(', ')}`,
      );
    }
  }
  const table: Record<string, number> = {
    ...DEFAULT_LATENCY,
    ...(options.overrides as Record<string, number>),
  };
  return { of: (transition) => (table[transition] as number) / speed, scale: (ms) => ms / speed };
}
