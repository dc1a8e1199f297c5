import { expect, test } from 'vitest';
import { findImage } from '../../../src/localcloud/engine/ec2/images.ts';
import { findInstance } from '../../../src/localcloud/engine/ec2/instances.ts';
import { call, ec2, launch, pass, recordingRuntime, refusal } from '../../helpers/ec2.ts';

test('a replaced root volume takes the instance down and up again on the new disk, as itself', async () => {
  const { runtime, calls, boots } = recordingRuntime();
  const cloud = ec2({ runtime });
  const { engine } = cloud;
  const InstanceId = await launch(cloud);
  await pass(cloud);
  const { imageId } = await call(engine, 'CreateImage', { InstanceId, Name: 'app-1', NoReboot: 'true' });
  await pass(cloud);
  const before = findInstance(engine, InstanceId);
  calls.length = 0;
  const { replaceRootVolumeTask } = await call(engine, 'CreateReplaceRootVolumeTask', {
    InstanceId,
    ImageId: imageId,
    DeleteReplacedRootVolume: 'true',
  });
  expect(replaceRootVolumeTask.taskState).toBe('in-progress');
  const again = { InstanceId, ImageId: imageId };
  expect(await refusal(engine, 'CreateReplaceRootVolumeTask', again)).toBe('IncorrectInstanceState');
  await pass(cloud);
  expect(calls).toEqual([`shutdown ${InstanceId}`, `destroy ${InstanceId}`, `boot ${InstanceId}`]);
  expect(boots.at(-1)).toMatchObject({ layers: findImage(engine, imageId).layers, firstBoot: true });
  const { replaceRootVolumeTaskSet } = await call(engine, 'DescribeReplaceRootVolumeTasks');
  expect(replaceRootVolumeTaskSet).toMatchObject([{ taskState: 'succeeded', imageId }]);
  const after = findInstance(engine, InstanceId);
  expect(after).toMatchObject({ state: 'running', address: before.address, imageId, booted: true });
  const { volumeSet } = await call(engine, 'DescribeVolumes');
  expect(volumeSet).toMatchObject([{ volumeId: after.blockDevices[0]?.volumeId }]);
  expect(after.blockDevices[0]?.volumeId).not.toBe(before.blockDevices[0]?.volumeId);
});

test('an instance that is not up keeps its root volume', async () => {
  const cloud = ec2();
  const InstanceId = await launch(cloud);
  expect(await refusal(cloud.engine, 'CreateReplaceRootVolumeTask', { InstanceId })).toBe(
    'IncorrectInstanceState',
  );
});
