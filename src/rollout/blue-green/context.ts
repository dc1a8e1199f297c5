import type { Cloud, ScalingGroup } from '../../clouds/cloud.ts';
import type { Project, RolloutConfig } from '../../config/schema.ts';
import type { Roster } from '../../fleet/roster.ts';
import { BakeError } from '../../run/errors.ts';
import type { Run } from '../../run/run.ts';
import type { SmokeBaseline } from '../../smoke/run.ts';
import type { FleetLock } from '../record.ts';
import type { Route } from './route.ts';

/** How careful a change of colours is. */
export interface Care {
  /** Smoke tests before and after traffic moves, and the hooks before it. */
  gates: boolean;
  /** Traffic by weights moves step by step. */
  steps: boolean;
  /** How many instances of the new colour must be healthy before the old one is let go. */
  healthy: 'all' | number;
}

/** What every part of one change of colours knows. */
export interface Change {
  run: Run;
  cloud: Cloud;
  project: Project;
  config: RolloutConfig;
  lock: FleetLock;
  /** `rollout`: the new colour is made for it, and goes when it is undone. `cutover`: both colours were there. */
  kind: 'rollout' | 'cutover';
  care: Care;
  /** Name of the scaling group that was in front when it began. */
  from: string;
  /** Name of the one that is to be in front. */
  to: string;
  /** The group in front as it was when this process first looked. */
  before: ScalingGroup;
  /** The launch template version that the new colour runs. */
  template: { id: string; version: number };
  /** The release that it brings, or the image's id, for sentences. */
  release: string;
  /** Its image; undefined where a record does not tell. */
  imageId?: string;
  /** What the old colour runs. */
  previous: { release?: string; version: number };
  route: Route;
  /** Looks after the new colour, and knows the old one. */
  roster: Roster;
  baseline: SmokeBaseline;
  /** When it began, whichever process did. Milliseconds since the epoch. */
  since: number;
}

/** Both groups as they are now, in one call; undefined where one does not exist (or is being deleted). */
export async function lookAt({
  cloud,
  from,
  to,
}: Pick<Change, 'cloud' | 'from' | 'to'>): Promise<{ from?: ScalingGroup; to?: ScalingGroup }> {
  const found = (await cloud.groups.findAll([from, to])).filter(({ status }) => status === undefined);
  const named = (name: string) => found.find((group) => group.name === name);
  return { from: named(from), to: named(to) };
}

/** The same where both have to be there. */
export async function bothGroups(
  change: Pick<Change, 'cloud' | 'from' | 'to'>,
): Promise<{ from: ScalingGroup; to: ScalingGroup }> {
  const { from, to } = await lookAt(change);
  if (from && to) return { from, to };
  throw new BakeError(`scaling group ${from ? change.to : change.from} does not exist any more`);
}

/** "release 1 (version 1)": what the old colour runs. */
export const previousWords = ({ previous: { release, version } }: Pick<Change, 'previous'>): string =>
  release === undefined ? `launch template version ${version}` : `release ${release} (version ${version})`;
