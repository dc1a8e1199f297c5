import type { EventSink } from '../run/events.ts';

/** Turns the events of a run into what a reader wants. */
export interface Reporter {
  emit: EventSink;
  /** Resolves when everything has been said. */
  close(): Promise<void>;
}
