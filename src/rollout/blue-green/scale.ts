import type { ScalingGroup } from '../../clouds/cloud.ts';
import { inService, waitInService } from '../../fleet/wait.ts';
import { DeadlineExceeded } from '../../run/errors.ts';
import { count, formatDuration } from '../../run/format.ts';
import { poll } from '../../run/poll.ts';
import type { Step } from '../../run/run.ts';
import { bothGroups, type Change } from './context.ts';

/** The account's limits do not grow while the other colour runs. */
const LIMIT = /limit|quota/i;

/** How long instances may take: what the group itself asks to wait for them, and the configured patience. Milliseconds. */
export const readyTimeout = (
  { config }: Pick<Change, 'config'>,
  { healthCheckGrace, defaultWarmup = 0 }: ScalingGroup,
): number => config.progressDeadline + healthCheckGrace + defaultWarmup;

/**
 * Gives the new colour as many instances as the old one wants *now*, and waits until all are healthy, and have been for one warmup.
 * While it waits the old one may grow: the new one follows. It is never made smaller. Returns how many it has. Instances that come into
 * service and fall out again are waited for no longer than those that never come.
 */
export async function matchCapacity(change: Change, step: Step): Promise<number> {
  const { run, cloud } = change;
  const since = run.clock.now();
  let wanted = 0;
  let begun = since;
  for (;;) {
    const before = wanted;
    wanted = await raise(change);
    if (wanted > before) begun = run.clock.now();
    const timeout = readyTimeout(change, (await bothGroups(change)).to);
    const left = begun + timeout - run.clock.now();
    if (left <= 0) throw restless(change.to, timeout);
    const to = await waitInService(run, cloud, change.to, { step, since, timeout: left, hopeless: LIMIT });
    if (await staysSo(change, step, to.defaultWarmup ?? to.healthCheckGrace, wanted)) return wanted;
  }
}

const restless = (group: string, ms: number): DeadlineExceeded =>
  new DeadlineExceeded(
    `instances of ${group} come into service and fall out again, for ${formatDuration(ms)}: they do not stay healthy for one warmup`,
    { hint: '`bake diagnose` says why; `bake status` shows each instance.' },
  );

/** Raises the new colour's desired capacity to that of the old one, where it is lower. Returns what it is then. */
export async function raise(change: Change): Promise<number> {
  const { from, to } = await bothGroups(change);
  const wanted = Math.max(from.desired, to.desired);
  const max = Math.max(from.max, to.max, wanted);
  if (to.desired !== wanted || to.max !== max)
    await change.cloud.groups.update(change.to, { min: Math.min(to.min, wanted), max, desired: wanted });
  return wanted;
}

/** Whether nothing falls out for `warmup` milliseconds; false as soon as something does, or the old colour wants more. */
function staysSo(change: Change, step: Step, warmup: number, wanted: number): Promise<boolean> {
  const { run } = change;
  const until = run.clock.now() + warmup;
  return poll<boolean>(
    async () => {
      const { from, to } = await bothGroups(change);
      const state = `${count(inService(to).length, 'instance')} in service, warming up`;
      step.progress(state);
      if (from.desired > wanted || inService(to).length < to.desired) return { done: true, value: false };
      return run.clock.now() >= until ? { done: true, value: true } : { done: false, state };
    },
    {
      what: `${change.to} to stay in service`,
      timeout: warmup + change.config.progressDeadline,
      clock: run.clock,
      signal: run.signal,
      interval: { first: 250, longest: Math.max(250, Math.min(5_000, warmup / 4)) },
    },
  );
}

/**
 * For an emergency: raises the new colour and waits only until `healthy` of its instances are in service (none: not at all). Returns how
 * many are.
 */
export async function enoughCapacity(change: Change, step: Step, healthy: number): Promise<number> {
  const { run, cloud } = change;
  await cloud.groups.resume(change.to, ['Launch', 'Terminate', 'AddToLoadBalancer']);
  const wanted = await raise(change);
  return poll<number>(
    async () => {
      const { to } = await bothGroups(change);
      const ready = inService(to).length;
      const state = `${ready} of ${count(wanted, 'instance')} in service`;
      step.progress(state);
      return ready >= Math.min(healthy, Math.max(1, wanted))
        ? { done: true, value: ready }
        : { done: false, state };
    },
    {
      what: `${count(healthy, 'healthy instance')} of ${change.to}`,
      timeout: change.config.progressDeadline,
      clock: run.clock,
      signal: run.signal,
      hint: '--force goes on without any.',
    },
  );
}
