import { expect, test } from 'vitest';
import { findImage } from '../../../src/localcloud/engine/ec2/images.ts';
import { findSnapshot } from '../../../src/localcloud/engine/ec2/snapshots.ts';
import { call, type Ec2, ec2, launch, refusal } from '../../helpers/ec2.ts';

const FAR = 'us-east-1';

/** A cloud with one image of the account's own. */
async function imaged(): Promise<Ec2 & { imageId: string; instanceId: string; snapshotId: string }> {
  const cloud = ec2();
  const instanceId = await launch(cloud);
  cloud.clock.advance(100);
  const { imageId } = await call(cloud.engine, 'CreateImage', {
    InstanceId: instanceId,
    Name: 'app-1',
    'TagSpecification.1.ResourceType': 'image',
    'TagSpecification.1.Tag.1.Key': 'release',
    'TagSpecification.1.Tag.1.Value': '1',
  });
  cloud.clock.advance(1_000);
  const snapshotId = findImage(cloud.engine, imageId).snapshotIds[0] as string;
  return { ...cloud, imageId, instanceId, snapshotId };
}

const copy = (SourceImageId: string, parameters = {}) => ({
  SourceImageId,
  SourceRegion: 'eu-central-1',
  Name: 'app-1',
  ...parameters,
});

test('a copy is an image of its own region, with snapshots of its own, and nowhere else', async () => {
  const { engine, clock, imageId, snapshotId } = await imaged();
  const made = await call(engine, 'CopyImage', copy(imageId, { KmsKeyId: '' }), FAR);
  const far = async () => (await call(engine, 'DescribeImages', { 'Owner.1': 'self' }, FAR)).imagesSet;
  expect(await far()).toMatchObject([
    {
      imageId: made.imageId,
      imageState: 'pending',
      sourceImageId: imageId,
      sourceImageRegion: 'eu-central-1',
      description: `[Copied ${imageId} from eu-central-1] app-1`,
      tagSet: [],
    },
  ]);
  clock.advance(1_000);
  expect((await far())[0].imageState).toBe('available');
  expect((await call(engine, 'DescribeImages', { 'Owner.1': 'self' })).imagesSet).toMatchObject([
    { imageId },
  ]);
  expect(await refusal(engine, 'DescribeImages', { 'ImageId.1': made.imageId })).toBe(
    'InvalidAMIID.NotFound',
  );
  expect(await refusal(engine, 'RunInstances', { ImageId: made.imageId, MinCount: 1, MaxCount: 1 })).toBe(
    'InvalidAMIID.NotFound',
  );
  const [copied] = (await call(engine, 'DescribeSnapshots', {}, FAR)).snapshotSet;
  expect(copied).toMatchObject({ status: 'completed', encrypted: false });
  expect(copied.snapshotId).not.toBe(snapshotId);
  expect((await call(engine, 'DescribeSnapshots')).snapshotSet).toMatchObject([{ snapshotId }]);
  expect(findImage(engine, made.imageId).layers).toEqual(findImage(engine, imageId).layers);
});

test('CopyImageTags takes the tags along, and the same client token makes one copy per region', async () => {
  const { engine, imageId } = await imaged();
  const request = copy(imageId, { ClientToken: 'x', CopyImageTags: 'true', Encrypted: 'true' });
  const first = await call(engine, 'CopyImage', request, FAR);
  expect(await call(engine, 'CopyImage', request, FAR)).toEqual(first);
  expect((await call(engine, 'CopyImage', request, 'eu-west-1')).imageId).not.toBe(first.imageId);
  const [image] = (await call(engine, 'DescribeImages', { 'ImageId.1': first.imageId }, FAR)).imagesSet;
  expect(image).toMatchObject({
    tagSet: [{ key: 'release', value: '1' }],
    blockDeviceMapping: [{ ebs: { encrypted: true } }],
  });
  expect((await call(engine, 'DescribeTags', {}, FAR)).tagSet).toMatchObject([{ resourceId: first.imageId }]);
});

test.each([
  ['a name that is taken', { SourceRegion: 'eu-central-1' }, 'eu-central-1', 'InvalidAMIName.Duplicate'],
  ['a source in another region', { SourceRegion: FAR }, FAR, 'InvalidAMIID.NotFound'],
  ['no source region', { SourceRegion: '' }, FAR, 'MissingParameter'],
] as const)('a copy with %s is refused', async (_what, parameters, region, code) => {
  const { engine, imageId } = await imaged();
  expect(await refusal(engine, 'CopyImage', copy(imageId, parameters), region)).toBe(code);
});

test('what is not copied lives in the own region only, and another region says so', async () => {
  const { engine } = await imaged();
  expect(await refusal(engine, 'DescribeInstances', {}, FAR)).toBe('UnsupportedOperation');
  expect(await refusal(engine, 'DescribeRegions', {}, FAR)).toBe('accepted');
});

test('a snapshot of a root volume becomes an image that boots', async () => {
  const { engine, clock, instanceId } = await imaged();
  const { volumeSet } = await call(engine, 'DescribeVolumes');
  const made = await call(engine, 'CreateSnapshot', { VolumeId: volumeSet[0].volumeId, Description: 'mine' });
  expect(made).toMatchObject({ status: 'pending', description: 'mine', volumeId: volumeSet[0].volumeId });
  const register = {
    Name: 'registered',
    Architecture: 'x86_64',
    RootDeviceName: '/dev/xvda',
    'BlockDeviceMapping.1.DeviceName': '/dev/xvda',
    'BlockDeviceMapping.1.Ebs.SnapshotId': made.snapshotId,
    'BlockDeviceMapping.1.Ebs.VolumeSize': 20,
  };
  expect(await refusal(engine, 'RegisterImage', register)).toBe('IncorrectState');
  clock.advance(1_000);
  const { imageId } = await call(engine, 'RegisterImage', register);
  clock.advance(1_000);
  expect((await call(engine, 'DescribeImages', { 'ImageId.1': imageId })).imagesSet).toMatchObject([
    {
      imageState: 'available',
      blockDeviceMapping: [{ ebs: { volumeSize: 20, snapshotId: made.snapshotId } }],
    },
  ]);
  const booted = await launch({ engine, clock, base: imageId });
  expect(booted).not.toBe(instanceId);
  expect(findSnapshot(engine, made.snapshotId).layers).toEqual(findImage(engine, imageId).layers);
  const { 'BlockDeviceMapping.1.Ebs.SnapshotId': _, ...rootless } = register;
  expect(await refusal(engine, 'RegisterImage', { ...rootless, Name: 'other' })).toBe(
    'InvalidBlockDeviceMapping',
  );
});

test('snapshots are taken of all volumes at once, copied, shared and restorable', async () => {
  const { engine, clock, instanceId } = await imaged();
  const { snapshotSet } = await call(engine, 'CreateSnapshots', {
    'InstanceSpecification.InstanceId': instanceId,
    'TagSpecification.1.ResourceType': 'snapshot',
    'TagSpecification.1.Tag.1.Key': 'all',
  });
  expect(snapshotSet).toMatchObject([{ state: 'pending', tagSet: [{ key: 'all', value: '' }] }]);
  const source = { SourceRegion: 'eu-central-1', SourceSnapshotId: snapshotSet[0].snapshotId };
  expect(await refusal(engine, 'CopySnapshot', source, FAR)).toBe('IncorrectState');
  clock.advance(1_000);
  const { snapshotId } = await call(engine, 'CopySnapshot', source, FAR);
  clock.advance(1_000);
  const share = { SnapshotId: snapshotId, Attribute: 'createVolumePermission' };
  await call(
    engine,
    'ModifySnapshotAttribute',
    { ...share, OperationType: 'add', 'UserId.1': '123456789012' },
    FAR,
  );
  await call(
    engine,
    'ModifySnapshotAttribute',
    { ...share, 'CreateVolumePermission.Add.1.Group': 'all' },
    FAR,
  );
  expect(await call(engine, 'DescribeSnapshotAttribute', share, FAR)).toEqual({
    snapshotId,
    createVolumePermission: [{ group: 'all' }, { userId: '123456789012' }],
  });
  const restorable = { 'RestorableBy.1': '123456789012' };
  expect((await call(engine, 'DescribeSnapshots', restorable, FAR)).snapshotSet).toHaveLength(1);
  await call(engine, 'ResetSnapshotAttribute', share, FAR);
  expect((await call(engine, 'DescribeSnapshots', restorable, FAR)).snapshotSet).toEqual([]);
  expect(await refusal(engine, 'DeleteSnapshot', { SnapshotId: snapshotId })).toBe(
    'InvalidSnapshot.NotFound',
  );
});
