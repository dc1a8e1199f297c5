import type { Cloud } from '../clouds/cloud.ts';
import type { Project, RolloutConfig } from '../config/schema.ts';
import type { Roster } from '../fleet/roster.ts';
import type { FleetImage } from '../fleet/settings.ts';
import type { Run } from '../run/run.ts';
import type { SmokeBaseline } from '../smoke/run.ts';
import type { Preflight } from './preflight.ts';

/** What every part of one rollout knows. */
export interface Rollout {
  run: Run;
  cloud: Cloud;
  project: Project;
  config: RolloutConfig;
  before: Preflight;
  roster: Roster;
  baseline: SmokeBaseline;
  image: FleetImage;
  /** The release's name, or the image's id where it has none. */
  release: string;
  /** The launch template version that it brings. */
  version: number;
  /** Milliseconds since the epoch. */
  since: number;
}

/** "release 2", or "version 1" where no release is known: what the fleet ran before. */
export const previousWords = async ({
  roster,
  before,
}: Pick<Rollout, 'roster' | 'before'>): Promise<string> => {
  const release = await roster.releaseOf(before.previous.version);
  return release === undefined
    ? `launch template version ${before.previous.version}`
    : `release ${release} (version ${before.previous.version})`;
};
