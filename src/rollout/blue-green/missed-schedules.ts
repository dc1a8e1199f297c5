import { Cron } from 'croner';
import type { ScalingSchedule } from '../../clouds/cloud.ts';

export interface Sizes {
  min: number;
  max: number;
  desired: number;
}

/** A schedule that would have changed the group's size at `at`, milliseconds since the epoch. */
export interface Firing {
  schedule: ScalingSchedule;
  at: number;
}

/** The last time that each recurring schedule was due after `since` and not after `now`, in order of time. Pure. */
export function missedFirings(schedules: ScalingSchedule[], since: number, now: number): Firing[] {
  return schedules
    .flatMap((schedule) => {
      const at = lastDue(schedule, since, now);
      return at === undefined ? [] : [{ schedule, at }];
    })
    .sort((a, b) => a.at - b.at);
}

function lastDue({ recurrence, timeZone }: ScalingSchedule, since: number, now: number): number | undefined {
  if (recurrence === undefined) return undefined;
  const cron = new Cron(recurrence, { mode: '5-part', timezone: timeZone, paused: true });
  let last: number | undefined;
  for (let next = cron.nextRun(new Date(since)); next && next.getTime() <= now; next = cron.nextRun(next))
    last = next.getTime();
  return last;
}

/** A group's sizes after schedules have changed them, as the cloud does it: what is not named stays, desired within the bounds. Pure. */
export function sizesAfter(sizes: Sizes, firings: Firing[]): Sizes {
  return firings.reduce(
    (before, { schedule }) => {
      const min = schedule.min ?? before.min;
      const max = Math.max(min, schedule.max ?? before.max);
      const desired = Math.min(Math.max(schedule.desired ?? before.desired, min), max);
      return { min, max, desired };
    },
    { ...sizes, desired: Math.min(Math.max(sizes.desired, sizes.min), sizes.max) },
  );
}
