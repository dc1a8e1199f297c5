import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a local cloud is started. */
export interface LocalCloudOptions {
  /** Every delay is divided by this. Default 1. */
  speed?: number;
  /** `sandbox`: instances are real processes; `none`: state machines only. Default sandbox. */
  runtime?: 'sandbox' | 'none';
  /** The same ids and the same jitter every time. */
  seed?: number;
  /** Absolute path of a JSON file with the milliseconds of each transition. */
  latency?: string;
  /** Absolute path of a JSON file with faults, as `/_bake/faults` takes them; they take the place of those before. */
  faults?: string;
  /** Default eu-central-1. */
  region?: string;
}

/** What a running daemon says about itself, in `daemon.json` (mode 0600: it holds the secret key). */
export interface LocalCloudInfo {
  pid: number;
  /** When the process started, in the kernel's own count: tells it from another process with the same id. */
  startTime: string;
  port: number;
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  runtime: 'sandbox' | 'none';
  /** One sentence about how instances run. */
  description: string;
  /** ISO 8601. */
  startedAt: string;
  options: LocalCloudOptions;
}

/** An error of the local cloud's control, in words for people. */
export class LocalCloudError extends Error {
  readonly hint: string | undefined;
  readonly details: readonly string[];

  constructor(message: string, hint?: string, details: readonly string[] = []) {
    super(message);
    this.hint = hint;
    this.details = details;
  }
}

/** The files of the local cloud that belongs to a project's directory. */
export const localCloudFiles = (directory: string) => {
  const home = join(directory, '.bake', 'local');
  return {
    home,
    info: join(home, 'daemon.json'),
    log: join(home, 'daemon.log'),
    store: join(home, 'store'),
    /** The port of last time: tried first, so that what was told of the endpoint stays true. */
    port: join(home, 'port'),
    locks: join(home, 'locks'),
    /** Process id of the daemon that was started last. */
    starting: join(home, 'starting'),
  };
};

/** Of the daemon that runs or ran last; undefined when there is none. */
export function readInfo(directory: string): LocalCloudInfo | undefined {
  try {
    return JSON.parse(readFileSync(localCloudFiles(directory).info, 'utf8'));
  } catch {
    return undefined;
  }
}

/** All at once or not at all. */
export function writeInfo(directory: string, info: LocalCloudInfo): void {
  const { info: file, home } = localCloudFiles(directory);
  mkdirSync(home, { recursive: true });
  writeFileSync(`${file}.tmp`, `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
}

export const removeInfo = (directory: string): void =>
  rmSync(localCloudFiles(directory).info, { force: true });

/** A process that cannot be mistaken for a later one with the same id. */
export interface ProcessIdentity {
  pid: number;
  startTime: string;
}

/**
 * proc(5): field 22 of /proc/PID/stat, counted after the command's closing parenthesis. Empty where there is no /proc,
 * undefined for a process that is gone (or a zombie, which only waits to be collected).
 */
export function startTimeOf(pid: number): string | undefined {
  if (!existsSync('/proc/self/stat')) return signalable(pid) ? '' : undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

export const identityOf = (pid: number): ProcessIdentity => ({ pid, startTime: startTimeOf(pid) ?? '' });

export const isAlive = ({ pid, startTime }: ProcessIdentity): boolean => startTimeOf(pid) === startTime;

function signalable(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
