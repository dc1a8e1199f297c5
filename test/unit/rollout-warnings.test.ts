import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LaunchTemplateVersion, Queue, ScalingGroup } from '../../src/clouds/cloud.ts';
import { type Circumstances, ownInstance, warningsFor } from '../../src/rollout/preflight-warnings.ts';
import { testProject } from '../helpers/project.ts';

const instance = (id: string, more: object = {}) => ({
  id,
  lifecycle: 'InService',
  healthy: true,
  zone: 'a',
  templateVersion: 1,
  protectedFromScaleIn: false,
  ...more,
});

function warnings(
  { group = {}, ...seen }: Partial<Omit<Circumstances, 'group'>> & { group?: Partial<ScalingGroup> },
  rollout: object = {},
): string[] {
  return warningsFor(testProject({ rollout }), {
    group: {
      name: 'workers',
      suspendedProcesses: [],
      targetGroups: [],
      tags: {},
      instances: [instance('i-1')],
      ...group,
    } as unknown as ScalingGroup,
    previous: { version: 1 } as LaunchTemplateVersion,
    hooks: [],
    ...seen,
  });
}

const queue = (more: Partial<Queue> = {}): Queue => ({
  url: '',
  arn: '',
  name: 'jobs',
  visibilityTimeout: 30_000,
  visible: 0,
  inFlight: 0,
  delayed: 0,
  deadLetter: { name: 'jobs-dead', maxReceiveCount: 5 },
  ...more,
});

const hook = (heartbeat: number) =>
  ({ name: 'drain', on: 'terminate', heartbeat, otherwise: 'continue' }) as const;

describe('before a rollout', () => {
  it('nothing is said where nothing surprises', () => {
    expect(warnings({ queue: queue() })).toEqual([]);
  });

  it('protected and standby instances are counted, named, and said what becomes of them', () => {
    const instances = [
      instance('i-1', { protectedFromScaleIn: true }),
      instance('i-2', { lifecycle: 'Standby' }),
    ];
    expect(warnings({ group: { instances } }, { scaleInProtected: 'wait' })).toEqual([
      '1 instance protected from scale-in (i-1): the rollout waits for them, up to an hour',
      '1 instance in standby (i-2): they are left as they are',
    ]);
    expect(warnings({ group: { instances } }, { standby: 'terminate' })).toEqual([]);
  });

  it('processes are named whose suspension would let it go wrong silently', () => {
    const suspended = { suspendedProcesses: ['AddToLoadBalancer', 'HealthCheck', 'AlarmNotification'] };
    expect(warnings({ group: suspended })).toEqual([
      'HealthCheck is suspended on workers: a new instance that fails is not noticed',
    ]);
    expect(warnings({ group: { ...suspended, targetGroups: ['arn'] } }).join()).toContain(
      'AddToLoadBalancer is suspended on workers: new instances get no requests',
    );
  });

  it('a message that gets one try, or comes back late, is warned of unless a lifecycle hook lets workers finish', () => {
    const one = queue({
      deadLetter: { name: 'jobs-dead', maxReceiveCount: 1 },
      visibilityTimeout: 1_800_000,
    });
    expect(warnings({ queue: one })).toEqual([
      'queue jobs gives a message one try: what an instance holds when it is replaced ends in jobs-dead (maxReceiveCount 1, and no lifecycle hook lets workers finish)',
      'what an instance holds of queue jobs when it is replaced comes back after 30 m only (no lifecycle hook lets workers finish)',
    ]);
    expect(warnings({ queue: one, hooks: [hook(300_000)] })).toEqual([]);
  });

  it('a lifecycle hook that may hold an instance longer than the whole rollout is named', () => {
    expect(warnings({ hooks: [hook(7_200_000)] }, { deadline: '1h' })).toEqual([
      'lifecycle hook drain may hold each instance for 2 h, longer than the whole rollout may take (1 h)',
    ]);
  });

  it('a group that CloudFormation made is named with its stack', () => {
    const tags = { 'aws:cloudformation:stack-name': 'platform' };
    expect(warnings({ group: { tags } }).join()).toContain('CloudFormation stack platform made the group');
  });
});

describe('the instance that bake runs on', () => {
  it('is what the machine says of itself, and unknown elsewhere', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'bake-dmi-')), 'board_asset_tag');
    expect(await ownInstance(file)).toBeUndefined();
    writeFileSync(file, 'i-0123456789abcdef0\n');
    expect(await ownInstance(file)).toBe('i-0123456789abcdef0');
    writeFileSync(file, 'Default string\n');
    expect(await ownInstance(file)).toBeUndefined();
  });
});
