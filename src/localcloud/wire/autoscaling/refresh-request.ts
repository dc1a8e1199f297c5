import { invalid } from '../../engine/autoscaling/groups.ts';
import type { PreferencesRequest } from '../../engine/autoscaling/refresh/preferences.ts';
import type { RefreshRequest } from '../../engine/autoscaling/refresh/start.ts';
import type { Input } from '../input.ts';
import { readMixed } from './mixed-wire.ts';
import { readTemplate } from './template-wire.ts';

export function readRefresh(input: Input): RefreshRequest {
  const desired = input.object('DesiredConfiguration');
  return {
    strategy: input.text('Strategy'),
    desired: desired && {
      template: readTemplate(desired.object('LaunchTemplate')),
      mixed: readMixed(desired.object('MixedInstancesPolicy')),
    },
    preferences: readPreferences(input.object('Preferences')),
  };
}

function readPreferences(input: Input | undefined): PreferencesRequest {
  if (!input) return {};
  return {
    min: input.int('MinHealthyPercentage'),
    max: input.int('MaxHealthyPercentage'),
    warmup: input.int('InstanceWarmup'),
    checkpoints: input.list('CheckpointPercentages').map(readPercentage),
    checkpointDelay: input.int('CheckpointDelay'),
    skipMatching: input.bool('SkipMatching'),
    autoRollback: input.bool('AutoRollback'),
    protectedInstances: input.text('ScaleInProtectedInstances'),
    standbyInstances: input.text('StandbyInstances'),
    alarms: input.object('AlarmSpecification')?.list('Alarms'),
    bakeTime: input.int('BakeTime'),
  };
}

function readPercentage(text: string): number {
  if (!/^\d+$/.test(text)) throw invalid(`${text} is not a valid value for CheckpointPercentages`);
  return Number(text);
}
