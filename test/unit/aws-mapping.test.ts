import { describe, expect, test } from 'vitest';
import { isNoCapacity } from '../../src/clouds/aws/capacity.ts';
import { commandState } from '../../src/clouds/aws/commands.ts';
import { describeExisting, tagFilters } from '../../src/clouds/aws/describe.ts';
import { AwsError } from '../../src/clouds/aws/errors.ts';
import { pointedAt, templateOf } from '../../src/clouds/aws/group-template.ts';
import { toGroup } from '../../src/clouds/aws/group-view.ts';
import { imageState } from '../../src/clouds/aws/images.ts';
import { runInput } from '../../src/clouds/aws/instances.ts';
import { preferencesOf, toRefresh } from '../../src/clouds/aws/refresh-view.ts';
import type { RefreshPreferences } from '../../src/clouds/cloud.ts';

const preferences: RefreshPreferences = {
  minHealthyPercentage: 90,
  maxHealthyPercentage: 120,
  checkpoints: [],
  skipMatching: true,
  autoRollback: true,
  alarms: [],
  soak: 0,
  scaleInProtected: 'wait',
  standby: 'terminate',
};

describe('words of AWS and words of bake', () => {
  test.each([
    'InsufficientInstanceCapacity',
    'VcpuLimitExceeded',
    'InsufficientFreeAddressesInSubnet',
    'Unsupported',
  ])('%s means: try another place', (code) => expect(isNoCapacity(code)).toBe(true));

  test('a wrong parameter is not a lack of capacity', () => {
    expect(isNoCapacity('InvalidParameterValue')).toBe(false);
    expect(isNoCapacity(undefined)).toBe(false);
  });

  test('an image that is neither pending nor available has failed', () => {
    const states = [
      'pending',
      'transient',
      'available',
      'invalid',
      'deregistered',
      'failed',
      'error',
      'disabled',
    ];
    expect(states.map(imageState)).toEqual([
      'pending',
      'pending',
      'available',
      'failed',
      'failed',
      'failed',
      'failed',
      'failed',
    ]);
  });

  test('a command that is being cancelled still runs, one that is delayed has not begun', () => {
    expect(['Pending', 'Delayed', 'InProgress', 'Cancelling', 'TimedOut'].map(commandState)).toEqual([
      'pending',
      'pending',
      'running',
      'running',
      'timed-out',
    ]);
  });

  test('wildcards in a tag value mean themselves', () => {
    expect(tagFilters({ a: 'x*?\\', b: ['1', '2'] })).toEqual([
      { Name: 'tag:a', Values: ['x\\*\\?\\\\'] },
      { Name: 'tag:b', Values: ['1', '2'] },
    ]);
  });

  test('unknown ids among known ones are left out, whether the refusal names them or not', async () => {
    const known = ['i-1', 'i-3'];
    for (const naming of [true, false]) {
      const describe = async (ids: string[]) => {
        const unknown = ids.filter((id) => !known.includes(id));
        if (unknown.length > 0)
          throw new AwsError(naming ? `${unknown} do not exist` : 'no', { code: 'NotFound' });
        return ids;
      };
      expect(await describeExisting(['i-1', 'i-2', 'i-3'], ['NotFound'], describe)).toEqual(known);
    }
  });

  test('a builder is launched tagged, encrypted, with session tokens only, ending itself on shutdown', () => {
    const input = runInput(
      {
        token: 'token',
        imageId: 'ami-1',
        instanceType: 't3.micro',
        instanceProfile: 'arn:aws:iam::1:instance-profile/p',
        rootVolume: { type: 'gp3', sizeGiB: 10, encrypted: true },
        userData: 'ü',
        tags: { 'bake:run': 'r' },
        terminateOnShutdown: true,
      },
      '/dev/xvda',
    );
    expect(input).toMatchObject({
      ClientToken: 'token',
      IamInstanceProfile: { Arn: 'arn:aws:iam::1:instance-profile/p' },
      UserData: 'w7w=',
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { VolumeType: 'gp3', VolumeSize: 10, Encrypted: true } },
      ],
      InstanceInitiatedShutdownBehavior: 'terminate',
    });
    expect(input.TagSpecifications?.map(({ ResourceType }) => ResourceType)).toEqual([
      'instance',
      'volume',
      'network-interface',
    ]);
  });
});

describe('instance refresh', () => {
  test('both percentages are always sent, durations in seconds, and a checkpoint delay only with checkpoints', () => {
    expect(preferencesOf({ ...preferences, checkpointDelay: 60_000, warmup: 30_000 })).toEqual({
      MinHealthyPercentage: 90,
      MaxHealthyPercentage: 120,
      InstanceWarmup: 30,
      SkipMatching: true,
      AutoRollback: true,
      ScaleInProtectedInstances: 'Wait',
      StandbyInstances: 'Terminate',
    });
    const more = {
      ...preferences,
      checkpoints: [50, 100],
      checkpointDelay: 60_000,
      soak: 5_000,
      alarms: ['a'],
    };
    expect(preferencesOf(more)).toMatchObject({
      CheckpointPercentages: [50, 100],
      CheckpointDelay: 60,
      BakeTime: 5,
      AlarmSpecification: { Alarms: ['a'] },
    });
  });

  test('a refresh in rollback tells why and how far it had come', () => {
    const refresh = toRefresh({
      InstanceRefreshId: 'r',
      Status: 'RollbackInProgress',
      PercentageComplete: 20,
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '7' } },
      RollbackDetails: {
        RollbackReason: 'alarm',
        PercentageCompleteOnRollback: 40,
        InstancesToUpdateOnRollback: 3,
      },
    });
    expect(refresh).toMatchObject({
      state: 'rollback-in-progress',
      percent: 20,
      templateVersion: 7,
      rollback: { reason: 'alarm', percent: 40, instancesToUpdate: 3 },
    });
  });
});

describe('scaling groups', () => {
  const mixed = {
    AutoScalingGroupName: 'g',
    MixedInstancesPolicy: {
      InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0 },
      LaunchTemplate: {
        LaunchTemplateSpecification: {
          LaunchTemplateId: 'lt-1',
          LaunchTemplateName: 'n',
          Version: '$Latest',
        },
        Overrides: [
          {
            InstanceType: 'm7g.large',
            LaunchTemplateSpecification: {
              LaunchTemplateId: 'lt-2',
              LaunchTemplateName: 'arm',
              Version: '3',
            },
          },
          { InstanceType: 'm7i.large' },
        ],
      },
    },
  };

  test('a mixed instances policy stays whole when the group is pointed at another version', () => {
    expect(pointedAt(mixed as never, { id: 'lt-1', version: 8 })).toEqual({
      MixedInstancesPolicy: {
        InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0 },
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateId: 'lt-1', Version: '8' },
          Overrides: [
            {
              InstanceType: 'm7g.large',
              LaunchTemplateSpecification: { LaunchTemplateId: 'lt-2', Version: '3' },
            },
            { InstanceType: 'm7i.large' },
          ],
        },
      },
    });
    expect(templateOf(mixed as never)).toEqual({ id: 'lt-1', name: 'n', version: '$Latest' });
  });

  test('a template without a version means the default one', () => {
    expect(templateOf({ LaunchTemplate: { LaunchTemplateId: 'lt-1' } } as never).version).toBe('$Default');
  });

  test('a warmup that is switched off is none, and an instance that was attached by hand has no version', () => {
    const group = toGroup({
      AutoScalingGroupName: 'g',
      DefaultInstanceWarmup: -1,
      HealthCheckGracePeriod: 30,
      VPCZoneIdentifier: 'subnet-1,subnet-2',
      Instances: [{ InstanceId: 'i-1', LifecycleState: 'InService', HealthStatus: 'Healthy' }],
    } as never);
    expect(group).toMatchObject({ healthCheckGrace: 30_000, subnets: ['subnet-1', 'subnet-2'] });
    expect(group.defaultWarmup).toBeUndefined();
    expect(group.instances[0]).toMatchObject({ healthy: true, templateVersion: undefined });
  });
});
