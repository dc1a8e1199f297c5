import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import type { Runtime } from '../../../src/localcloud/sandbox/runtime.ts';
import { callAlibaba } from '../../helpers/alicloud.ts';
import { ecsClient } from '../../helpers/alicloud-sdk.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';
import { scriptedRuntime } from '../../helpers/scripted-runtime.ts';

const regionId = 'eu-central-1';
const minutes = (n: number) => n * 60_000;

let clock: VirtualClock;
let cloud: TestCloud;
let sdk: ReturnType<typeof ecsClient>;
beforeEach(async () => {
  clock = new VirtualClock(Date.parse('2026-01-01T00:00:00Z'));
  const said = (script: string) => ({ exitCode: 0, stdout: `ran ${script}`, stderr: '', timedOut: false });
  const runtime: Runtime = { ...scriptedRuntime(), run: async (_, { script }) => said(script) };
  cloud = await startCloud({ clock, runtime });
  sdk = ecsClient(cloud);
});
afterEach(() => cloud.close());

async function passes(ms: number): Promise<void> {
  clock.advance(ms);
  await cloud.engine.idle();
}

async function baseImage(): Promise<string> {
  const { client, ecs } = sdk;
  const imageFamily = 'acs:alibaba_cloud_linux_3_2104_lts_x64';
  const { body } = await client.describeImageFromFamily(
    new ecs.DescribeImageFromFamilyRequest({ regionId, imageFamily }),
  );
  return body!.image!.imageId!;
}

async function launch(more: object = {}): Promise<string> {
  const { client, ecs } = sdk;
  const { body } = await client.runInstances(
    new ecs.RunInstancesRequest({
      regionId,
      imageId: await baseImage(),
      instanceType: 'ecs.c7.large',
      tag: [{ key: 'bake:run', value: 'r 1' }],
      ...more,
    }),
  );
  const [id] = body!.instanceIdSets!.instanceIdSet!;
  await passes(minutes(2));
  return id!;
}

async function statusOf(id: string): Promise<string | undefined> {
  const { client, ecs } = sdk;
  const { body } = await client.describeInstances(
    new ecs.DescribeInstancesRequest({ regionId, instanceIds: JSON.stringify([id]) }),
  );
  return body!.instances!.instance![0]?.status;
}

describe('instances, by the official client', () => {
  test('are launched, found by their tags, stopped, started and released', async () => {
    const { client, ecs } = sdk;
    const id = await launch();
    expect(await statusOf(id)).toBe('Running');
    const { body } = await client.describeInstances(
      new ecs.DescribeInstancesRequest({ regionId, tag: [{ key: 'bake:run', value: 'r 1' }] }),
    );
    expect(body!.instances!.instance![0]).toMatchObject({
      instanceId: id,
      tags: { tag: [{ tagKey: 'bake:run', tagValue: 'r 1' }] },
      vpcAttributes: { vSwitchId: expect.stringMatching(/^vsw-/) },
    });
    await client.stopInstance(new ecs.StopInstanceRequest({ instanceId: id }));
    await passes(minutes(2));
    expect(await statusOf(id)).toBe('Stopped');
    await client.startInstance(new ecs.StartInstanceRequest({ instanceId: id }));
    await passes(minutes(2));
    expect(await statusOf(id)).toBe('Running');
    await expect(
      client.deleteInstance(new ecs.DeleteInstanceRequest({ instanceId: id })),
    ).rejects.toMatchObject({ code: 'IncorrectInstanceStatus', statusCode: 403 });
    await client.deleteInstance(new ecs.DeleteInstanceRequest({ instanceId: id, force: true }));
    expect(await statusOf(id)).toBeUndefined();
  });

  test('are one for one client token, and none for a dry run', async () => {
    const { client, ecs } = sdk;
    const one = await launch({ clientToken: 'token' });
    expect(await launch({ clientToken: 'token' })).toBe(one);
    await expect(launch({ clientToken: 'token', instanceName: 'other' })).rejects.toMatchObject({
      code: 'IdempotentParameterMismatch',
    });
    await expect(launch({ dryRun: true })).rejects.toMatchObject({ code: 'DryRunOperation' });
    const { body } = await client.describeInstances(new ecs.DescribeInstancesRequest({ regionId }));
    expect(body!.totalCount).toBe(1);
  });

  test('end by themselves at their release time, half an hour after now at the earliest', async () => {
    await expect(launch({ autoReleaseTime: '2026-01-01T00:10:00Z' })).rejects.toMatchObject({
      code: 'InvalidAutoReleaseTime.NotInRange',
    });
    const id = await launch({ autoReleaseTime: '2026-01-01T01:00:00Z' });
    expect(await statusOf(id)).toBe('Running');
    await passes(minutes(60));
    expect(await statusOf(id)).toBeUndefined();
  });

  test('take user data of 32 KB and not a byte more', async () => {
    const userData = (bytes: number) => Buffer.alloc(bytes, 'x').toString('base64');
    await expect(
      callAlibaba(
        cloud,
        'ecs',
        'RunInstances',
        { ImageId: await baseImage(), InstanceType: 'ecs.c7.large', UserData: userData(32_768) },
        { body: true },
      ),
    ).resolves.toHaveProperty('InstanceIdSets');
    await expect(
      callAlibaba(
        cloud,
        'ecs',
        'RunInstances',
        { ImageId: await baseImage(), InstanceType: 'ecs.c7.large', UserData: userData(32_769) },
        { body: true },
      ),
    ).rejects.toMatchObject({ code: 'InvalidUserData.SizeExceeded' });
  });
});

describe('images, by the official client', () => {
  async function create(id: string, more: object = {}): Promise<string> {
    const { client, ecs } = sdk;
    const request = { regionId, instanceId: id, imageName: 'demo-r1', imageFamily: 'demo', ...more };
    return (await client.createImage(new ecs.CreateImageRequest(request))).body!.imageId!;
  }
  async function describeImage(imageId: string, more: object = {}) {
    const { client, ecs } = sdk;
    const request = new ecs.DescribeImagesRequest({ regionId, imageId, status: 'ALL', ...more });
    return (await client.describeImages(request)).body!.images!.image![0];
  }

  test('are made of a stopped instance, are usable after a while, and lead their family', async () => {
    const { client, ecs } = sdk;
    const id = await launch();
    await client.stopInstance(new ecs.StopInstanceRequest({ instanceId: id }));
    await passes(minutes(2));
    const imageId = await create(id, { tag: [{ key: 'bake:release', value: '1' }] });
    expect(await describeImage(imageId)).toMatchObject({ status: 'Creating', usable: false });
    expect(await describeImage(imageId, { status: undefined })).toBeUndefined();
    await passes(minutes(10));
    const image = await describeImage(imageId);
    expect(image).toMatchObject({ status: 'Available', usable: true, progress: '100%' });
    expect(image!.diskDeviceMappings!.diskDeviceMapping![0]!.snapshotId).toMatch(/^s-/);
    const newest = new ecs.DescribeImageFromFamilyRequest({ regionId, imageFamily: 'demo' });
    expect((await client.describeImageFromFamily(newest)).body!.image!.imageId).toBe(imageId);
    const deprecate = { regionId, imageId, status: 'Deprecated' };
    await client.modifyImageAttribute(new ecs.ModifyImageAttributeRequest(deprecate));
    expect((await client.describeImageFromFamily(newest)).body!.image).toBeUndefined();
    await expect(create(id)).rejects.toMatchObject({ code: 'InvalidImageName.Duplicated' });
  });

  test('are copied from the source region, without family and tags; deleted without their snapshots', async () => {
    const { client, ecs } = sdk;
    const imageId = await create(await launch());
    await passes(minutes(10));
    const copy = new ecs.CopyImageRequest({
      regionId,
      imageId,
      destinationRegionId: 'cn-hangzhou',
      destinationImageName: 'demo-r1',
    });
    const copied = (await client.copyImage(copy)).body!.imageId!;
    await passes(minutes(60));
    expect(await describeImage(copied, { regionId: 'cn-hangzhou' })).toMatchObject({
      status: 'Available',
      imageFamily: '',
      isCopied: true,
    });
    const snapshots = async () =>
      (await client.describeSnapshots(new ecs.DescribeSnapshotsRequest({ regionId }))).body!.snapshots!
        .snapshot!;
    const [snapshot] = await snapshots();
    await expect(
      client.deleteSnapshot(new ecs.DeleteSnapshotRequest({ snapshotId: snapshot!.snapshotId })),
    ).rejects.toMatchObject({ code: 'SnapshotCreatedImage' });
    await client.deleteImage(new ecs.DeleteImageRequest({ regionId, imageId }));
    expect(await snapshots()).toHaveLength(1);
    await client.deleteSnapshot(new ecs.DeleteSnapshotRequest({ snapshotId: snapshot!.snapshotId }));
    expect(await snapshots()).toHaveLength(0);
    await client.deleteImage(new ecs.DeleteImageRequest({ regionId, imageId: 'm-0123456789abcdef0' }));
  });

  test('are shared with ten accounts a call: what is beyond is ignored', async () => {
    const imageId = await create(await launch());
    const accounts = Array.from({ length: 12 }, (_, index) => `10000000000000${index + 10}`);
    await callAlibaba(cloud, 'ecs', 'ModifyImageSharePermission', { ImageId: imageId, AddAccount: accounts });
    const shared = await callAlibaba(cloud, 'ecs', 'DescribeImageSharePermission', { ImageId: imageId });
    expect(shared.TotalCount).toBe(10);
    await expect(
      callAlibaba(cloud, 'ecs', 'ModifyImageAttribute', { ImageId: imageId, Status: 'Deprecated' }),
    ).rejects.toMatchObject({ code: 'InvalidImageStatus.Shared' });
  });
});

describe('Cloud Assistant', () => {
  test('runs a script without any role, and keeps what it said', async () => {
    const { client, ecs } = sdk;
    const id = await launch();
    const status = await client.describeCloudAssistantStatus(
      new ecs.DescribeCloudAssistantStatusRequest({ regionId, instanceId: [id] }),
    );
    const [agent] = status.body!.instanceCloudAssistantStatusSet!.instanceCloudAssistantStatus!;
    expect(agent).toMatchObject({ instanceId: id, cloudAssistantStatus: 'true' });
    const run = await client.runCommand(
      new ecs.RunCommandRequest({
        regionId,
        type: 'RunShellScript',
        commandContent: Buffer.from('echo hello').toString('base64'),
        contentEncoding: 'Base64',
        instanceId: [id],
        timeout: 600,
      }),
    );
    await passes(minutes(1));
    const results = await client.describeInvocationResults(
      new ecs.DescribeInvocationResultsRequest({
        regionId,
        invokeId: run.body!.invokeId,
        contentEncoding: 'PlainText',
      }),
    );
    const [result] = results.body!.invocation!.invocationResults!.invocationResult!;
    expect(result).toMatchObject({
      invocationStatus: 'Success',
      exitCode: 0,
      output: expect.stringMatching(/^ran .*echo hello/s),
    });
  });

  test('refuses a script of more than 24 KB, and an instance that does not run', async () => {
    const id = await launch();
    const run = (content: string) =>
      callAlibaba(
        cloud,
        'ecs',
        'RunCommand',
        { Type: 'RunShellScript', CommandContent: content, ContentEncoding: 'PlainText', InstanceId: [id] },
        { body: true },
      );
    await expect(run('#'.repeat(24 * 1_024 + 1))).rejects.toMatchObject({ code: 'CmdContent.ExceedLimit' });
    await callAlibaba(cloud, 'ecs', 'StopInstance', { InstanceId: id });
    await passes(minutes(2));
    await expect(run('true')).rejects.toMatchObject({ code: 'InvalidInstance.NotRunning' });
  });
});

describe('launch templates', () => {
  const fields = { ImageId: 'm-0123456789abcdef0', InstanceType: 'ecs.c7.large' };

  test('have versions that hold only what they were given, thirty at most', async () => {
    const made = await callAlibaba(cloud, 'ecs', 'CreateLaunchTemplate', {
      LaunchTemplateName: 'workers',
      ...fields,
      UserData: 'aGVsbG8=',
      SystemDisk: { Size: 40 },
      Tag: [{ Key: 'bake:release', Value: '1' }],
      TemplateTag: [{ Key: 'bake:project', Value: 'demo' }],
    });
    const LaunchTemplateId = made.LaunchTemplateId as string;
    await callAlibaba(cloud, 'ecs', 'CreateLaunchTemplateVersion', {
      LaunchTemplateId,
      InstanceType: 'ecs.c7.xlarge',
    });
    const { client, ecs } = sdk;
    const { body } = await client.describeLaunchTemplateVersions(
      new ecs.DescribeLaunchTemplateVersionsRequest({ regionId, launchTemplateId: LaunchTemplateId }),
    );
    const [second, first] = body!.launchTemplateVersionSets!.launchTemplateVersionSet!;
    expect(second!.launchTemplateData).toMatchObject({ instanceType: 'ecs.c7.xlarge', imageId: '' });
    expect(first!.launchTemplateData).toMatchObject({
      systemDisk: { size: 40 },
      userData: 'aGVsbG8=',
      tags: { instanceTag: [{ key: 'bake:release', value: '1' }] },
    });
    for (let version = 3; version <= 30; version++)
      await callAlibaba(cloud, 'ecs', 'CreateLaunchTemplateVersion', { LaunchTemplateId, ...fields });
    await expect(
      callAlibaba(cloud, 'ecs', 'CreateLaunchTemplateVersion', { LaunchTemplateId, ...fields }),
    ).rejects.toMatchObject({ code: 'LaunchTemplateVersionLimitExceed' });
    await callAlibaba(cloud, 'ecs', 'DeleteLaunchTemplateVersion', { LaunchTemplateId, DeleteVersion: [2] });
    const next = await callAlibaba(cloud, 'ecs', 'CreateLaunchTemplateVersion', {
      LaunchTemplateId,
      ...fields,
    });
    expect(next.LaunchTemplateVersionNumber).toBe(31);
    await expect(
      callAlibaba(cloud, 'ecs', 'DeleteLaunchTemplateVersion', { LaunchTemplateId, DeleteVersion: [1] }),
    ).rejects.toMatchObject({ code: 'InvalidLaunchTemplateVersion.DeleteDefault' });
  });
});

describe('the parameter store', () => {
  test('makes a parameter once, and counts its versions', async () => {
    const Name = '/bake/demo/lock';
    const create = () => callAlibaba(cloud, 'oos', 'CreateParameter', { Name, Type: 'String', Value: 'a' });
    expect(await create()).toMatchObject({ Parameter: { ParameterVersion: 1 } });
    await expect(create()).rejects.toMatchObject({ code: 'EntityAlreadyExists.Parameter', statusCode: 409 });
    await callAlibaba(cloud, 'oos', 'UpdateParameter', { Name, Value: 'b' });
    expect(await callAlibaba(cloud, 'oos', 'GetParameter', { Name })).toMatchObject({
      Parameter: { Value: 'b', ParameterVersion: 2 },
    });
    expect(await callAlibaba(cloud, 'oos', 'GetParameter', { Name, ParameterVersion: 1 })).toMatchObject({
      Parameter: { Value: 'a' },
    });
  });
});

describe('what goes wrong', () => {
  test('is said in the words of ECS, with its ids', async () => {
    await expect(
      callAlibaba(cloud, 'ecs', 'RunInstances', {
        ImageId: 'm-0123456789abcdef0',
        InstanceType: 'ecs.c7.large',
      }),
    ).rejects.toMatchObject({
      code: 'InvalidImageId.NotFound',
      statusCode: 404,
      message: expect.stringContaining('m-0123456789abcdef0'),
    });
    await expect(callAlibaba(cloud, 'ecs', 'StopInstance', {})).rejects.toMatchObject({
      code: 'MissingInstanceId',
    });
  });
});
