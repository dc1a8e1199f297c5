import { describe, expect, it } from 'vitest';
import type { GroupInstance, ScalingGroup } from '../../src/clouds/cloud.ts';
import { endStateOf } from '../../src/rollout/end-state.ts';

const instance = (id: string, more: Partial<GroupInstance> = {}): GroupInstance => ({
  id,
  lifecycle: 'InService',
  healthy: true,
  zone: 'a',
  templateVersion: 2,
  protectedFromScaleIn: false,
  ...more,
});
const group = (desired: number, ...instances: GroupInstance[]): ScalingGroup => ({
  name: 'workers',
  min: 0,
  max: 9,
  desired,
  template: { id: 'lt-1', name: 'workers', version: 2 },
  healthCheckType: 'EC2',
  healthCheckGrace: 0,
  subnets: [],
  zones: [],
  suspendedProcesses: [],
  metricsEnabled: true,
  protectFromScaleIn: false,
  targetGroups: [],
  tags: {},
  instances,
});
const policy = { scaleInProtected: 'refresh', standby: 'ignore' } as const;

describe('the end state of a fleet', () => {
  it('is reached when as many as wanted are in service, all of the version', () => {
    expect(endStateOf(group(2, instance('i-1'), instance('i-2')), 2, policy).reached).toBe(true);
  });

  it('is not reached with one too few, one too many, one unhealthy, or one on its way', () => {
    const cases = [
      group(2, instance('i-1')),
      group(1, instance('i-1'), instance('i-2')),
      group(1, instance('i-1', { healthy: false })),
      group(2, instance('i-1'), instance('i-2', { lifecycle: 'Pending:Wait' })),
    ];
    for (const unfinished of cases) expect(endStateOf(unfinished, 2, policy).reached).toBe(false);
  });

  it('does not count an instance that is leaving', () => {
    const leaving = instance('i-2', { lifecycle: 'Terminating:Wait', templateVersion: 1 });
    expect(endStateOf(group(1, instance('i-1'), leaving), 2, policy).reached).toBe(true);
  });

  it('names stragglers, also one that was attached by hand', () => {
    const others = [instance('i-1', { templateVersion: 1 }), instance('i-2', { templateVersion: undefined })];
    const state = endStateOf(group(2, ...others), 2, policy);
    expect(state.reached).toBe(false);
    expect(state.stragglers.map(({ id }) => id)).toEqual(['i-1', 'i-2']);
  });

  it('leaves protected instances and those in standby, where the configuration says so', () => {
    const kept = instance('i-1', { templateVersion: 1, protectedFromScaleIn: true });
    const asleep = instance('i-2', { templateVersion: 1, lifecycle: 'Standby' });
    const state = endStateOf(group(1, kept, asleep), 2, { ...policy, scaleInProtected: 'ignore' });
    expect(state.left.map(({ id }) => id)).toEqual(['i-1', 'i-2']);
    expect(state.reached).toBe(true);
  });
});
