import type { TargetGroup } from '../../clouds/cloud.ts';
import { formatDuration } from '../../run/format.ts';
import { poll } from '../../run/poll.ts';
import type { Step } from '../../run/run.ts';
import { bothGroups, type Change } from './context.ts';
import { testColour } from './gate.ts';
import type { Route } from './route.ts';
import { awaitDrainedTargets, awaitHealthyTargets } from './targets.ts';
import { forwardingsOf, type Pairs, percentOf, weightsAt } from './weights.ts';

/**
 * Moves the requests to the new colour: never away from the old one before the new one answers. Begins where an earlier attempt has got
 * to. Returns what was moved, in words.
 */
export async function shiftTraffic(change: Change): Promise<string> {
  const { route, run } = change;
  if (route.kind === 'queue') {
    const why = 'both colours work from one queue';
    run.skip('rollout.shift', `Sending requests to ${change.to}`, why);
    return why;
  }
  return run.step('rollout.shift', `Sending requests to ${change.to}`, async (step) => {
    step.summary =
      route.kind === 'weights'
        ? await shiftWeights(change, route.pairs, step)
        : await exchange(change, route, step);
    return step.summary;
  });
}

/** Both in the same target groups: in with the new, and when it is healthy there, out with the old. */
async function exchange(
  change: Change,
  { targetGroups }: Extract<Route, { kind: 'target-group' }>,
  step: Step,
): Promise<string> {
  const { cloud, care } = change;
  const { to } = await bothGroups(change);
  const arns = targetGroups.map(({ arn }) => arn);
  const missing = arns.filter((arn) => !to.targetGroups.includes(arn));
  if (missing.length > 0) await cloud.traffic.attach(change.to, missing);
  await awaitHealthyTargets(change, change.to, targetGroups, { step, healthy: care.healthy });
  const { from } = await bothGroups(change);
  await cloud.traffic.detach(change.from, arns);
  // In an emergency nobody waits for what the old colour had begun.
  if (care.healthy === 'all') await awaitDrainedTargets(change, from, targetGroups, step);
  return `${change.to} is in ${named(targetGroups)}, ${change.from} is not any more`;
}

const named = (targetGroups: TargetGroup[]) =>
  `target group${targetGroups.length === 1 ? '' : 's'} ${targetGroups.map(({ name }) => name).join(', ')}`;

async function shiftWeights(change: Change, pairs: Pairs, step: Step): Promise<string> {
  const { cloud, care, run, config } = change;
  const arns = pairs.map(({ to }) => to.arn);
  const { to } = await bothGroups(change);
  const missing = arns.filter((arn) => !to.targetGroups.includes(arn));
  if (missing.length > 0) await cloud.traffic.attach(change.to, missing);
  const before = percentOf(await forwardingsOf(cloud, pairs), pairs);
  // With a weight, be it 0, the target group is in use: only then does the load balancer look at its targets.
  await setPercent(change, pairs, before);
  const entered = await Promise.all(arns.map(async (arn) => (await cloud.traffic.find(arn))!));
  await awaitHealthyTargets(change, change.to, entered, { step, healthy: care.healthy });
  await tellSticky(change, pairs);
  const steps = care.steps ? config.blueGreen.steps : [];
  for (const percent of [...steps.filter((each) => each > before && each < 100), 100]) {
    step.progress(`${percent} % of the requests`, { percent });
    await setPercent(change, pairs, percent);
    if (percent === 100) break;
    const until = run.clock.now() + config.blueGreen.stepDelay;
    await testColour(change, {
      name: `rollout.gate.traffic-${percent}`,
      title: `Testing ${change.to} with ${percent} % of the requests`,
      called: `the smoke test at ${percent} % of the requests`,
      share: percent / 100,
    });
    await pass(change, until, step, `${percent} % of the requests`);
  }
  return `all requests go to ${named(entered)}`;
}

async function setPercent({ cloud }: Change, pairs: Pairs, percent: number): Promise<void> {
  for (const forwarding of await forwardingsOf(cloud, pairs)) {
    const weights = weightsAt(forwarding, pairs, percent);
    const same = (one: { targetGroup: string; weight: number }) =>
      forwarding.weights.some((had) => had.targetGroup === one.targetGroup && had.weight === one.weight);
    if (!weights.every(same)) await cloud.traffic.setWeights(forwarding, weights);
  }
}

async function tellSticky({ cloud, run, from }: Change, pairs: Pairs): Promise<void> {
  for (const { name, sticky } of await forwardingsOf(cloud, pairs)) {
    if (sticky > 0)
      run.warn(
        `${name} keeps clients at the target group that they were sent to first: ${from} gets requests for up to ${formatDuration(sticky)} more`,
      );
  }
}

/** Waits until a moment, milliseconds since the epoch, saying how long it still is. */
export async function pass(
  { run }: Pick<Change, 'run'>,
  until: number,
  step: Step,
  what: string,
): Promise<void> {
  const left = Math.max(0, until - run.clock.now());
  await poll<true>(
    async () => {
      const rest = until - run.clock.now();
      if (rest <= 0) return { done: true, value: true };
      const state = `${what}, ${formatDuration(rest)} left`;
      step.progress(what);
      return { done: false, state };
    },
    {
      what,
      timeout: left + 1_000,
      clock: run.clock,
      signal: run.signal,
      interval: { first: Math.min(1_000, left), longest: Math.max(1_000, Math.min(10_000, left / 4)) },
    },
  );
}
