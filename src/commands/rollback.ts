import { type RollbackOptions, rollback as rollBack } from '../api/rollback.ts';
import { isInPlace } from '../rollout/in-place/site.ts';
import { confirm } from './confirm.ts';
import { IN_PLACE_INTERRUPTED } from './in-place.ts';
import { type GlobalOptions, hostOperation } from './session.ts';

type RollbackCommandOptions = GlobalOptions & Pick<RollbackOptions, 'to' | 'forceUnlock'> & { yes?: boolean };

const INTERRUPTED = {
  first: 'interrupted: a way back that has begun goes on to its end, for half way is the worst place to stay',
  second:
    'the way back is half done; the cloud goes on with what it was told, and `bake rollback` with the rest',
};

/** `bake rollback` */
export const rollback = (options: RollbackCommandOptions): Promise<number> =>
  hostOperation(
    'rollback',
    options,
    ({ project, run, quiet }) => {
      const { to, yes, json, forceUnlock } = options;
      const ask = async () => {
        await quiet();
        await confirm('Go back?', { yes, json, signal: run.signal! });
      };
      return rollBack(project, { ...run, to, forceUnlock, confirm: ask });
    },
    { interrupted: (project) => (isInPlace(project) ? IN_PLACE_INTERRUPTED : INTERRUPTED) },
  );
