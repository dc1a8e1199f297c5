import type { RolloutConfig } from '../../config/schema.ts';
import { estimateRollout } from '../estimate.ts';

/** What a rollout means for the number of instances. */
export interface Capacity {
  /** Wanted now, and the group's bounds. */
  desired: number;
  min: number;
  max: number;
  toReplace: number;
  /** So many at a time; all at once with blue-green. */
  batch: number;
  batches: number;
  /** New instances are there before old ones go. */
  launchesFirst: boolean;
  /** Fewest and most instances at any time. */
  least: number;
  most: number;
  /** Above the group's maximum. */
  overMax: number;
  /** Cost of the instances beyond those wanted, in hours of one instance. */
  extraHours: number;
}

interface Fleet {
  group: { desired: number; min: number; max: number };
  toReplace: number;
  /** From a launch to an instance in service, and until it counts as ready. Milliseconds. */
  launch: number;
  warmup: number;
}

const HOUR = 3_600_000;

/** AWS: at least ceil(desired × min) stay, at most floor(desired × max) exist, or one more where that leaves no room. Pure. */
export function rollingCapacity(
  config: RolloutConfig,
  { group, toReplace, launch, warmup }: Fleet,
): Capacity {
  const { desired, min, max } = group;
  const { batch, batches, launchesFirst } = estimateRollout({
    ...config,
    desired,
    toReplace,
    launch,
    warmup,
  });
  const extra = launchesFirst ? Math.min(batch, toReplace) : 0;
  const floor = Math.ceil((desired * config.minHealthyPercentage) / 100);
  return {
    desired,
    min,
    max,
    toReplace,
    batch,
    batches,
    launchesFirst,
    least: launchesFirst ? Math.min(desired, Math.max(floor, desired - batch)) : Math.max(0, desired - batch),
    most: desired + extra,
    overMax: Math.max(0, desired + extra - max),
    // Each new instance is there beside its old one until it is ready.
    extraHours: launchesFirst ? (toReplace * (launch + warmup)) / HOUR : 0,
  };
}

/** A second group of the same size, for as long as both are there (milliseconds). Its maximum is a group's own: nothing is exceeded. Pure. */
export function blueGreenCapacity({ group, toReplace }: Fleet, both: number): Capacity {
  const { desired, min, max } = group;
  return {
    desired,
    min,
    max,
    toReplace,
    batch: desired,
    batches: Math.min(1, desired),
    launchesFirst: true,
    least: desired,
    most: 2 * desired,
    overMax: 0,
    extraHours: (desired * both) / HOUR,
  };
}
