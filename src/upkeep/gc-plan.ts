import type { Image, Instance, Leftover } from '../clouds/cloud.ts';
import { formatDuration } from '../run/format.ts';
import { NEVER, TAG } from '../run/tags.ts';

/** Something temporary of a run, found by its tags. */
export interface Temporary {
  kind: 'instance' | 'image' | 'staged file' | 'login key' | Leftover['kind'];
  id: string;
  name: string;
  run: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** What decides whether a run's things may go. */
export interface GcRules {
  /** Milliseconds since the epoch. */
  now: number;
  /** This run's things and no others, whether it goes on or not. */
  run?: string;
  /** Only those of runs that began longer ago than this, milliseconds. */
  olderThan?: number;
  /** Whether a run is known to have crashed. */
  hasCrashed(run: string): boolean;
}

/** Why something may be removed, or undefined: its run may still be going on. */
export function whyRemovable(found: Temporary, rules: GcRules): string | undefined {
  const { now, olderThan = 0 } = rules;
  if (rules.run !== undefined) return found.run === rules.run ? `run ${found.run} was named` : undefined;
  if (beginOf(found.run) > now - olderThan) return undefined;
  if (rules.hasCrashed(found.run)) return `run ${found.run} crashed`;
  if (found.expiresAt > now) return undefined;
  return `run ${found.run} let it expire ${formatDuration(now - found.expiresAt)} ago`;
}

/** A run id begins with its time: `20261121-071530-4f2a9c`. Milliseconds since the epoch; 0 for other ids. */
export function beginOf(run: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(run);
  return parts ? Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`) : 0;
}

type Tagged = Pick<Instance | Image | Leftover, 'id' | 'tags'> & { name?: string };

/** A tagged thing as a temporary one, or undefined: it has no expiry, or has become a lasting one. */
export function temporary(kind: Temporary['kind'], { id, name, tags }: Tagged): Temporary | undefined {
  const { [TAG.run]: run, [TAG.expires]: expires } = tags;
  if (run === undefined || expires === undefined || expires === NEVER || tags[TAG.published])
    return undefined;
  const expiresAt = Date.parse(expires);
  // An expiry that cannot be read is no leave to remove anything.
  return Number.isNaN(expiresAt) ? undefined : { kind, id, name: name ?? tags.Name ?? id, run, expiresAt };
}

/**
 * A copy that its run had marked as published when it ended before it had done so at home, where it is done last: no release. Undefined
 * when the image that it was copied from is a release, or is gone: that was retention, which asks who uses the copy.
 */
export function unpublishedCopy(copy: Image, source: Image | undefined): Temporary | undefined {
  const unfinished = source && temporary('image', source);
  return unfinished && { ...unfinished, id: copy.id, name: copy.name };
}
