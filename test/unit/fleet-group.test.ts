import { describe, expect, it } from 'vitest';
import type { ScalingGroup } from '../../src/clouds/cloud.ts';
import { fleetSchema } from '../../src/config/schema-fleet.ts';
import { groupChanges } from '../../src/fleet/group.ts';
import { ownerOf } from '../../src/fleet/ownership.ts';
import { versionDescription } from '../../src/fleet/settings.ts';
import { testProject } from '../helpers/project.ts';

const fleet = fleetSchema.parse({ name: 'workers', size: { min: 2, max: 6, desired: 3 } });
const group: ScalingGroup = {
  name: 'workers',
  min: 2,
  max: 6,
  desired: 5,
  template: { id: 'lt-1', name: 'workers', version: 1 },
  healthCheckType: 'EC2',
  healthCheckGrace: 60_000,
  defaultWarmup: 60_000,
  subnets: ['subnet-1'],
  zones: ['a'],
  suspendedProcesses: [],
  metricsEnabled: true,
  protectFromScaleIn: false,
  targetGroups: [],
  tags: {},
  instances: [],
};

describe('a group against its configuration', () => {
  it('that fits needs no change, and keeps the number of instances that it has now', () => {
    expect(groupChanges(fleet, group)).toEqual({ changes: {}, lines: [] });
  });

  it('is moved into its bounds, and no further', () => {
    const { changes } = groupChanges(fleet, { ...group, min: 0, max: 10, desired: 9 });
    expect(changes).toEqual({ min: 2, max: 6, desired: 6 });
  });

  it('may be within bounds that a schedule sets, instead of those of the configuration', () => {
    const schedules = [
      { name: 'bake-morning', timeZone: 'UTC', min: 4 },
      { name: 'bake-evening', timeZone: 'UTC', min: 1, max: 3 },
    ];
    expect(groupChanges(fleet, { ...group, min: 4 }, schedules).lines).toEqual([]);
    expect(groupChanges(fleet, { ...group, min: 1, max: 3, desired: 3 }, schedules).lines).toEqual([]);
    expect(groupChanges(fleet, { ...group, min: 3 }, schedules).changes).toEqual({ min: 2 });
  });

  it('compares health checks by what judges beside EC2, however the cloud writes it', () => {
    const elb = fleetSchema.parse({
      name: 'workers',
      size: fleet.size,
      healthCheck: { type: 'elb', gracePeriod: '60s' },
    });
    expect(groupChanges(elb, { ...group, healthCheckType: 'EC2,ELB' }).lines).toEqual([]);
    expect(groupChanges(elb, group).changes).toEqual({ healthCheckType: 'ELB' });
  });

  it('does not differ for ever by a fraction of a second', () => {
    const fine = fleetSchema.parse({ name: 'workers', size: fleet.size, warmup: '1500ms' });
    expect(groupChanges(fine, { ...group, defaultWarmup: 2_000 }).lines).toEqual([]);
  });
});

describe('the owner of a group', () => {
  const project = testProject();
  it('is told by its tags: ours, nobody bake knows, another project or environment', () => {
    const own = { 'bake:project': 'testing', 'bake:environment': 'default' };
    expect(ownerOf(own, project)).toBe('own');
    expect(ownerOf({ team: 'x' }, project)).toBe('foreign');
    expect(ownerOf({ ...own, 'aws:cloudformation:stack-name': 'web' }, project)).toBe('foreign');
    expect(ownerOf({ ...own, 'bake:project': 'other' }, project)).toEqual({
      other: 'project other, environment default',
    });
    expect(ownerOf({ ...own, 'bake:environment': 'production' }, project)).toEqual({
      other: 'project testing, environment production',
    });
  });
});

describe('the description of a launch template version', () => {
  it('names release, commit and image', () => {
    const image = { imageId: 'ami-1', release: '2', gitCommit: 'abc1234567' };
    expect(versionDescription(image)).toBe('release 2 · git abc1234 · ami-1');
    expect(versionDescription({ imageId: 'ami-1' })).toBe('ami-1');
  });
});
