import type { Project } from '../config/schema.ts';
import { historyOf, historyRows, type ReleaseHistory } from '../rollout/in-place/history.ts';
import { type InPlacePlan, planRollout } from '../rollout/in-place/plan.ts';
import { rollBackInPlace } from '../rollout/in-place/rollback.ts';
import { type InPlaceResult, rollOutInPlace } from '../rollout/in-place/rollout.ts';
import { isInPlace, needsCloud } from '../rollout/in-place/site.ts';
import { type HostStatus, readStatus, statusHeadline, statusRows } from '../rollout/in-place/status.ts';
import { usageError } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import type { Outcome, Session } from './perform.ts';
import type { RollbackOptions } from './rollback.ts';
import type { RolloutOptions } from './rollout.ts';

/** The result of an operation, and its end in words. */
type Told<T> = Outcome & { result: T };

/** Whether an operation that may be about servers that stay asks a cloud: those that are listed need none. */
export const asksCloud = (project: Project, strategy?: string): boolean =>
  !isInPlace(project, strategy) || needsCloud(project);

/** `rollout` to servers that stay. */
export async function rolloutInPlace(
  session: Session,
  options: RolloutOptions,
): Promise<Told<InPlaceResult>> {
  const { run, project } = session;
  const { release, forceUnlock, image, detach, resume } = options;
  if (image !== undefined)
    throw usageError('--image is for fleets', 'Servers that stay get the directory of inPlace.source.');
  if (detach) throw usageError('an in-place rollout cannot be detached: nobody but bake does it');
  if (resume) throw forFleets('resume');
  const result = await rollOutInPlace(run, () => session.cloud, project, { release, forceUnlock });
  return {
    result,
    headline: headlineOf(result, ' already; nothing changed'),
    changed: result.changed > 0 ? [`${count(result.changed, 'server')} switched`] : [],
    next: ['bake status', ...(result.changed > 0 ? ['bake rollback    # back to what ran before'] : [])],
  };
}

/** Servers that stay have nothing half done that a flag would take up. */
export const forFleets = (flag: string) =>
  usageError(
    `--${flag} is for fleets`,
    'An in-place rollout that died is done by the same command again; `bake rollback` takes it back.',
  );

/** `rollback` of servers that stay. */
export async function rollbackInPlace(
  session: Session,
  { to, forceUnlock, confirm = async () => {} }: RollbackOptions,
): Promise<Told<InPlaceResult>> {
  const { run, project } = session;
  const result = await rollBackInPlace(run, () => session.cloud, project, { to, forceUnlock, confirm });
  return {
    result,
    headline: headlineOf(result, ': there was nothing to take back'),
    changed: result.changed > 0 ? [`${count(result.changed, 'server')} switched back`] : [],
    next:
      result.changed > 0
        ? ['bake status']
        : ['bake history', 'bake rollback --to RELEASE    # goes further back'],
  };
}

const headlineOf = ({ release, hosts, changed, duration }: InPlaceResult, nothing: string): string =>
  `release ${release} runs on ${count(hosts, 'server')}${changed > 0 ? ` after ${formatDuration(duration)}` : nothing}`;

/** `status` of servers that stay. */
export async function statusInPlace(session: Session): Promise<Told<HostStatus[]>> {
  const { run, project, notes } = session;
  const status = await readStatus(run, () => session.cloud, project);
  run.fact('status', { hosts: status });
  if (notes) for (const line of statusRows(status)) run.note(line);
  return { result: status, headline: statusHeadline(status), next: ['bake history'] };
}

/** `history` of servers that stay. */
export async function historyInPlace(session: Session): Promise<Told<ReleaseHistory[]>> {
  const { run, project, notes } = session;
  const history = await historyOf(run, () => session.cloud, project);
  run.fact('history', { releases: history });
  if (notes) for (const line of historyRows(history, run.clock.now())) run.note(line);
  return {
    result: history,
    headline: `${count(history.length, 'release')} on the servers`,
    next: ['bake rollback --to RELEASE'],
  };
}

/** `planRollout` for servers that stay. */
export async function planInPlace(session: Session, release?: string): Promise<Told<InPlacePlan>> {
  const { run, project, notes } = session;
  const plan = await planRollout(run, () => session.cloud, project, release);
  run.fact('rollout.plan', plan);
  if (notes) for (const line of plan.lines) run.note(line);
  const flags = release === undefined ? '' : ` --release ${release}`;
  return {
    result: plan,
    headline:
      plan.changes === 0
        ? `release ${plan.release} runs on every server`
        : `${count(plan.changes, 'server')} would be switched to ${plan.release}`,
    next: plan.changes === 0 ? ['bake status'] : [`bake rollout --strategy in-place${flags}`],
  };
}
