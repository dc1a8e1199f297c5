import type { GroupRecord } from '../groups.ts';
import { invalid } from '../groups.ts';
import type { RefreshPreferences } from './record.ts';

/** As a request gives them; times in seconds. */
export interface PreferencesRequest {
  min?: number;
  max?: number;
  warmup?: number;
  checkpoints?: number[];
  checkpointDelay?: number;
  skipMatching?: boolean;
  autoRollback?: boolean;
  protectedInstances?: string;
  standbyInstances?: string;
  alarms?: string[];
  bakeTime?: number;
}

/** 48 hours, seconds. */
const LONGEST_DELAY = 172_800;
const MOST_ALARMS = 10;

/** Checks the ranges and fills in the defaults. Throws ValidationError. Source: AWS RefreshPreferences. */
export function checkPreferences(request: PreferencesRequest, group: GroupRecord): RefreshPreferences {
  checkBounds(request);
  checkCheckpoints(request);
  checkRange('InstanceWarmup', request.warmup, 0, Number.MAX_SAFE_INTEGER);
  checkRange('CheckpointDelay', request.checkpointDelay, 0, LONGEST_DELAY);
  checkRange('BakeTime', request.bakeTime, 0, LONGEST_DELAY);
  if ((request.alarms ?? []).length > MOST_ALARMS) {
    throw invalid(`AlarmSpecification can name at most ${MOST_ALARMS} alarms.`);
  }
  return {
    min: request.min ?? group.maintenancePolicy?.min ?? 90,
    max: request.max ?? group.maintenancePolicy?.max,
    warmup: request.warmup ?? group.defaultInstanceWarmup ?? group.grace,
    checkpoints: request.checkpoints ?? [],
    checkpointDelay: request.checkpointDelay ?? 3600,
    skipMatching: request.skipMatching ?? false,
    autoRollback: request.autoRollback ?? false,
    protectedInstances: oneOf('ScaleInProtectedInstances', request.protectedInstances, [
      'Wait',
      'Refresh',
      'Ignore',
    ]),
    standbyInstances: oneOf('StandbyInstances', request.standbyInstances, ['Wait', 'Terminate', 'Ignore']),
    alarms: request.alarms ?? [],
    bakeTime: request.bakeTime,
  };
}

function checkBounds({ min, max }: PreferencesRequest): void {
  checkRange('MinHealthyPercentage', min, 0, 100);
  checkRange('MaxHealthyPercentage', max, 100, 200);
  if (max !== undefined && min === undefined) {
    throw invalid('If you specify MaxHealthyPercentage, you must also specify MinHealthyPercentage.');
  }
  if (max !== undefined && min !== undefined && max - min > 100) {
    throw invalid(
      'The difference between MaxHealthyPercentage and MinHealthyPercentage cannot be greater than 100.',
    );
  }
}

function checkCheckpoints({ checkpoints, checkpointDelay }: PreferencesRequest): void {
  const given = checkpoints ?? [];
  for (const percent of given) checkRange('CheckpointPercentages', percent, 1, 100);
  if (given.some((percent, index) => index > 0 && percent <= (given[index - 1] as number))) {
    throw invalid('CheckpointPercentages must be unique and in ascending order.');
  }
  if (checkpointDelay !== undefined && given.length === 0) {
    throw invalid('If you specify CheckpointDelay, you must also specify CheckpointPercentages.');
  }
}

function checkRange(name: string, value: number | undefined, low: number, high: number): void {
  if (value === undefined || (value >= low && value <= high)) return;
  throw invalid(
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must have value between ${low} and ${high}`,
  );
}

/** The first is the default. */
function oneOf<const T extends string>(name: string, value: string | undefined, allowed: T[]): T {
  const found = allowed.find((each) => each === (value ?? allowed[0]));
  if (found === undefined) {
    throw invalid(
      `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must satisfy enum value set: [${allowed.join(', ')}]`,
    );
  }
  return found;
}
