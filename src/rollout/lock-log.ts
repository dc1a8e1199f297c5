import type { Cloud } from '../clouds/cloud.ts';
import type { RolloutRecord } from './record.ts';

/**
 * A fleet's lock is a log: the versions of one parameter. The cloud numbers them, keeps them (AWS: the last 100), and cannot be asked to
 * write only if nothing has changed. So every entry says after which version it was meant to come, and counts only if it did:
 * of two who write at once, one has come too late, and both can tell, as can everybody who reads. Nothing is ever deleted, for
 * then the numbers would begin anew; a lock that was let go says so and stays, with who had it last.
 */
export interface LockEntry {
  record: RolloutRecord;
  /** When it was let go; milliseconds since the epoch. */
  released?: number;
  /** As it was written. */
  text: string;
}

export interface LockLog {
  /** The number of the last version, 0 where there is none. */
  top: number;
  /** The last entry that counts. */
  entry?: LockEntry;
}

/** The parameter that is a fleet's lock. What parameters' names may not hold is written as its code. */
export const lockName = (project: string, environment: string, fleet: string): string =>
  `/bake/${[project, environment, 'lock', fleet].map(inName).join('/')}`;

const inName = (text: string) =>
  text.replace(/[^A-Za-z0-9.-]/gu, (character) =>
    character === '_' ? '_' : `_${character.codePointAt(0)!.toString(16)}`,
  );

/** AWS: a parameter's value has at most 4 KB. All else in a record is names and numbers. */
const LONGEST_REASON = 500;

export const entryText = (record: RolloutRecord, after: number, released?: number): string =>
  JSON.stringify({ after, released, ...record, reason: record.reason?.slice(0, LONGEST_REASON) });

export async function readLockLog(cloud: Cloud, name: string): Promise<LockLog> {
  const last = await cloud.parameters.read(name);
  let seen = last;
  while (seen) {
    const entry = parse(seen.value);
    if (entry?.after === seen.version - 1) {
      const { after: _, released, ...record } = entry;
      return { top: last!.version, entry: { record, released, text: seen.value } };
    }
    if (seen.version <= 1) break;
    seen = await cloud.parameters.read(name, seen.version - 1);
  }
  return { top: last?.version ?? 0 };
}

/** Writes an entry that was made for the version after `top`; false when another has come first. */
export async function append(cloud: Cloud, name: string, top: number, text: string): Promise<boolean> {
  if (top === 0) return cloud.parameters.create(name, text);
  return (await cloud.parameters.put(name, text, 'text')) === top + 1;
}

/** What somebody has written there by hand is no entry. */
function parse(value: string): (RolloutRecord & { after: number; released?: number }) | undefined {
  try {
    const entry = JSON.parse(value);
    return typeof entry?.run === 'string' && typeof entry.expires === 'number' ? entry : undefined;
  } catch {
    return undefined;
  }
}
