import type { Pace } from '../run/poll.ts';
import type { FileEntry } from './files.ts';

/** How bake reaches a machine: runs scripts on it as root and copies files to it. */
export interface Communicator {
  /** Waits until the machine answers; fails with `DeadlineExceeded` after `timeout` milliseconds. */
  ready(options: { timeout: number; signal: AbortSignal; pace?: Pace }): Promise<void>;
  /**
   * Does tasks in order, as root, each once, even if the request had to be sent twice; it ends with the first that fails. Output
   * (stderr merged, in order, of any length) goes to `onLine` while a script runs. A failing script is a result, the last
   * one, not an error; errors are a machine that is gone or does not answer, and files that are more than the way to it can carry.
   */
  perform(tasks: Task[], options: PerformOptions): Promise<ScriptResult[]>;
  /** One script alone. */
  run(script: string, options: ScriptOptions & PerformOptions): Promise<ScriptResult>;
  /** Lets go of sockets. */
  close(): void;
}

export interface PerformOptions {
  signal: AbortSignal;
  /** All that was written is on the disk in the end: an image is taken of the running machine next. */
  flush?: boolean;
  /** How long all of it took the last time, milliseconds. */
  expected?: number;
  /** Nobody reads the output while it comes. */
  quiet?: boolean;
}

/** What is done on a machine in one go. */
export type Task = ScriptTask | UploadTask;

export interface ScriptTask extends ScriptOptions {
  script: string;
}

/**
 * Copies files to the absolute path `to`: a file becomes that path, a directory's contents lie below it
 * (what was there and is not in `files` stays). Missing parents are made.
 */
export interface UploadTask {
  files: FileEntry[];
  to: string;
  name: string;
  /** `user:group`, names or numbers; they must exist on the machine. */
  owner: string;
  /** Modification time given to the files, milliseconds since the epoch. */
  modifiedAt: number;
  /** Milliseconds. */
  timeout: number;
  onStart?: () => void;
}

export interface ScriptOptions {
  /** What messages call it, and the file name it has on the machine. */
  name: string;
  arguments?: string[];
  /** Variables travel in files on tmpfs, never in process arguments. */
  environment?: Record<string, string>;
  /** Variables whose values nobody may read on the way. */
  secrets?: Record<string, string>;
  /** Run by bash with `set -euo pipefail`. */
  strict?: boolean;
  /** Milliseconds; after this the script and its children are ended. */
  timeout: number;
  /** When it begins, as far as it is noticed before its end. */
  onStart?: () => void;
  onLine?: (line: string) => void;
}

export interface ScriptResult {
  exitCode: number;
  timedOut: boolean;
  /** What it took on the machine, milliseconds. */
  durationMs: number;
  /** The last 20 lines of output. */
  tail: string[];
  /** Where a bash script failed (or hung, when it timed out), as far as bash could tell. */
  failure?: ScriptFailure;
}

export interface ScriptFailure {
  /** 1 is the first; 0 when it is not known. */
  line: number;
  /** The command as written, variables not expanded; empty when it is not known. */
  command: string;
  /** The sourced file that the line is in; undefined for the script itself. */
  source?: string;
}
