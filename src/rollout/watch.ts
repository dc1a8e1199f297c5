import type { Cloud, InstanceRefresh } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { requireColours } from '../fleet/colours.ts';
import { Roster } from '../fleet/roster.ts';
import { poll } from '../run/poll.ts';
import type { Run } from '../run/run.ts';
import { hasEnded } from '../upkeep/refresh-state.ts';
import { endStateOf } from './end-state.ts';
import { readLock, whyGone } from './lock.ts';
import { workWords } from './lock-words.ts';
import { Progress, progressWords } from './progress.ts';
import type { RolloutRecord } from './record.ts';

/** What was looked on at until its end. */
export interface Watched {
  /** Whether the fleet runs what it was to run. Of what is no rollout: true. */
  arrived: boolean;
  /** Whether somebody has to go on with it: its process is gone, and it is neither done nor undone. */
  left: boolean;
}

/**
 * Looks on until nothing is under way any more, neither an instance refresh nor a process that has the fleet's lock, with progress and an
 * estimate. Changes nothing. Undefined where nothing was under way.
 */
export async function watchRollout(run: Run, cloud: Cloud, project: Project): Promise<Watched | undefined> {
  const first = await lookAt(run, cloud, project);
  if (!first.record && !first.refresh) return undefined;
  const version = first.record?.version ?? first.refresh?.templateVersion;
  const what = first.record ? workWords(first.record) : `the rollout to version ${version}`;
  return run.step('status.watch', `Looking on at ${what}`, async (step) => {
    const { front } = await requireColours(cloud, project);
    const warmup = front.defaultWarmup ?? front.healthCheckGrace;
    const progress = new Progress(project.config.rollout, warmup, run.clock.now());
    const last = await poll<View>(
      async () => {
        const view = await lookAt(run, cloud, project);
        const state = view.refresh ? progressWords(view.refresh) : (view.record?.phase ?? 'ending');
        const { refresh } = view;
        const remainingMs = refresh && progress.see(refresh, run.clock.now()).remaining;
        step.progress(`${state} · ${view.words}`, { percent: refresh?.percent, remainingMs });
        const over = !refresh && (!view.record || view.gone);
        return over ? { done: true, value: view } : { done: false, state };
      },
      {
        what: 'the end of the rollout',
        timeout: Number.MAX_SAFE_INTEGER,
        clock: run.clock,
        signal: run.signal,
        interval: { first: 500, longest: Math.min(10_000, Math.max(500, warmup / 4)) },
      },
    );
    step.summary = last.words;
    const brings = first.record === undefined || first.record.command.startsWith('rollout');
    return { arrived: !brings || last.version === version, left: last.record !== undefined };
  });
}

interface View {
  /** The refresh under way in the group in front. */
  refresh?: InstanceRefresh;
  record?: RolloutRecord;
  /** Whether the process that wrote the record is. */
  gone: boolean;
  /** The launch template version that the group in front launches. */
  version: number | string;
  /** "workers: 2 of 3 instances in service, 1 of launch template version 2" */
  words: string;
}

async function lookAt(run: Run, cloud: Cloud, project: Project): Promise<View> {
  const [{ front }, record] = await Promise.all([requireColours(cloud, project), readLock(cloud, project)]);
  const roster = new Roster(cloud, front.name);
  const [group, [newest]] = await Promise.all([roster.look(), cloud.refreshes.list(front.name)]);
  const refresh = newest && !hasEnded(newest.state) ? newest : undefined;
  const brought = record?.version ?? refresh?.templateVersion ?? Number(group.template.version);
  return {
    refresh,
    record,
    gone: record !== undefined && whyGone(record, run.clock.now()) !== undefined,
    version: group.template.version,
    words: `${group.name}: ${endStateOf(group, brought, project.config.rollout).words}`,
  };
}
