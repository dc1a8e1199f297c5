import { BakeError, usageError } from '../run/errors.ts';
import type { FleetHistory, PastRelease } from './history.ts';

/** What the way back starts from. */
export interface Setback {
  history: FleetHistory;
  /** A rollout or a cutover is under way, or was cut short. */
  unfinished: boolean;
  /** The launch template version that it brings. */
  bringing?: number;
  /** Where its own way back goes. */
  before?: number;
  /** A rollback that was cut short was going there: it is gone on with. */
  returning?: number;
  /** The last run has left nothing to take back: it has been taken back already, or brought nothing. */
  undone: boolean;
  /** Instances in front run another version than their group launches, and nothing is under way: a refresh has failed. */
  mixed: boolean;
}

/**
 * Where `bake rollback` goes without being told: what was brought last is taken back, to the last verified release, or where that is the one
 * to be left, to the one that was verified before it. Where it has been taken back already, the fleet stays: who asks twice, or after
 * a rollout that has rolled back by itself, does not lose another release. What cannot be launched any more is no way back. Undefined
 * where none is known. Pure.
 */
export function wayBackOf(setback: Setback): PastRelease | undefined {
  const { history, bringing, before, returning, undone } = setback;
  const { verified, current, colours, releases } = history;
  const unsettled = setback.unfinished || setback.mixed;
  if (undone && !unsettled) return releases.find(({ version }) => version === current);
  const left = unsettled ? bringing : current;
  const other = colours.back?.template.version;
  const candidates = [
    returning,
    verified?.version,
    ...(unsettled ? [before, current] : []),
    ...(verified?.before ?? []),
    other,
  ];
  for (const version of candidates) {
    const found = releases.find((release) => release.version === version);
    if (found && !found.imageGone && (found.version !== left || version === returning)) return found;
  }
  return undefined;
}

/** The same, or the release that is named (by its name, or by the number of its launch template version). Exit code 2 when it is not there. */
export function chooseTarget(setback: Setback, to?: string): PastRelease {
  const { releases, colours } = setback.history;
  if (to === undefined) {
    const found = wayBackOf(setback);
    if (found) return found;
    throw usageError(
      `no release was verified on ${colours.front.name} before the one that it runs, so there is none to go back to by itself`,
      'Name one: `bake rollback --to RELEASE`; `bake history` lists them.',
    );
  }
  const found =
    releases.find(({ release }) => release === to) ?? releases.find(({ version }) => String(version) === to);
  if (!found) {
    const names = releases.slice(0, 8).map(({ release, version }) => release ?? `version ${version}`);
    throw usageError(
      `${colours.front.name} never ran release ${to}`,
      `It has had ${[...new Set(names)].join(', ')}. What was never there is a rollout: \`bake rollout --release ${to}\`.`,
    );
  }
  if (found.imageGone)
    throw new BakeError(
      `${nameOf(found)} cannot be launched any more: its image ${found.imageId} does not exist`,
      { hint: '`bake history` shows which releases can.' },
    );
  return found;
}

/** "release 2 (version 7)" */
export const nameOf = ({ release, version }: Pick<PastRelease, 'release' | 'version'>): string =>
  release === undefined ? `launch template version ${version}` : `release ${release} (version ${version})`;
