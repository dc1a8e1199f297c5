import type { Cloud } from '../clouds/cloud.ts';
import type { Project, RolloutConfig } from '../config/schema.ts';
import type { Roster } from '../fleet/roster.ts';
import type { FleetImage } from '../fleet/settings.ts';
import type { Run } from '../run/run.ts';
import type { SmokeBaseline } from '../smoke/run.ts';
import type { Hold } from './hold.ts';
import type { Preflight } from './preflight.ts';
import type { FleetLock } from './record.ts';

/** What the way back needs to know: that of `bake rollback` no less than that of a rollout that failed. */
export interface WayBack {
  run: Run;
  cloud: Cloud;
  config: RolloutConfig;
  /** `previous` is where it goes. */
  before: Pick<Preflight, 'group' | 'template' | 'previous'>;
  roster: Roster;
  lock: FleetLock;
  hold: Hold;
}

/** What every part of one rollout knows. */
export interface Rollout extends WayBack {
  project: Project;
  before: Preflight;
  baseline: SmokeBaseline;
  image: FleetImage;
  /** The release's name, or the image's id where it has none. */
  release: string;
  /** The launch template version that it brings. */
  version: number;
  /** When it began, whichever process did. Milliseconds since the epoch. */
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
