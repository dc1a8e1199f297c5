import type { FileEntry } from './files.ts';

/** How bake reaches a machine: runs scripts on it as root and copies files to it. */
export interface Communicator {
  /** Waits until the machine answers; fails with `DeadlineExceeded` after `timeout` milliseconds. */
  ready(options: { timeout: number; signal: AbortSignal }): Promise<void>;
  /**
   * Runs a script as root, once, even if the request had to be sent twice. Its output (stderr merged, in order,
   * of any length) goes to `onLine` while it runs. A failing script is a result, not an error; errors are
   * a machine that is gone or does not answer.
   */
  run(script: string, options: ScriptOptions): Promise<ScriptResult>;
  /**
   * Copies files to the absolute path `to`: a file becomes that path, a directory's contents lie below it
   * (what was there and is not in `files` stays). Missing parents are made. Fails above what the way to it can carry.
   */
  upload(files: FileEntry[], to: string, options: UploadOptions): Promise<ScriptResult>;
  /** Lets go of sockets. */
  close(): void;
}

export interface ScriptOptions {
  /** What messages call it, and the file name it has on the machine. */
  name: string;
  arguments?: string[];
  /** Plain and secret variables alike; they travel in files on tmpfs, never in process arguments. */
  environment?: Record<string, string>;
  /** Run by bash with `set -euo pipefail`. */
  strict?: boolean;
  /** Milliseconds; after this the script and its children are ended. */
  timeout: number;
  onLine?: (line: string) => void;
  signal: AbortSignal;
}

export interface ScriptResult {
  exitCode: number;
  timedOut: boolean;
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

export interface UploadOptions {
  name: string;
  /** `user:group`, names or numbers; they must exist on the machine. */
  owner: string;
  /** Modification time given to the files, milliseconds since the epoch. */
  modifiedAt: number;
  timeout: number;
  signal: AbortSignal;
}
