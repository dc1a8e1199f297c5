import type { EventSink } from '../run/events.ts';

/** Turns the events of a run into what a reader wants. */
export interface Reporter {
  emit: EventSink;
  /** Resolves when what was emitted so far has been said, where that takes time. */
  said?(): Promise<void>;
  /** Resolves when everything has been said. */
  close(): Promise<void>;
}
