import * as sdk from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { startCloud } from '../helpers/cloud.ts';
import { describeSandbox } from '../helpers/sandbox.ts';

describeSandbox("an instance's disk", (sandbox) => {
  test('goes by way of a snapshot into an image that boots with its files, and is replaced by the first one again', async () => {
    const runtime = await sandbox.open();
    const cloud = await startCloud({ runtime });
    const ec2 = new sdk.EC2Client(cloud.client);
    const ids: string[] = [];
    const up = async (ImageId: string | undefined) => {
      const launch = { ImageId, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
      const { Instances } = await ec2.send(new sdk.RunInstancesCommand(launch));
      const id = Instances?.[0]?.InstanceId as string;
      ids.push(id);
      await sdk.waitUntilInstanceRunning(wait, { InstanceIds: [id] });
      return id;
    };
    const wait = { client: ec2, maxWaitTime: 30, minDelay: 1, maxDelay: 1 };
    const run = async (id: string, script: string) =>
      (await runtime.run(id, { id: `c-${cloud.engine.ids.hex(8)}`, script, timeoutMs: 20_000 })).stdout;
    try {
      const first = await up(baseImageId(cloud.engine));
      await run(first, 'echo kept > /opt/mark');
      const { Volumes } = await ec2.send(new sdk.DescribeVolumesCommand({}));
      const { SnapshotId } = await ec2.send(
        new sdk.CreateSnapshotCommand({ VolumeId: Volumes?.[0]?.VolumeId }),
      );
      await sdk.waitUntilSnapshotCompleted(wait, { SnapshotIds: [SnapshotId as string] });
      const { ImageId } = await ec2.send(
        new sdk.RegisterImageCommand({
          Name: 'of-a-snapshot',
          RootDeviceName: '/dev/xvda',
          BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId } }],
        }),
      );
      await sdk.waitUntilImageAvailable(wait, { ImageIds: [ImageId as string] });
      const second = await up(ImageId);
      expect(await run(second, 'cat /opt/mark')).toBe('kept\n');

      await ec2.send(new sdk.CreateReplaceRootVolumeTaskCommand({ InstanceId: first }));
      const task = async () =>
        (await ec2.send(new sdk.DescribeReplaceRootVolumeTasksCommand({}))).ReplaceRootVolumeTasks?.[0];
      await expect.poll(async () => (await task())?.TaskState, { timeout: 20_000 }).toBe('succeeded');
      expect(await run(first, 'cat /opt/mark 2>/dev/null || echo gone')).toBe('gone\n');
    } finally {
      await ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds: ids }));
      await sdk.waitUntilInstanceTerminated(wait, { InstanceIds: ids });
      await cloud.close();
    }
  });
});
