import type { ScalingGroup } from '../../clouds/cloud.ts';
import { BakeError } from '../../run/errors.ts';

const SETTINGS = ['healthCheckType', 'healthCheckGrace', 'defaultWarmup'] as const;

/**
 * What somebody has changed of a group between two looks so that a copy of the first is none of the second, a few words each. Its sizes
 * are left out: they may change at any time, and are followed. Pure.
 */
export function changesOf(before: ScalingGroup, now: ScalingGroup): string[] {
  const lines = SETTINGS.filter((key) => before[key] !== now[key]).map(
    (key) => `${key} ${before[key]} → ${now[key]}`,
  );
  const [was, is] = [before.template, now.template];
  if (was.id !== is.id) lines.push(`launch template ${was.name} → ${is.name}`);
  else if (was.version !== is.version) lines.push(`launch template version ${was.version} → ${is.version}`);
  const same = (a: string[], b: string[]) => [...a].sort().join() === [...b].sort().join();
  if (!same(before.subnets, now.subnets)) lines.push('subnets');
  if (!same(before.targetGroups, now.targetGroups)) lines.push('target groups');
  return lines;
}

/** Throws when somebody has changed the old colour meanwhile: the new one would be no copy of it any more. */
export function refuseChanged(before: ScalingGroup, now: ScalingGroup): void {
  const changes = changesOf(before, now);
  if (changes.length === 0) return;
  throw new BakeError(`somebody changed scaling group ${now.name} meanwhile: ${changes.join(', ')}`, {
    hint: 'Wait until nobody else works on it, and begin again.',
  });
}
