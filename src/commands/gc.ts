import { gc as collect } from '../api/gc.ts';
import { duration } from '../config/values.ts';
import { usageError } from '../run/errors.ts';
import { type GlobalOptions, hostOperation } from './session.ts';

interface GcCommandOptions extends GlobalOptions {
  /** Such as 24h. */
  olderThan?: string;
  dryRun?: boolean;
  /** Run id. */
  run?: string;
}

/** `bake gc` */
export const gc = (options: GcCommandOptions): Promise<number> =>
  hostOperation(
    'gc',
    options,
    ({ project, run }) => {
      const { dryRun, run: leftBy } = options;
      const olderThan = options.olderThan === undefined ? undefined : milliseconds(options.olderThan);
      return collect(project, { ...run, olderThan, leftBy, dryRun });
    },
    { page: false },
  );

function milliseconds(text: string): number {
  const { data } = duration.safeParse(text);
  if (data !== undefined) return data;
  throw usageError(`--older-than ${text} is not a duration`, 'Write 90s, 30m, 24h or 7d.');
}
