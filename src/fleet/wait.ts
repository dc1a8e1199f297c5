import type { Cloud, ScalingActivity, ScalingGroup } from '../clouds/cloud.ts';
import { BakeError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import type { Run, Step } from '../run/run.ts';

/** In service and healthy: what the group counts as working. */
export const inService = (group: ScalingGroup) =>
  group.instances.filter((instance) => instance.lifecycle === 'InService' && instance.healthy);

/**
 * Waits until the group has as many healthy instances in service as it wants, up to `timeout` milliseconds.
 * A launch that fails since `since` ends the wait at once with the cloud's words; only a lack of room, which the group gets over
 * in another zone or by waiting, is told and waited out.
 */
export async function waitInService(
  run: Run,
  cloud: Cloud,
  name: string,
  options: {
    step: Step;
    since: number;
    timeout: number;
    /** A lack of room in these words will not pass, and ends the wait too. */
    hopeless?: RegExp;
  },
): Promise<ScalingGroup> {
  const told = new Set<string>();
  return poll(
    async () => {
      const [group, activities] = await Promise.all([
        cloud.groups.find(name),
        cloud.groups.activities(name, 10),
      ]);
      if (!group) throw new BakeError(`scaling group ${name} has gone while bake waited for its instances`);
      for (const activity of failedLaunches(activities, options.since))
        tellOnce(run, name, activity, { told, hopeless: options.hopeless });
      const ready = inService(group).length;
      const state = `${ready} of ${count(group.desired, 'instance')} in service`;
      options.step.progress(state, { percent: percentOf(ready, group.desired) });
      return ready >= group.desired ? { done: true, value: group } : { done: false, state };
    },
    {
      what: `instances of ${name} to go into service`,
      timeout: options.timeout,
      clock: run.clock,
      signal: run.signal,
      hint: '`bake status` shows each instance; its console says what happened at boot.',
    },
  );
}

const percentOf = (part: number, whole: number) => (whole === 0 ? 100 : Math.floor((part * 100) / whole));

const failedLaunches = (activities: ScalingActivity[], since: number) =>
  activities.filter((activity) => activity.state === 'failed' && activity.startedAt >= since);

function tellOnce(
  run: Run,
  name: string,
  activity: ScalingActivity,
  { told, hopeless }: { told: Set<string>; hopeless?: RegExp },
): void {
  const words = activityWords(activity);
  if (!/capacity|limit/i.test(words) || hopeless?.test(words)) {
    throw new BakeError(`scaling group ${name} cannot launch an instance: ${words}`, {
      hint: 'Put it right in bake.yaml and run `bake fleet apply` again; the group goes on trying until then.',
    });
  }
  if (told.has(activity.id)) return;
  told.add(activity.id);
  run.warn(`${name}: ${words}`);
}

/** What a scaling activity has to say about its failure. */
export const activityWords = (activity: ScalingActivity): string => activity.message ?? activity.description;
