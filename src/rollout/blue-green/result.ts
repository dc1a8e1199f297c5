import { inService } from '../../fleet/wait.ts';
import type { RolloutResult } from '../rolling.ts';
import { type Change, lookAt } from './context.ts';

/** The result as a fact, for machines. */
export async function tellResult(change: Change, startedAt: number): Promise<RolloutResult> {
  const { run, to: group, from: previousGroup, release, imageId = '', template, previous } = change;
  const { from, to } = await lookAt(change);
  const result: RolloutResult = {
    group,
    previousGroup: previousGroup === group ? undefined : previousGroup,
    kept: previousGroup !== group && from !== undefined,
    release,
    imageId,
    version: template.version,
    previousVersion: previous.version,
    instances: to?.desired ?? 0,
    replaced: to ? inService(to).length : 0,
    duration: run.clock.now() - startedAt,
    detached: false,
  };
  run.fact('rollout', result);
  return result;
}
