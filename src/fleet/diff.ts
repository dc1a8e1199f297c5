import type { LaunchSettings, Tags } from '../clouds/cloud.ts';

/**
 * What differs between two launch templates' settings, a line each ("instance type t3.small → t3.medium"); empty when they
 * launch the same. The order of security groups and tags means nothing, and a missing value equals an undefined one.
 */
export function diffSettings(have: LaunchSettings, want: LaunchSettings): string[] {
  return [
    ...change('image', have.imageId, want.imageId),
    ...change('instance type', have.instanceType, want.instanceType),
    ...change('instance profile', have.instanceProfile, want.instanceProfile),
    ...change('security groups', list(have.securityGroupIds), list(want.securityGroupIds)),
    ...change('key pair', have.keyName, want.keyName),
    ...change('detailed monitoring', have.monitoring, want.monitoring),
    ...change('EBS optimised', have.ebsOptimized, want.ebsOptimized),
    ...volumeChanges(have.rootVolume, want.rootVolume),
    ...userDataChange(have.userData, want.userData),
    ...tagChanges(have.tags, want.tags),
    ...Object.keys(have.tags).flatMap((key) => (key in want.tags ? [] : [`tag ${key} removed`])),
  ];
}

const show = (value: unknown) => (value === undefined || value === '' ? 'none' : String(value));

/** One line where two values differ, none where they are the same. */
export const change = (name: string, have: unknown, want: unknown): string[] =>
  show(have) === show(want) ? [] : [`${name} ${show(have)} → ${show(want)}`];

const list = (values: string[]) => [...values].sort().join(', ');

function volumeChanges(have: LaunchSettings['rootVolume'], want: LaunchSettings['rootVolume']): string[] {
  return [
    ...change('root device', have?.device, want?.device),
    ...change('root volume size (GiB)', have?.sizeGiB, want?.sizeGiB),
    ...change('root volume type', have?.type, want?.type),
    ...change('root volume IOPS', have?.iops, want?.iops),
    ...change('root volume throughput (MiB/s)', have?.throughput, want?.throughput),
    ...change('root volume encryption', have?.encrypted ?? false, want?.encrypted ?? false),
    ...change('root volume key', have?.kmsKey, want?.kmsKey),
  ];
}

/** User data may hold what nobody should read in a log: only how much differs is told. */
function userDataChange(have: string, want: string): string[] {
  if (have === want) return [];
  const before = new Set(have.split('\n'));
  const changed = want.split('\n').filter((line) => !before.has(line)).length;
  return [`user data (${changed} of ${want.split('\n').length} lines are new)`];
}

/** Tags that differ or are missing; tags that only the cloud has are left alone. */
export function tagChanges(have: Tags, want: Tags): string[] {
  return Object.entries(want).flatMap(([key, value]) => change(`tag ${key}`, have[key], value));
}
