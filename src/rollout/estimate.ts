import type { ScalingActivity } from '../clouds/cloud.ts';

/** How long it takes from a launch to an instance in service, before one has been seen. Milliseconds. */
export const LAUNCH = 60_000;

export interface EstimateInput {
  desired: number;
  /** How many have to be replaced. */
  toReplace: number;
  minHealthyPercentage: number;
  maxHealthyPercentage: number;
  /** From a launch to an instance in service, where one has been seen. Milliseconds. */
  launch?: number;
  /** Milliseconds. */
  warmup: number;
  checkpoints: number[];
  /** Milliseconds. */
  checkpointDelay: number;
  /** Milliseconds. */
  soak: number;
}

export interface Estimate {
  /** How many instances are replaced at a time. */
  batch: number;
  batches: number;
  launchesFirst: boolean;
  /** Milliseconds. */
  duration: number;
}

/**
 * What a rolling replacement will take, from its bounds alone. AWS: at least ceil(desired × min) instances stay ready, at most
 * floor(desired × max) exist; where that leaves no room, one is launched first.
 */
export function estimateRollout(input: EstimateInput): Estimate {
  const least = Math.ceil((input.desired * input.minHealthyPercentage) / 100);
  const most = Math.floor((input.desired * input.maxHealthyPercentage) / 100);
  const batch = Math.max(1, Math.min(most - least, input.toReplace));
  const batches = Math.ceil(input.toReplace / batch);
  return {
    batch,
    batches,
    launchesFirst: most > input.desired || most <= least,
    duration: batches * ((input.launch ?? LAUNCH) + input.warmup) + pausesAfter(0, input) + input.soak,
  };
}

type Pauses = Pick<EstimateInput, 'checkpoints' | 'checkpointDelay'>;

/** What is still to be waited at checkpoints beyond `percent`. The one at 100 % is the end. Milliseconds. */
const pausesAfter = (percent: number, { checkpoints, checkpointDelay }: Pauses) =>
  checkpoints.filter((checkpoint) => checkpoint > percent && checkpoint < 100).length * checkpointDelay;

/**
 * What is left, from the pace so far: `active` is the time spent replacing, without pauses; `pauseLeft` what is left of the
 * pause it is in. Undefined until something was replaced. Milliseconds.
 */
export function estimateRemaining(
  seen: { percent: number; active: number; pauseLeft: number },
  input: Pauses & { soak: number },
): number | undefined {
  if (seen.percent <= 0) return undefined;
  const pace = seen.active / seen.percent;
  const replacing = pace * (100 - seen.percent);
  // At 100 % it is the soak that it pauses in.
  const soak = seen.percent < 100 ? input.soak : 0;
  return Math.round(replacing + pausesAfter(seen.percent, input) + seen.pauseLeft + soak);
}

/** How long the group's last launches took, from the request to an instance in service: the middle one. Milliseconds. Pure. */
export function launchTime(activities: ScalingActivity[]): number | undefined {
  const took = activities
    .filter(({ state, description }) => state === 'successful' && description.startsWith('Launching'))
    .flatMap(({ startedAt, endedAt }) => (endedAt === undefined ? [] : [endedAt - startedAt]))
    .sort((a, b) => a - b);
  return took[Math.floor(took.length / 2)];
}
