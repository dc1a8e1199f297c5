import { expect, test } from 'vitest';
import { findImage } from '../../../src/localcloud/engine/ec2/images.ts';
import { findInstance } from '../../../src/localcloud/engine/ec2/instances.ts';
import { call, type Ec2, ec2, launch, pass, recordingRuntime, refusal } from '../../helpers/ec2.ts';

function machines() {
  const recorded = recordingRuntime();
  return { ...recorded, cloud: ec2({ runtime: recorded.runtime }) };
}

async function image(cloud: Ec2, InstanceId: string, parameters = {}): Promise<string> {
  return (await call(cloud.engine, 'CreateImage', { InstanceId, Name: 'app-1', ...parameters })).imageId;
}

const described = async (cloud: Ec2, id: string) =>
  (await call(cloud.engine, 'DescribeImages', { 'ImageId.1': id })).imagesSet[0];

test('an image of a stopped instance freezes its disk, is pending for its latency and carries both kinds of tags', async () => {
  const m = machines();
  const id = await launch(m.cloud);
  await pass(m.cloud);
  await call(m.cloud.engine, 'StopInstances', { 'InstanceId.1': id });
  await pass(m.cloud);
  const imageId = await image(m.cloud, id, {
    'TagSpecification.1.ResourceType': 'image',
    'TagSpecification.1.Tag.1.Key': 'bake',
    'TagSpecification.1.Tag.1.Value': '1',
    'TagSpecification.2.ResourceType': 'snapshot',
    'TagSpecification.2.Tag.1.Key': 'of',
    'TagSpecification.2.Tag.1.Value': 'bake',
  });
  expect((await described(m.cloud, imageId)).imageState).toBe('pending');
  expect(await refusal(m.cloud.engine, 'RunInstances', { ImageId: imageId, MinCount: 1, MaxCount: 1 })).toBe(
    'InvalidAMIID.Unavailable',
  );
  await pass(m.cloud);
  const { snapshotIds, layers } = findImage(m.cloud.engine, imageId);
  expect(m.calls.at(-1)).toBe(`freeze ${id} ${snapshotIds[0]}`);
  expect(layers).toEqual(snapshotIds);
  expect(await described(m.cloud, imageId)).toMatchObject({
    imageState: 'available',
    tagSet: [{ key: 'bake', value: '1' }],
    blockDeviceMapping: [{ deviceName: '/dev/xvda', ebs: { snapshotId: snapshotIds[0] } }],
  });
  const { snapshotSet } = await call(m.cloud.engine, 'DescribeSnapshots', { 'Owner.1': 'self' });
  expect(snapshotSet).toMatchObject([{ status: 'completed', tagSet: [{ key: 'of', value: 'bake' }] }]);
});

test('an image of a running instance stops it and boots it again on the frozen layer', async () => {
  const m = machines();
  const id = await launch(m.cloud);
  await pass(m.cloud);
  const imageId = await image(m.cloud, id);
  await pass(m.cloud);
  const [layer] = findImage(m.cloud.engine, imageId).layers;
  expect(m.calls).toEqual([`boot ${id}`, `shutdown ${id}`, `freeze ${id} ${layer}`, `boot ${id}`]);
  expect(m.boots[1]).toMatchObject({ layers: [layer], firstBoot: false });
  expect(findInstance(m.cloud.engine, id)).toMatchObject({ state: 'running', restart: undefined });
});

test('NoReboot copies the disk of the running machine', async () => {
  const m = machines();
  const id = await launch(m.cloud);
  await pass(m.cloud);
  const imageId = await image(m.cloud, id, { NoReboot: 'true' });
  await pass(m.cloud);
  const [layer] = findImage(m.cloud.engine, imageId).layers;
  expect(m.calls).toEqual([`boot ${id}`, `freeze ${id} ${layer} live`]);
  expect(findInstance(m.cloud.engine, id).layers).toEqual([]);
});

test('a second image of an instance that was not booted since is the same disk', async () => {
  const m = machines();
  const id = await launch(m.cloud);
  await pass(m.cloud);
  await call(m.cloud.engine, 'StopInstances', { 'InstanceId.1': id });
  await pass(m.cloud);
  const first = await image(m.cloud, id);
  await pass(m.cloud);
  const second = await image(m.cloud, id, { Name: 'app-2' });
  await pass(m.cloud);
  expect(findImage(m.cloud.engine, second)).toMatchObject({
    state: 'available',
    layers: findImage(m.cloud.engine, first).layers,
  });
  await call(m.cloud.engine, 'StartInstances', { 'InstanceId.1': id });
  await pass(m.cloud);
  const third = await image(m.cloud, id, { Name: 'app-3', NoReboot: 'true' });
  await pass(m.cloud);
  expect(findImage(m.cloud.engine, third).layers).toHaveLength(2);
});

test('an image deregistered while its disk is captured leaves nothing behind', async () => {
  const m = machines();
  const id = await launch(m.cloud);
  await pass(m.cloud);
  const imageId = await image(m.cloud, id, { NoReboot: 'true' });
  await call(m.cloud.engine, 'DeregisterImage', { ImageId: imageId, DeleteAssociatedSnapshots: 'true' });
  await pass(m.cloud);
  expect(findImage(m.cloud.engine, imageId).state).toBe('deregistered');
  expect(m.calls.at(-1)).toMatch(/^removeLayer snap-/);
});

test('an image whose disk could not be captured is failed, with its snapshots', async () => {
  const m = machines();
  const id = await launch(m.cloud);
  await pass(m.cloud);
  m.failing.add('freeze');
  const imageId = await image(m.cloud, id);
  await pass(m.cloud);
  expect(await described(m.cloud, imageId)).toMatchObject({
    imageState: 'failed',
    stateReason: { message: 'freeze failed as told' },
  });
  const { snapshotSet } = await call(m.cloud.engine, 'DescribeSnapshots');
  expect(snapshotSet[0].status).toBe('error');
  expect(findInstance(m.cloud.engine, id).state).toBe('running');
});

test('a layer goes when no image, no snapshot and no instance needs it, and not before', async () => {
  const m = machines();
  const builder = await launch(m.cloud);
  await pass(m.cloud);
  const base = await image(m.cloud, builder, { Name: 'base' });
  await pass(m.cloud);
  const user = await launch(m.cloud, { ImageId: base });
  await pass(m.cloud);
  const top = await image(m.cloud, user, { Name: 'top' });
  await pass(m.cloud);
  const [upper, lower] = findImage(m.cloud.engine, top).layers;
  expect(findImage(m.cloud.engine, base).layers).toEqual([lower]);
  const removed = () => m.calls.filter((call) => call.startsWith('removeLayer'));

  await call(m.cloud.engine, 'TerminateInstances', { 'InstanceId.1': builder });
  await call(m.cloud.engine, 'DeregisterImage', { ImageId: base, DeleteAssociatedSnapshots: 'true' });
  await pass(m.cloud);
  expect(removed()).toEqual([]);

  await call(m.cloud.engine, 'DeregisterImage', { ImageId: top });
  await pass(m.cloud);
  await call(m.cloud.engine, 'TerminateInstances', { 'InstanceId.1': user });
  await pass(m.cloud);
  expect(removed()).toEqual([]);

  await call(m.cloud.engine, 'DeleteSnapshot', { SnapshotId: upper! });
  await pass(m.cloud);
  expect(removed().sort()).toEqual([`removeLayer ${lower}`, `removeLayer ${upper}`].sort());
});

test('a layer that cannot be removed is not tried for ever', async () => {
  const m = machines();
  const id = await launch(m.cloud);
  await pass(m.cloud);
  const imageId = await image(m.cloud, id);
  await pass(m.cloud);
  m.failing.add('removeLayer');
  await call(m.cloud.engine, 'DeregisterImage', { ImageId: imageId, DeleteAssociatedSnapshots: 'true' });
  await call(m.cloud.engine, 'TerminateInstances', { 'InstanceId.1': id });
  await pass(m.cloud);
  await pass(m.cloud);
  expect(m.calls.filter((call) => call.startsWith('removeLayer'))).toHaveLength(1);
});

test('names are unique among images that exist, and have rules', async () => {
  const cloud = ec2();
  const id = await launch(cloud);
  cloud.clock.advance(100);
  const first = await image(cloud, id);
  const create = (Name: string) => refusal(cloud.engine, 'CreateImage', { InstanceId: id, Name });
  expect(await create('app-1')).toBe('InvalidAMIName.Duplicate');
  expect(await create('no')).toBe('InvalidAMIName.Malformed');
  expect(await create('a;b;c')).toBe('InvalidAMIName.Malformed');
  cloud.clock.advance(1_000);
  await call(cloud.engine, 'DeregisterImage', { ImageId: first });
  expect(await create('app-1')).toBe('accepted');
});

test('a deregistered image is unavailable, then unknown; its snapshot stays unless it is to go', async () => {
  const cloud = ec2();
  const id = await launch(cloud);
  cloud.clock.advance(100);
  const imageId = await image(cloud, id);
  cloud.clock.advance(1_000);
  const [snapshotId] = findImage(cloud.engine, imageId).snapshotIds as [string];
  expect(await refusal(cloud.engine, 'DeleteSnapshot', { SnapshotId: snapshotId })).toBe(
    'InvalidSnapshot.InUse',
  );
  await call(cloud.engine, 'DeregisterImage', { ImageId: imageId });
  expect(await refusal(cloud.engine, 'DescribeImages', { 'ImageId.1': imageId })).toBe(
    'InvalidAMIID.Unavailable',
  );
  expect((await call(cloud.engine, 'DescribeImages', { 'Owner.1': 'self' })).imagesSet).toEqual([]);
  expect((await call(cloud.engine, 'DescribeSnapshots')).snapshotSet).toHaveLength(1);
  cloud.clock.advance(3_600_000);
  expect(await refusal(cloud.engine, 'DescribeImages', { 'ImageId.1': imageId })).toBe(
    'InvalidAMIID.NotFound',
  );
  const second = await image(cloud, id);
  cloud.clock.advance(1_000);
  const gone = await call(cloud.engine, 'DeregisterImage', {
    ImageId: second,
    DeleteAssociatedSnapshots: 'true',
  });
  expect(gone.deleteSnapshotResultSet).toMatchObject([{ returnCode: 'success' }]);
  expect((await call(cloud.engine, 'DescribeSnapshots')).snapshotSet).toHaveLength(1);
});

test('the base image is public, owned by amazon and cannot be deregistered', async () => {
  const cloud = ec2();
  const amazon = await call(cloud.engine, 'DescribeImages', {
    'Owner.1': 'amazon',
    'Filter.1.Name': 'name',
    'Filter.1.Value.1': 'al2023-local-base-*',
  });
  expect(amazon.imagesSet).toMatchObject([
    { imageId: cloud.base, isPublic: true, imageOwnerAlias: 'amazon' },
  ]);
  expect((await call(cloud.engine, 'DescribeImages', { 'Owner.1': 'self' })).imagesSet).toEqual([]);
  expect(await refusal(cloud.engine, 'DeregisterImage', { ImageId: cloud.base })).toBe('AuthFailure');
});

test('an image of an instance on its way somewhere is refused', async () => {
  const cloud = ec2();
  const id = await launch(cloud);
  expect(await refusal(cloud.engine, 'CreateImage', { InstanceId: id, Name: 'app' })).toBe(
    'IncorrectInstanceState',
  );
});
