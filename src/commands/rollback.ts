import { isInPlace } from '../rollout/in-place/site.ts';
import { type RollbackResult, rollBackFleet } from '../rollout/rollback-fleet.ts';
import { count, formatDuration } from '../run/format.ts';
import { confirm } from './confirm.ts';
import { IN_PLACE, rollbackInPlace } from './in-place.ts';
import { type GlobalOptions, type Outcome, runCommand } from './session.ts';

export interface RollbackCommandOptions extends GlobalOptions {
  to?: string;
  yes?: boolean;
  forceUnlock?: boolean;
}

const INTERRUPTED = {
  first: 'interrupted: a way back that has begun goes on to its end, for half way is the worst place to stay',
  second:
    'the way back is half done; the cloud goes on with what it was told, and `bake rollback` with the rest',
};

/** `bake rollback` */
export const rollback = (options: RollbackCommandOptions): Promise<number> =>
  runCommand(
    'rollback',
    options,
    async (session) => {
      if (isInPlace(session.project)) return rollbackInPlace(session, options);
      const { run, cloud, project, quiet } = session;
      const { to, yes, json, forceUnlock } = options;
      const ask = async () => {
        await quiet();
        await confirm('Go back?', { yes, json, signal: run.signal });
      };
      return outcome(await rollBackFleet(run, cloud, project, { to, forceUnlock, confirm: ask }));
    },
    {
      ...IN_PLACE.settings(),
      interrupted: (project) => (isInPlace(project) ? IN_PLACE.interrupted : INTERRUPTED),
    },
  );

function outcome(result: RollbackResult): Outcome {
  const { group, release, version, previousVersion, previousRelease, ways, instances, duration } = result;
  const what = release === undefined ? `launch template version ${version}` : `release ${release}`;
  const where = instances === 1 ? 'the 1 instance' : `all ${count(instances, 'instance')}`;
  if (ways.length === 0)
    return {
      headline: `${what} runs on ${where} of ${group}: there was nothing to take back`,
      next: ['bake history', 'bake rollback --to RELEASE    # goes further back'],
    };
  const before = previousRelease === undefined ? `version ${previousVersion}` : `release ${previousRelease}`;
  return {
    headline: `${what} runs on ${where} of ${group} again after ${formatDuration(duration)}`,
    changed: previousVersion === version ? [] : [`${group}: ${before} → ${what}`],
    next: ['bake smoke', 'bake status'],
  };
}
