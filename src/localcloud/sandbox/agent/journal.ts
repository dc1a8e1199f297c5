import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';

export interface JournalEntry {
  /** Milliseconds since the epoch. */
  at: number;
  unit: string;
  /** SYSLOG_IDENTIFIER. */
  name: string;
  pid: number;
  message: string;
}

/** As many lines are kept; older ones are forgotten first, as by a journal in memory (Storage=volatile). */
const MOST_ENTRIES = 20_000;
/** journald.conf(5): LineMax. */
const LONGEST_LINE = 49_152;

/** What services print and what happens to them. In memory: it must not become part of an image. */
export class Journal {
  readonly #added = new EventEmitter();
  #entries: JournalEntry[] = [];

  constructor() {
    this.#added.setMaxListeners(0);
  }

  add(entry: Omit<JournalEntry, 'at'>): void {
    const whole = { at: Date.now(), ...entry };
    this.#entries.push(whole);
    if (this.#entries.length > MOST_ENTRIES * 1.1) this.#entries = this.#entries.slice(-MOST_ENTRIES);
    this.#added.emit('entry', whole);
  }

  /** What the service manager itself has to say about a unit. */
  note(unit: string, message: string): void {
    this.add({ unit, name: 'systemd', pid: 1, message });
  }

  entries(): JournalEntry[] {
    return this.#entries;
  }

  forget(): void {
    this.#entries = [];
  }

  /** Calls `listener` for each entry from now on; returns what stops that. */
  follow(listener: (entry: JournalEntry) => void): () => void {
    this.#added.on('entry', listener);
    return () => void this.#added.off('entry', listener);
  }

  /** Adds each line of a stream. */
  take(stream: Readable, from: { unit: string; name: string; pid: number }): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() as string;
      if (rest.length > LONGEST_LINE) {
        lines.push(rest);
        rest = '';
      }
      for (const message of lines) this.add({ ...from, message });
    });
    stream.on('end', () => {
      if (rest !== '') this.add({ ...from, message: rest });
    });
    stream.on('error', () => {}); // The writer was killed.
  }
}
