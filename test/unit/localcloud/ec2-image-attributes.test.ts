import { expect, test } from 'vitest';
import { call, ec2, launch, refusal } from '../../helpers/ec2.ts';

async function imaged() {
  const cloud = ec2();
  const instanceId = await launch(cloud);
  cloud.clock.advance(100);
  const { imageId } = await call(cloud.engine, 'CreateImage', { InstanceId: instanceId, Name: 'app-1' });
  cloud.clock.advance(1_000);
  const ImageId: string = imageId;
  const { engine } = cloud;
  return {
    ...cloud,
    ImageId,
    modify: (parameters: Record<string, string>) =>
      call(engine, 'ModifyImageAttribute', { ImageId, ...parameters }),
    attribute: async (Attribute: string) =>
      (await call(engine, 'DescribeImageAttribute', { ImageId, Attribute }))[Attribute],
    shown: async (parameters = {}) => (await call(engine, 'DescribeImages', parameters)).imagesSet,
  };
}

test('an image is shared and unshared in both forms that the API has', async () => {
  const { modify, attribute, shown, engine, ImageId } = await imaged();
  await modify({
    'LaunchPermission.Add.1.UserId': '111111111111',
    'LaunchPermission.Add.2.UserId': '222222222222',
  });
  await modify({ Attribute: 'launchPermission', OperationType: 'add', 'UserId.1': '333333333333' });
  await modify({ Attribute: 'launchPermission', OperationType: 'remove', 'UserId.1': '111111111111' });
  await modify({ 'LaunchPermission.Add.1.Group': 'all' });
  expect(await attribute('launchPermission')).toEqual([
    { group: 'all' },
    { userId: '222222222222' },
    { userId: '333333333333' },
  ]);
  expect(await shown({ 'ExecutableBy.1': '222222222222' })).toMatchObject([
    { imageId: ImageId, isPublic: true },
  ]);
  expect(await shown({ 'ExecutableBy.1': '111111111111' })).toEqual([]);
  expect(await shown({ 'ExecutableBy.1': 'all' })).toHaveLength(2);
  await call(engine, 'ResetImageAttribute', { ImageId, Attribute: 'launchPermission' });
  expect(await attribute('launchPermission')).toEqual([]);
});

test('description and IMDS support are changed, by their own parameter or by name and value', async () => {
  const { modify, attribute, engine, ImageId, base } = await imaged();
  await modify({ 'Description.Value': 'first' });
  expect(await attribute('description')).toEqual({ value: 'first' });
  await modify({ Attribute: 'description', Value: 'second' });
  expect(await attribute('description')).toEqual({ value: 'second' });
  await modify({ 'ImdsSupport.Value': 'v2.0' });
  expect(await attribute('imdsSupport')).toEqual({ value: 'v2.0' });
  const refused = (parameters: Record<string, string>) => refusal(engine, 'ModifyImageAttribute', parameters);
  expect(await refused({ ImageId, 'LaunchPermission.Add.1.UserId': 'me' })).toBe(
    'InvalidAMIAttributeItemValue',
  );
  expect(await refused({ ImageId, Attribute: 'colour', Value: 'red' })).toBe('InvalidParameterValue');
  expect(await refused({ ImageId })).toBe('InvalidParameterCombination');
  expect(await refused({ ImageId: base, 'Description.Value': 'x' })).toBe('AuthFailure');
});

test('a deprecated image stays visible to its owner and says when', async () => {
  const { engine, clock, ImageId, shown } = await imaged();
  const at = new Date(clock.now() + 3_600_000).toISOString();
  await call(engine, 'EnableImageDeprecation', { ImageId, DeprecateAt: at });
  clock.advance(7_200_000);
  expect(await shown({ 'Owner.1': 'self' })).toMatchObject([
    { deprecationTime: expect.stringMatching(/T01:00:00/) },
  ]);
  await call(engine, 'DisableImageDeprecation', { ImageId });
  expect((await shown({ 'Owner.1': 'self' }))[0].deprecationTime).toBeUndefined();
  const past = { ImageId, DeprecateAt: '2020-01-01T00:00:00Z' };
  expect(await refusal(engine, 'EnableImageDeprecation', past)).toBe('InvalidParameterValue');
});

test('a protected image is not deregistered, also not within the cooldown', async () => {
  const { engine, clock, ImageId, attribute } = await imaged();
  await call(engine, 'EnableImageDeregistrationProtection', { ImageId, WithCooldown: 'true' });
  expect(await attribute('deregistrationProtection')).toEqual({ value: 'enabled-with-cooldown' });
  expect(await refusal(engine, 'DeregisterImage', { ImageId })).toBe('OperationNotPermitted');
  await call(engine, 'DisableImageDeregistrationProtection', { ImageId });
  expect(await refusal(engine, 'DeregisterImage', { ImageId })).toBe('OperationNotPermitted');
  clock.advance(24 * 3_600_000);
  expect(await refusal(engine, 'DeregisterImage', { ImageId })).toBe('accepted');
});

test('a disabled image launches nothing and is listed only where it is asked for', async () => {
  const { engine, ImageId, shown } = await imaged();
  await call(engine, 'DisableImage', { ImageId });
  const run = { ImageId, MinCount: 1, MaxCount: 1 };
  expect(await refusal(engine, 'RunInstances', run)).toBe('InvalidAMIID.Unavailable');
  expect(await shown({ 'Owner.1': 'self' })).toEqual([]);
  expect(await shown({ 'Owner.1': 'self', IncludeDisabled: 'true' })).toMatchObject([
    { imageState: 'disabled' },
  ]);
  await call(engine, 'EnableImage', { ImageId });
  expect(await refusal(engine, 'RunInstances', run)).toBe('accepted');
});

test('deregistering with snapshots says of each what became of it', async () => {
  const { engine, clock, ImageId, shown } = await imaged();
  const [{ blockDeviceMapping }] = await shown({ 'ImageId.1': ImageId });
  const { snapshotId } = blockDeviceMapping[0].ebs;
  const { imageId } = await call(engine, 'RegisterImage', {
    Name: 'second',
    RootDeviceName: '/dev/xvda',
    'BlockDeviceMapping.1.DeviceName': '/dev/xvda',
    'BlockDeviceMapping.1.Ebs.SnapshotId': snapshotId,
  });
  clock.advance(1_000);
  const deregister = async (id: string) =>
    (await call(engine, 'DeregisterImage', { ImageId: id, DeleteAssociatedSnapshots: 'true' }))
      .deleteSnapshotResultSet;
  expect(await deregister(ImageId)).toEqual([{ snapshotId, returnCode: 'skipped' }]);
  expect(await deregister(imageId)).toEqual([{ snapshotId, returnCode: 'success' }]);
});
