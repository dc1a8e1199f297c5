import type { Cloud, Leftover } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { imagesOf } from '../image/images.ts';
import type { Run } from '../run/run.ts';
import { Collector, type GcResult } from './gc-collector.ts';
import { hasCrashed } from './gc-journals.ts';
import type { GcRules } from './gc-plan.ts';
import { retention } from './retention.ts';

export interface GcOptions {
  /** Only what runs left that began longer ago than this, milliseconds. */
  olderThan?: number;
  /** This run's things and no others, whether it goes on or not. */
  run?: string;
  /** Say what would be removed. */
  dryRun?: boolean;
}

const KINDS: Leftover['kind'][] = ['volume', 'snapshot', 'key pair', 'security group'];

/**
 * Removes what crashed runs of the project have left, found by tags alone, and images that have had their time. Never touches a run
 * that may be going on: what has not expired yet goes only when this machine knows that its run crashed, or when the run is named.
 */
export async function collectGarbage(
  run: Run,
  cloud: Cloud,
  project: Project,
  options: GcOptions,
): Promise<GcResult> {
  const result: GcResult = { removed: [], failures: [] };
  const { olderThan, run: named } = options;
  const rules: GcRules = {
    now: run.clock.now(),
    run: named,
    olderThan,
    hasCrashed: (id) => hasCrashed(project.directory, id),
  };
  // Copies first: whether they are releases is known from the image that they were copied from.
  const elsewhere = imagesOf(project).flatMap(({ config }) => config.image.distribute.regions);
  const regions = [...new Set(elsewhere)].filter((region) => region !== cloud.region);
  for (const region of [...regions, cloud.region]) {
    const place = region === cloud.region ? cloud : cloud.inRegion(region);
    const title = options.dryRun ? `Look for leftovers in ${region}` : `Remove leftovers in ${region}`;
    await run.step(`gc-${region}`, title, async (step) => {
      const collector = new Collector(run, place, project, options.dryRun ?? false, result);
      // Elsewhere there are copies of images, and nothing else.
      const home = place === cloud;
      const before = result.removed.length;
      if (home) await collector.endInstances(rules);
      if (home) await collector.removeStaged(rules);
      if (home) await collector.removeLoginKeys(rules);
      await collector.removeImages(rules, cloud);
      await collector.removeLeftovers(home ? KINDS : ['snapshot'], rules);
      if (named === undefined) await retention(collector, { home, now: rules.now });
      const n = result.removed.length - before;
      step.summary = n === 0 ? 'nothing' : `${n} ${options.dryRun ? 'to remove' : 'removed'}`;
    });
  }
  return result;
}
