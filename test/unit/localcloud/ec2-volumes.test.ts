import { expect, test } from 'vitest';
import { call, ec2, launch, refusal } from '../../helpers/ec2.ts';

async function attached() {
  const cloud = ec2();
  const { engine, clock } = cloud;
  const InstanceId = await launch(cloud);
  const made = await call(engine, 'CreateVolume', { AvailabilityZone: 'eu-central-1a', Size: 10 });
  const VolumeId: string = made.volumeId;
  expect(made).toMatchObject({ status: 'creating', volumeType: 'gp2', size: 10 });
  const attach = { VolumeId, InstanceId, Device: '/dev/sdf' };
  expect(await refusal(engine, 'AttachVolume', attach)).toBe('IncorrectState');
  clock.advance(1_000);
  expect(await call(engine, 'AttachVolume', attach)).toMatchObject({ status: 'attaching' });
  const shown = async () => (await call(engine, 'DescribeVolumes', { 'VolumeId.1': VolumeId })).volumeSet[0];
  return { ...cloud, InstanceId, VolumeId, shown };
}

test('a volume is made, attached, detached and deleted', async () => {
  const { engine, InstanceId, VolumeId, shown } = await attached();
  expect(await shown()).toMatchObject({
    status: 'in-use',
    attachmentSet: [{ instanceId: InstanceId, device: '/dev/sdf', deleteOnTermination: false }],
  });
  const { reservationSet } = await call(engine, 'DescribeInstances');
  expect(reservationSet[0].instancesSet[0].blockDeviceMapping).toMatchObject([
    { deviceName: '/dev/xvda' },
    { deviceName: '/dev/sdf', ebs: { volumeId: VolumeId } },
  ]);
  expect(await refusal(engine, 'DeleteVolume', { VolumeId })).toBe('VolumeInUse');
  await call(engine, 'DetachVolume', { VolumeId });
  expect(await shown()).toMatchObject({ status: 'available', attachmentSet: [] });
  expect(await refusal(engine, 'DetachVolume', { VolumeId })).toBe('IncorrectState');
  await call(engine, 'DeleteVolume', { VolumeId });
  expect(await refusal(engine, 'DescribeVolumes', { 'VolumeId.1': VolumeId })).toBe('InvalidVolume.NotFound');
});

test('a volume stays when its instance goes, unless it is told to go too', async () => {
  for (const goes of ['false', 'true']) {
    const { engine, clock, InstanceId, shown } = await attached();
    await call(engine, 'ModifyInstanceAttribute', {
      InstanceId,
      'BlockDeviceMapping.1.DeviceName': '/dev/sdf',
      'BlockDeviceMapping.1.Ebs.DeleteOnTermination': goes,
    });
    await call(engine, 'TerminateInstances', { 'InstanceId.1': InstanceId });
    clock.advance(1_000);
    if (goes === 'false') expect((await shown()).status).toBe('available');
    else await expect(shown()).rejects.toMatchObject({ code: 'InvalidVolume.NotFound' });
  }
});

test('a root volume cannot be detached, a device name is taken once, zones do not mix', async () => {
  const { engine, clock, InstanceId, VolumeId } = await attached();
  const { volumeSet } = await call(engine, 'DescribeVolumes', {
    'Filter.1.Name': 'attachment.device',
    'Filter.1.Value.1': '/dev/xvda',
  });
  const attach = async (zone: string, Device: string) => {
    const made = await call(engine, 'CreateVolume', { AvailabilityZone: zone, Size: 1 });
    clock.advance(100);
    return refusal(engine, 'AttachVolume', { VolumeId: made.volumeId, InstanceId, Device });
  };
  expect(await refusal(engine, 'DetachVolume', { VolumeId: volumeSet[0].volumeId })).toBe(
    'OperationNotPermitted',
  );
  expect(await attach('eu-central-1a', '/dev/sdf')).toBe('InvalidParameterValue');
  expect(await attach('eu-central-1b', '/dev/sdg')).toBe('InvalidVolume.ZoneMismatch');
  expect(await refusal(engine, 'CreateVolume', { AvailabilityZone: 'mars', Size: 1 })).toBe(
    'InvalidZone.NotFound',
  );
  expect(await refusal(engine, 'ModifyVolume', { VolumeId, Size: 5 })).toBe('InvalidParameterValue');
});

test('a volume grows, and says from what to what', async () => {
  const { engine, clock, VolumeId, shown } = await attached();
  const { volumeModification } = await call(engine, 'ModifyVolume', {
    VolumeId,
    Size: 30,
    VolumeType: 'gp3',
  });
  expect(volumeModification).toMatchObject({
    modificationState: 'modifying',
    originalSize: 10,
    targetSize: 30,
  });
  expect(await refusal(engine, 'ModifyVolume', { VolumeId, Size: 40 })).toBe('IncorrectModificationState');
  clock.advance(1_000);
  const { volumeModificationSet } = await call(engine, 'DescribeVolumesModifications', {
    'Filter.1.Name': 'modification-state',
    'Filter.1.Value.1': 'completed',
  });
  expect(volumeModificationSet).toMatchObject([{ volumeId: VolumeId, progress: 100 }]);
  expect(await shown()).toMatchObject({ size: 30, volumeType: 'gp3' });
});

test("an image's data devices come with every instance of it, as the launch wants them", async () => {
  const { engine, clock, InstanceId } = await attached();
  const { imageId } = await call(engine, 'CreateImage', {
    InstanceId,
    Name: 'two-disks',
    'BlockDeviceMapping.1.DeviceName': '/dev/sdf',
    'BlockDeviceMapping.1.Ebs.VolumeType': 'io2',
    'BlockDeviceMapping.1.Ebs.Iops': 500,
  });
  clock.advance(1_000);
  const disks = async (parameters = {}) => {
    const id = await launch({ engine, clock, base: imageId }, parameters);
    const { volumeSet } = await call(engine, 'DescribeVolumes', {
      'Filter.1.Name': 'attachment.instance-id',
      'Filter.1.Value.1': id,
    });
    return volumeSet.map((v: { size: number; volumeType: string }) => `${v.volumeType} ${v.size}`);
  };
  expect(await disks()).toEqual(['gp3 8', 'io2 10']);
  const data = { 'BlockDeviceMapping.1.DeviceName': '/dev/sdf' };
  expect(await disks({ ...data, 'BlockDeviceMapping.1.Ebs.VolumeSize': 20 })).toEqual(['gp3 8', 'io2 20']);
  expect(await disks({ ...data, 'BlockDeviceMapping.1.NoDevice': '' })).toEqual(['gp3 8']);
  const small = {
    ...data,
    'BlockDeviceMapping.1.Ebs.VolumeSize': 5,
    ImageId: imageId,
    MinCount: 1,
    MaxCount: 1,
  };
  expect(await refusal(engine, 'RunInstances', small)).toBe('InvalidBlockDeviceMapping');
});
