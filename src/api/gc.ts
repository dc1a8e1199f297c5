import type { Project } from '../config/schema.ts';
import { retireExpired } from '../rollout/blue-green/retire-expired.ts';
import { tidyFleet } from '../rollout/tidy.ts';
import { count } from '../run/format.ts';
import { collectGarbage } from '../upkeep/gc.ts';
import type { GcResult as Collected, Removal } from '../upkeep/gc-collector.ts';
import { perform, type RunOptions } from './perform.ts';

export interface GcOptions extends RunOptions {
  /** Only what runs left that began longer ago than this, milliseconds. */
  olderThan?: number;
  /** Only what this run left, even if it has not expired yet. */
  leftBy?: string;
  /** Only finds what would be removed. */
  dryRun?: boolean;
}

/** What was removed, or would be with `dryRun`. */
export interface GcResult extends Collected {
  dryRun: boolean;
}

/**
 * Removes what crashed builds and rollouts have left, and images beyond `image.keep` that nothing uses: `bake gc`. What could not be
 * removed is in `failures`; it throws only when it could not look.
 */
export const gc = (project: Project, options: GcOptions = {}): Promise<GcResult> =>
  perform(project, options, {
    command: 'gc',
    journal: false,
    async work({ run, cloud, notes }) {
      const { dryRun = false, leftBy, olderThan } = options;
      // The fleet first: who rolls out may tidy up after rollouts, though perhaps not after builds.
      const tidied = leftBy === undefined ? await tidyFleet(run, cloud, project, { dryRun }) : undefined;
      const may = tidied && tidied.failures.length === 0;
      const retired = may ? await retireExpired(run, cloud, project, { dryRun }) : undefined;
      const found = await collectGarbage(run, cloud, project, { olderThan, dryRun, run: leftBy });
      for (const more of [tidied, retired]) {
        found.removed.push(...(more?.removed ?? []));
        found.failures.push(...(more?.failures ?? []));
      }
      const result: GcResult = { dryRun, ...found };
      run.fact('gc', result);
      for (const failure of result.failures) run.warn(`could not remove ${failure}`);
      const lines = result.removed.map(line);
      // With --dry-run nothing changed.
      if (dryRun && notes) for (const text of lines) run.note(`would remove ${text}`);
      return {
        result,
        ok: result.failures.length === 0,
        headline: headline(result),
        changed: dryRun ? [] : lines,
        next: dryRun && lines.length > 0 ? ['bake gc'] : [],
      };
    },
  });

const line = ({ kind, id, name, region, why }: Removal): string =>
  `${kind} ${id}${name === id ? '' : ` (${name})`} in ${region}: ${why}`;

function headline({ removed, failures, dryRun }: GcResult): string {
  const kinds = [...new Set(removed.map(({ kind }) => kind))].map((kind) =>
    count(removed.filter((one) => one.kind === kind).length, kind),
  );
  const what = kinds.length === 0 ? 'nothing' : kinds.join(', ');
  const left = failures.length === 0 ? '' : `; ${failures.length} could not be removed`;
  return `${dryRun ? 'would remove' : 'removed'} ${what}${left}`;
}
