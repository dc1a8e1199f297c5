import type { Tags } from '../clouds/cloud.ts';
import { TAG } from '../run/tags.ts';

/** What a fleet's group remembers of releases that have passed their smoke tests there. */
export interface Verified {
  release: string;
  /** Its launch template version. */
  version: number;
  /** Versions that were verified before it and can be gone back to, the latest first. */
  before: number[];
}

/** AWS: a tag's value has at most 256 characters. */
const MOST_BEFORE = 20;

export function verifiedOf(tags: Tags): Verified | undefined {
  const version = Number(tags[TAG.verifiedVersion]);
  if (!Number.isInteger(version) || version < 1) return undefined;
  const before = (tags[TAG.verifiedBefore] ?? '').split(' ').map(Number).filter(Number.isInteger);
  const release = tags[TAG.verifiedRelease] ?? `version ${version}`;
  return { release, version, before: before.filter((other) => other > 0 && other !== version) };
}

/**
 * The tags of a group where this release has proved itself, from those of the group that was in front until now: what was verified
 * before it is remembered. Going back to one of these forgets those that came after it: they are no way back. Pure.
 */
export function verifiedTags(tags: Tags, now: { release: string; version: number }): Tags {
  const known = verifiedOf(tags);
  const history = known ? [known.version, ...known.before] : [];
  const at = history.indexOf(now.version);
  const before = at < 0 ? history : history.slice(at + 1);
  return {
    [TAG.verifiedRelease]: now.release,
    [TAG.verifiedVersion]: String(now.version),
    [TAG.verifiedBefore]: before.slice(0, MOST_BEFORE).join(' '),
  };
}
