import { historyOf, historyRows } from '../rollout/in-place/history.ts';
import { planRollout } from '../rollout/in-place/plan.ts';
import { rollBackInPlace } from '../rollout/in-place/rollback.ts';
import { type InPlaceResult, rollOutInPlace } from '../rollout/in-place/rollout.ts';
import { setupScript } from '../rollout/in-place/setup.ts';
import { inPlaceConfig, isInPlace, needsCloud } from '../rollout/in-place/site.ts';
import { readStatus, statusHeadline, statusRows } from '../rollout/in-place/status.ts';
import { usageError } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import { confirm } from './confirm.ts';
import { withFailures } from './failure.ts';
import type { RollbackCommandOptions } from './rollback.ts';
import type { RolloutOptions } from './rollout.ts';
import {
  type CommandSettings,
  type GlobalOptions,
  type Outcome,
  openProject,
  type Session,
} from './session.ts';
import type { StatusOptions } from './status.ts';

/** How commands run where they may be about servers that stay. */
export const IN_PLACE = {
  settings: (strategy?: string): CommandSettings => ({
    cloud: (project) => !isInPlace(project, strategy) || needsCloud(project),
  }),
  interrupted: {
    first: 'interrupted: servers that were switched are switched back',
    second:
      'some servers may be half way; `bake status` shows each, the same command again goes on, `bake rollback` goes back',
  },
};

/** `bake rollout` for servers that stay. */
export async function rolloutInPlace(session: Session, options: RolloutOptions): Promise<Outcome> {
  const { run, project } = session;
  const { release, forceUnlock, image, detach, resume, abort } = options;
  if (image !== undefined)
    throw usageError('--image is for fleets', 'Servers that stay get the directory of inPlace.source.');
  if (detach) throw usageError('an in-place rollout cannot be detached: nobody but bake does it');
  if (resume || abort)
    throw usageError(
      `--${resume ? 'resume' : 'abort'} is for fleets`,
      'An in-place rollout that died is done by the same command again; `bake rollback` takes it back.',
    );
  const result = await rollOutInPlace(run, () => session.cloud, project, { release, forceUnlock });
  return {
    headline: headlineOf(result, 'already; nothing changed'),
    changed: result.changed > 0 ? [`${count(result.changed, 'server')} switched`] : [],
    next: ['bake status', ...(result.changed > 0 ? ['bake rollback    # back to what ran before'] : [])],
  };
}

/** `bake rollback` for servers that stay. */
export async function rollbackInPlace(session: Session, options: RollbackCommandOptions): Promise<Outcome> {
  const { run, project, quiet } = session;
  const { to, yes, json, forceUnlock } = options;
  const ask = async () => {
    await quiet();
    await confirm('Go back?', { yes, json, signal: run.signal });
  };
  const result = await rollBackInPlace(run, () => session.cloud, project, { to, forceUnlock, confirm: ask });
  return {
    headline: headlineOf(result, ': there was nothing to take back'),
    changed: result.changed > 0 ? [`${count(result.changed, 'server')} switched back`] : [],
    next:
      result.changed > 0
        ? ['bake status']
        : ['bake history', 'bake rollback --to RELEASE    # goes further back'],
  };
}

const headlineOf = ({ release, hosts, changed, duration }: InPlaceResult, nothing: string): string => {
  const where = `release ${release} runs on ${count(hosts, 'server')}`;
  if (changed > 0) return `${where} after ${formatDuration(duration)}`;
  return nothing.startsWith(':') ? `${where}${nothing}` : `${where} ${nothing}`;
};

/** `bake status` for servers that stay. */
export async function statusInPlace(session: Session, { json }: StatusOptions): Promise<Outcome> {
  const { run, project } = session;
  const status = await readStatus(run, () => session.cloud, project);
  run.fact('status', { hosts: status });
  // Machines read the fact; the lines are for people.
  if (!json) for (const line of statusRows(status)) run.note(line);
  return { headline: statusHeadline(status), next: ['bake history'] };
}

/** `bake history` for servers that stay. */
export async function historyInPlace(session: Session, { json }: GlobalOptions): Promise<Outcome> {
  const { run, project } = session;
  const history = await historyOf(run, () => session.cloud, project);
  run.fact('history', { releases: history });
  if (!json) for (const line of historyRows(history, run.clock.now())) run.note(line);
  return {
    headline: `${count(history.length, 'release')} on the servers`,
    next: ['bake rollback --to RELEASE'],
  };
}

/** `bake plan rollout` for servers that stay. */
export async function planInPlace(session: Session, { release, json }: RolloutOptions): Promise<Outcome> {
  const { run, project } = session;
  const plan = await planRollout(run, () => session.cloud, project, release);
  run.fact('rollout.plan', plan);
  if (!json) for (const line of plan.lines) run.note(line);
  const flags = release === undefined ? '' : ` --release ${release}`;
  return {
    headline:
      plan.changes === 0
        ? `release ${plan.release} runs on every server`
        : `${count(plan.changes, 'server')} would be switched to ${plan.release}`,
    next: plan.changes === 0 ? ['bake status'] : [`bake rollout --strategy in-place${flags}`],
  };
}

/** `bake in-place setup --print`: what prepares a server, as a script for its root. */
export const inPlaceSetup = (options: GlobalOptions): Promise<number> =>
  withFailures(options, async () => {
    const project = openProject(options);
    process.stdout.write(setupScript(inPlaceConfig(project), project.config.project));
    return 0;
  });
