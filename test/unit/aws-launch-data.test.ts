import type { ResponseLaunchTemplateData } from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeLaunchData, encodeLaunchData } from '../../src/clouds/aws/launch-data.ts';
import type { LaunchSettings } from '../../src/clouds/cloud.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const rootVolume = fc.record(
  {
    device: fc.constantFrom('/dev/xvda', '/dev/sda1', '/dev/sdb'),
    type: fc.constantFrom('gp3', 'gp2', 'io2'),
    encrypted: fc.boolean(),
    sizeGiB: fc.integer({ min: 1, max: 16_384 }),
    iops: fc.integer({ min: 3_000, max: 80_000 }),
    throughput: fc.integer({ min: 125, max: 2_000 }),
    kmsKey: name,
  },
  { requiredKeys: ['device', 'type', 'encrypted'] },
);

const settings: fc.Arbitrary<LaunchSettings> = fc
  .record({
    imageId: name.map((id) => `ami-${id}`),
    instanceType: fc.constantFrom('t3.micro', 'm7g.large'),
    instanceProfile: optional(
      fc.oneof(
        name,
        name.map((id) => `arn:aws:iam::000000000000:instance-profile/${id}`),
      ),
    ),
    securityGroupIds: fc.uniqueArray(name, { maxLength: 3 }),
    keyName: optional(name),
    monitoring: fc.boolean(),
    ebsOptimized: fc.boolean(),
    rootVolume: optional(rootVolume),
    userData: fc.string({ unit: 'grapheme', maxLength: 200 }),
    tags: fc.dictionary(name, fc.string({ maxLength: 20 }), { maxKeys: 4, noNullPrototype: true }),
  })
  .map(
    (value) =>
      Object.fromEntries(
        Object.entries(value).filter(([, item]) => item !== undefined),
      ) as unknown as LaunchSettings,
  );

/** EC2 answers with what it was sent. */
const answered = (value: LaunchSettings) => encodeLaunchData(value) as ResponseLaunchTemplateData;

describe('launch template data', () => {
  test('whatever is written into a launch template is read back the same', () => {
    const sameAgain = (value: LaunchSettings) => {
      expect(decodeLaunchData(answered(value))).toEqual(value);
    };
    fc.assert(fc.property(settings, sameAgain));
  });

  test('a new template demands session tokens from the metadata service, one hop away', () => {
    expect(encodeLaunchData({ imageId: 'ami-1' }).MetadataOptions).toEqual({
      HttpTokens: 'required',
      HttpEndpoint: 'enabled',
      HttpPutResponseHopLimit: 1,
      InstanceMetadataTags: 'enabled',
    });
  });

  const others: ResponseLaunchTemplateData = {
    ImageId: 'ami-1',
    MetadataOptions: { HttpTokens: 'optional' },
    NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: 'subnet-1', Groups: ['sg-1'] }],
    BlockDeviceMappings: [
      { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 500 } },
      { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8, VolumeType: 'gp2' } },
    ],
    TagSpecifications: [
      { ResourceType: 'instance', Tags: [{ Key: 'a', Value: 'old' }] },
      { ResourceType: 'network-interface', Tags: [{ Key: 'net', Value: 'kept' }] },
    ],
  };

  test('only a new image is sent when only the image changes', () => {
    expect(JSON.parse(JSON.stringify(encodeLaunchData({ imageId: 'ami-2' }, others)))).toEqual({
      ImageId: 'ami-2',
    });
  });

  test('data volumes, other tags and the network interface of another maker survive a new version', () => {
    const rootVolume = { device: '/dev/xvda', type: 'gp3', sizeGiB: 20, encrypted: true };
    const data = encodeLaunchData({ rootVolume, tags: { a: 'new' }, securityGroupIds: ['sg-2'] }, others);
    expect(data.BlockDeviceMappings?.map(({ DeviceName }) => DeviceName)).toEqual(['/dev/sdf', '/dev/xvda']);
    expect(data.BlockDeviceMappings?.[1]?.Ebs).toMatchObject({
      VolumeSize: 20,
      VolumeType: 'gp3',
      Encrypted: true,
    });
    expect(data.TagSpecifications).toEqual([
      { ResourceType: 'instance', Tags: [{ Key: 'a', Value: 'new' }] },
      { ResourceType: 'volume', Tags: [{ Key: 'a', Value: 'new' }] },
      { ResourceType: 'network-interface', Tags: [{ Key: 'net', Value: 'kept' }] },
    ]);
    expect(data.NetworkInterfaces).toEqual([{ DeviceIndex: 0, SubnetId: 'subnet-1', Groups: ['sg-2'] }]);
    expect(data.SecurityGroupIds).toBeUndefined();
    expect(data.MetadataOptions).toBeUndefined();
  });

  test('the root volume is told from data volumes, and the groups from the network interface', () => {
    const decoded = decodeLaunchData(others);
    expect(decoded.rootVolume).toEqual({ device: '/dev/xvda', sizeGiB: 8, type: 'gp2', encrypted: false });
    expect(decoded.securityGroupIds).toEqual(['sg-1']);
    expect(decoded.tags).toEqual({ a: 'old' });
  });
});
