import type { Project } from '../config/schema.ts';
import type { InPlaceResult } from '../rollout/in-place/rollout.ts';
import { isInPlace } from '../rollout/in-place/site.ts';
import { type RollbackResult as FleetRollback, rollBackFleet } from '../rollout/rollback-fleet.ts';
import { count, formatDuration } from '../run/format.ts';
import { asksCloud, rollbackInPlace } from './in-place.ts';
import { type Outcome, perform, type RunOptions } from './perform.ts';

/** Options of `rollback`. */
export interface RollbackOptions extends RunOptions {
  /** Release, or number of a launch template version. Default: the last verified one. */
  to?: string;
  /** Also when somebody holds the lock of the fleet, who loses it. */
  forceUnlock?: boolean;
  /** Awaited when the way back has been told (in a `note` event) and before it is begun; what it throws ends the operation. */
  confirm?: () => Promise<void>;
}

/** What a way back did: to a fleet, or to servers that stay. */
export type RollbackResult = ({ kind: 'fleet' } & FleetRollback) | ({ kind: 'in-place' } & InPlaceResult);

/**
 * Back to the last verified release, by the fastest way that exists: `bake rollback`. Everything is known from the cloud, so that any
 * machine can do it. Once begun it is not interrupted. Resolves when every instance has been seen to run the release.
 */
export const rollback = (project: Project, options: RollbackOptions = {}): Promise<RollbackResult> =>
  perform<RollbackResult>(project, options, {
    command: 'rollback',
    cloud: asksCloud(project),
    async work(session) {
      if (isInPlace(project)) {
        const { result, ...outcome } = await rollbackInPlace(session, options);
        return { ...outcome, result: { kind: 'in-place', ...result } };
      }
      const { to, forceUnlock, confirm } = options;
      const result = await rollBackFleet(session.run, session.cloud, project, { to, forceUnlock, confirm });
      return { ...told(result), result: { kind: 'fleet', ...result } };
    },
  });

function told(result: FleetRollback): Outcome {
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
