import { type RollbackResult, rollBackFleet } from '../rollout/rollback-fleet.ts';
import { count, formatDuration } from '../run/format.ts';
import { confirm } from './confirm.ts';
import { type GlobalOptions, type Outcome, runCommand } from './session.ts';

export interface RollbackCommandOptions extends GlobalOptions {
  to?: string;
  yes?: boolean;
  forceUnlock?: boolean;
}

/** `bake rollback` */
export const rollback = (options: RollbackCommandOptions): Promise<number> =>
  runCommand('rollback', options, async ({ run, cloud, project }) => {
    const { to, yes, json, forceUnlock } = options;
    const result = await rollBackFleet(run, cloud, project, {
      to,
      forceUnlock,
      confirm: () => confirm('Go back?', { yes, json, signal: run.signal }),
    });
    return outcome(result);
  });

function outcome(result: RollbackResult): Outcome {
  const { group, release, version, previousVersion, previousRelease, ways, instances, duration } = result;
  const what = release === undefined ? `launch template version ${version}` : `release ${release}`;
  const where = instances === 1 ? 'the 1 instance' : `all ${count(instances, 'instance')}`;
  if (ways.length === 0)
    return { headline: `${what} runs on ${where} of ${group} already`, next: ['bake status'] };
  const before = previousRelease === undefined ? `version ${previousVersion}` : `release ${previousRelease}`;
  return {
    headline: `${what} runs on ${where} of ${group} again after ${formatDuration(duration)}`,
    changed: previousVersion === version ? [] : [`${group}: ${before} → ${what}`],
    next: ['bake smoke', 'bake status'],
  };
}
