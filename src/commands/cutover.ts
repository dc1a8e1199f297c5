import { type CutoverOptions, cutover as cutOver } from '../api/cutover.ts';
import { usageError } from '../run/errors.ts';
import { confirm } from './confirm.ts';
import { chooserFor } from './on-interrupt.ts';
import { type GlobalOptions, hostOperation } from './session.ts';

type CutoverCommandOptions = GlobalOptions &
  Pick<CutoverOptions, 'forceUnlock'> & { emergency?: boolean; force?: boolean; yes?: boolean };

/** `bake cutover` */
export const cutover = (options: CutoverCommandOptions): Promise<number> =>
  hostOperation('cutover', options, ({ project, run, quiet }) => {
    const { emergency = false, force = false, yes, json, forceUnlock } = options;
    if (force && !emergency)
      throw usageError(
        '--force is for --emergency',
        'A planned cutover waits until every instance is healthy.',
      );
    return cutOver(project, {
      ...run,
      mode: force ? 'forced' : emergency ? 'emergency' : 'planned',
      forceUnlock,
      onInterrupt: chooserFor(project.config.rollout.onInterrupt, quiet),
      confirm: (plan, colour) =>
        confirm(`This will ${plan}.`, { yes, json, signal: run.signal!, expected: colour }),
    });
  });
