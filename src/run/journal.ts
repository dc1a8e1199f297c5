import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** One line of a run's journal. `intend` is written before the call that creates, `made` after it, `removed` after clean-up. */
export type JournalEntry =
  | ({
      entry: 'begin';
      command: string;
      project: string;
      environment: string;
      cloud: string;
      region: string;
    } & JournalWriter)
  | { entry: 'intend'; kind: string; name: string }
  | { entry: 'made'; kind: string; name: string; id: string }
  | { entry: 'removed'; kind: string; name: string; id: string }
  | LayerEntry
  | { entry: 'end'; ok: boolean };

/** How far a builder has come: a build that is resumed goes on above the last layer that is whole. */
export interface LayerEntry {
  entry: 'layer';
  builder: string;
  /** The builder is a spot instance. */
  spot: boolean;
  name: string;
  fingerprint: string;
  state: 'begun' | 'provisioned';
}

/** The process that writes a journal: a journal without an end whose writer is gone is that of a crashed run. */
export interface JournalWriter {
  pid: number;
  host: string;
}

/**
 * The run's write-ahead journal (`.bake/runs/<run>.jsonl`): what the run is about to make is on disk (fsync)
 * before the cloud is asked to make it, so that whatever a crash leaves behind has been named.
 */
export interface Journal {
  write(entry: JournalEntry): void;
  close(): void;
}

export function openJournal(file: string): Journal {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'a');
  return {
    write(entry) {
      writeSync(descriptor, `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
      fsyncSync(descriptor);
    },
    close() {
      closeSync(descriptor);
    },
  };
}

/** For commands that create nothing. */
export const noJournal: Journal = { write() {}, close() {} };
