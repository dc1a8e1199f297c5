import { duration } from '../config/values.ts';
import { retireExpired } from '../rollout/blue-green/retire-expired.ts';
import { tidyFleet } from '../rollout/tidy.ts';
import { usageError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import { collectGarbage } from '../upkeep/gc.ts';
import type { GcResult, Removal } from '../upkeep/gc-collector.ts';
import { type GlobalOptions, runCommand } from './session.ts';

interface GcCommandOptions extends GlobalOptions {
  /** Such as 24h. */
  olderThan?: string;
  dryRun?: boolean;
  /** Run id. */
  run?: string;
}

/** `bake gc` */
export const gc = (options: GcCommandOptions): Promise<number> =>
  runCommand(
    'gc',
    options,
    async ({ run, cloud, project }) => {
      const { dryRun = false, run: named } = options;
      const olderThan = options.olderThan === undefined ? undefined : milliseconds(options.olderThan);
      // The fleet first: who rolls out may tidy up after rollouts, though perhaps not after builds.
      const tidied = named === undefined ? await tidyFleet(run, cloud, project, { dryRun }) : undefined;
      const may = tidied && tidied.failures.length === 0;
      const retired = may ? await retireExpired(run, cloud, project, { dryRun }) : undefined;
      const result = await collectGarbage(run, cloud, project, { olderThan, dryRun, run: named });
      for (const more of [tidied, retired]) {
        result.removed.push(...(more?.removed ?? []));
        result.failures.push(...(more?.failures ?? []));
      }
      run.fact('gc', { dryRun, ...result });
      for (const failure of result.failures) run.warn(`could not remove ${failure}`);
      const lines = result.removed.map(line);
      // With --dry-run nothing changed.
      if (dryRun && !options.json) for (const text of lines) run.note(`would remove ${text}`);
      return {
        ok: result.failures.length === 0,
        headline: headline(result, dryRun),
        changed: dryRun ? [] : lines,
        next: dryRun && lines.length > 0 ? ['bake gc'] : [],
      };
    },
    { journal: false },
  );

function milliseconds(text: string): number {
  const { data } = duration.safeParse(text);
  if (data !== undefined) return data;
  throw usageError(`--older-than ${text} is not a duration`, 'Write 90s, 30m, 24h or 7d.');
}

const line = ({ kind, id, name, region, why }: Removal): string =>
  `${kind} ${id}${name === id ? '' : ` (${name})`} in ${region}: ${why}`;

function headline({ removed, failures }: GcResult, dryRun: boolean): string {
  const kinds = [...new Set(removed.map(({ kind }) => kind))].map((kind) =>
    count(removed.filter((one) => one.kind === kind).length, kind),
  );
  const what = kinds.length === 0 ? 'nothing' : kinds.join(', ');
  const left = failures.length === 0 ? '' : `; ${failures.length} could not be removed`;
  return `${dryRun ? 'would remove' : 'removed'} ${what}${left}`;
}
