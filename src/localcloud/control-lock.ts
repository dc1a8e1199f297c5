import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  identityOf,
  isAlive,
  LocalCloudError,
  localCloudFiles,
  type ProcessIdentity,
} from './control-info.ts';

const LOOK_AGAIN = 25;
const LONGEST_WAIT = 120_000;
const RELEASED = 'released';

/**
 * One process at a time starts, stops or resets the local cloud of a directory. The lock is a numbered file that names its
 * holder; the highest number counts. Numbers only grow, and a file comes into being with its content (by a hard link), so
 * that two processes which both find a holder dead cannot both take its place: the second finds the next number taken.
 */
export async function withControlLock<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const { locks } = localCloudFiles(directory);
  mkdirSync(locks, { recursive: true, mode: 0o700 });
  const own = join(locks, `own.${process.pid}.${Math.random().toString(36).slice(2)}`);
  writeFileSync(own, JSON.stringify(identityOf(process.pid)));
  try {
    const number = await acquire(locks, own);
    for (const lower of numbers(locks).filter((n) => n < number))
      rmSync(join(locks, `${lower}`), { force: true });
    try {
      return await work();
    } finally {
      // The name `own` and the lock are one file: this is seen under both.
      writeFileSync(own, RELEASED);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

async function acquire(locks: string, own: string): Promise<number> {
  const deadline = Date.now() + LONGEST_WAIT;
  for (;;) {
    const highest = Math.max(0, ...numbers(locks));
    const holder = holderOf(join(locks, `${highest}`));
    if (!holder && take(own, join(locks, `${highest + 1}`))) return highest + 1;
    if (Date.now() > deadline)
      throw new LocalCloudError(
        `process ${holder?.pid} has been starting or stopping the local cloud for two minutes`,
        `End it (kill ${holder?.pid}) and try again.`,
      );
    if (holder) await delay(LOOK_AGAIN);
  }
}

const numbers = (locks: string): number[] =>
  readdirSync(locks)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Who holds this lock now; undefined when it was released or its holder died. */
function holderOf(file: string): ProcessIdentity | undefined {
  try {
    const holder: ProcessIdentity = JSON.parse(readFileSync(file, 'utf8'));
    return isAlive(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function take(own: string, lock: string): boolean {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
