import type { ScalingGroup, TargetGroup } from '../../clouds/cloud.ts';
import { isActive } from '../../fleet/roster.ts';
import { inService } from '../../fleet/wait.ts';
import { count } from '../../run/format.ts';
import { poll } from '../../run/poll.ts';
import type { Step } from '../../run/run.ts';
import type { Change } from './context.ts';

type Tools = Pick<Change, 'run' | 'cloud' | 'config'>;

/**
 * Waits until the load balancers find the instances of a group healthy: every one in service, or at least `healthy` of them, in every one
 * of the target groups. A target group that no listener sends to has no health and is not waited for.
 */
export async function awaitHealthyTargets(
  { run, cloud, config }: Tools,
  name: string,
  targetGroups: TargetGroup[],
  options: { step: Step; healthy: 'all' | number },
): Promise<void> {
  const { step, healthy } = options;
  const used: TargetGroup[] = [];
  for (const group of targetGroups) {
    if (group.endpoints.length > 0) used.push(group);
    else run.warn(`no listener sends to target group ${group.name}: nothing is known of its targets`);
  }
  if (used.length === 0 || healthy === 0) return;
  await poll<true>(
    async () => {
      const group = await cloud.groups.find(name);
      const ids = group ? inService(group).map(({ id }) => id) : [];
      const found = await Promise.all(used.map((one) => healthyAmong(cloud, one, ids)));
      const least = Math.min(...found.map(({ well }) => well));
      const enough = healthy === 'all' ? Math.max(group?.desired ?? 0, ids.length) : healthy;
      const reason = found.find((one) => one.reason !== undefined)?.reason;
      const state = `${least} of ${count(ids.length, 'target')} healthy${reason ? ` (${reason})` : ''}`;
      step.progress(state);
      return least >= enough ? { done: true, value: true } : { done: false, state };
    },
    {
      what: `the load balancer to find ${name} healthy`,
      timeout: config.progressDeadline,
      clock: run.clock,
      signal: run.signal,
      hint: 'The health check of the target group decides: see what the instances answer there.',
    },
  );
}

async function healthyAmong(
  cloud: Change['cloud'],
  targetGroup: TargetGroup,
  ids: string[],
): Promise<{ well: number; reason?: string }> {
  const targets = (await cloud.traffic.targets(targetGroup.arn)).filter((one) =>
    ids.includes(one.instanceId),
  );
  const ill = targets.filter(({ state }) => state !== 'healthy');
  const well = ids.filter(
    (id) => targets.some((one) => one.instanceId === id) && !ill.some((one) => one.instanceId === id),
  ).length;
  return { well, reason: ill.find(({ state }) => state === 'unhealthy')?.reason };
}

/** Waits until no load balancer sends anything to the group's instances any more, and what they had begun has ended. */
export async function awaitDrainedTargets(
  { run, cloud, config }: Tools,
  group: ScalingGroup,
  targetGroups: TargetGroup[],
  step: Step,
): Promise<void> {
  const ids = new Set(group.instances.filter(isActive).map(({ id }) => id));
  const longest = Math.max(0, ...targetGroups.map((one) => one.deregistrationDelay));
  await poll<true>(
    async () => {
      const targets = (await Promise.all(targetGroups.map(({ arn }) => cloud.traffic.targets(arn)))).flat();
      const left = targets.filter(
        ({ instanceId, state }) => ids.has(instanceId) && state !== 'unused',
      ).length;
      const state = `${count(left, 'target')} of ${group.name} finishing requests`;
      step.progress(state);
      return left === 0 ? { done: true, value: true } : { done: false, state };
    },
    {
      what: `requests to ${group.name} to end`,
      timeout: longest + config.blueGreen.drainTimeout,
      clock: run.clock,
      signal: run.signal,
    },
  );
}
