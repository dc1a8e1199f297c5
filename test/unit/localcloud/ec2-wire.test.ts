import {
  CreateImageCommand,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  EC2Client,
  paginateDescribeInstances,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { baseImageId } from '../../../src/localcloud/engine/ec2/images.ts';
import { installEc2 } from '../../../src/localcloud/engine/ec2/index.ts';
import { ec2Service } from '../../../src/localcloud/wire/ec2/index.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

// Amazon's own client, unmodified, over HTTP.
const clock = new VirtualClock();
let cloud: TestCloud;
let client: EC2Client;
let base: string;

beforeAll(async () => {
  cloud = await startCloud({
    clock,
    services: (engine) => {
      installEc2(engine);
      return [ec2Service()];
    },
  });
  client = new EC2Client(cloud.client);
  base = baseImageId(cloud.engine);
});
afterAll(() => cloud.close());

const run = (count = 1) =>
  client.send(
    new RunInstancesCommand({
      ImageId: base,
      InstanceType: 't3.micro',
      MinCount: count,
      MaxCount: count,
      UserData: btoa('#!/bin/sh'),
      IamInstanceProfile: { Name: 'worker' },
      MetadataOptions: {
        HttpTokens: 'required',
        HttpPutResponseHopLimit: 1,
        InstanceMetadataTags: 'enabled',
      },
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'a <b> & "c"' }] }],
    }),
  );

test('an instance comes back with every field where the client looks for it', async () => {
  const { Instances } = await run();
  const InstanceId = Instances?.[0]?.InstanceId as string;
  expect(Instances?.[0]).toMatchObject({
    State: { Name: 'pending', Code: 0 },
    ImageId: base,
    InstanceType: 't3.micro',
    Placement: { AvailabilityZone: 'eu-central-1a' },
    LaunchTime: new Date(clock.now()),
    IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/worker' },
    Tags: [{ Key: 'Name', Value: 'a <b> & "c"' }],
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, InstanceMetadataTags: 'enabled' },
    SecurityGroups: [{ GroupName: 'default' }],
    RootDeviceName: '/dev/xvda',
    EbsOptimized: false,
    Monitoring: { State: 'disabled' },
  });
  clock.advance(100);
  const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [InstanceId] }));
  const [shown] = Reservations?.[0]?.Instances ?? [];
  expect(shown?.State?.Name).toBe('running');
  expect(shown?.PrivateIpAddress).toMatch(/^10\./);
  expect(shown?.NetworkInterfaces?.[0]?.Groups?.[0]?.GroupName).toBe('default');
  const { Volumes } = await client.send(
    new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [InstanceId] }] }),
  );
  expect(Volumes?.[0]?.Attachments?.[0]?.InstanceId).toBe(InstanceId);
  expect(Volumes?.[0]?.VolumeId).toBe(shown?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId);
  const { TerminatingInstances } = await client.send(
    new TerminateInstancesCommand({ InstanceIds: [InstanceId] }),
  );
  expect(TerminatingInstances?.[0]?.CurrentState?.Name).toBe('shutting-down');
});

test('an image is made and found by owner, name and tag', async () => {
  const { Instances } = await run();
  clock.advance(100);
  const tags = [{ Key: 'bake:release', Value: '7' }];
  const { ImageId } = await client.send(
    new CreateImageCommand({
      InstanceId: Instances?.[0]?.InstanceId,
      Name: 'app-7',
      TagSpecifications: [
        { ResourceType: 'image', Tags: tags },
        { ResourceType: 'snapshot', Tags: tags },
      ],
    }),
  );
  clock.advance(1_000);
  const { Images } = await client.send(
    new DescribeImagesCommand({
      Owners: ['self'],
      Filters: [
        { Name: 'tag:bake:release', Values: ['7'] },
        { Name: 'name', Values: ['app-*'] },
      ],
    }),
  );
  expect(Images).toMatchObject([{ ImageId, State: 'available', Name: 'app-7', Tags: tags, Public: false }]);
  expect(Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId).toMatch(/^snap-/);
});

test('launch template data comes back as it went in', async () => {
  const data = {
    ImageId: base,
    InstanceType: 't3.micro' as const,
    IamInstanceProfile: { Name: 'worker' },
    SecurityGroupIds: ['sg-0123456789abcdef0'],
    UserData: btoa('hello'),
    EbsOptimized: true,
    Monitoring: { Enabled: true },
    MetadataOptions: { HttpTokens: 'required' as const, HttpPutResponseHopLimit: 1 },
    BlockDeviceMappings: [
      {
        DeviceName: '/dev/xvda',
        Ebs: { VolumeSize: 20, VolumeType: 'gp3' as const, Encrypted: true, Throughput: 125 },
      },
    ],
    NetworkInterfaces: [
      { DeviceIndex: 0, AssociatePublicIpAddress: false, Groups: ['sg-0123456789abcdef0'] },
    ],
    TagSpecifications: [{ ResourceType: 'instance' as const, Tags: [{ Key: 'a', Value: 'b' }] }],
    InstanceRequirements: {
      VCpuCount: { Min: 2, Max: 4 },
      MemoryMiB: { Min: 1024 },
      CpuManufacturers: ['intel' as const],
    },
  };
  const { LaunchTemplate } = await client.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName: 'round-trip', LaunchTemplateData: data }),
  );
  const LaunchTemplateId = LaunchTemplate?.LaunchTemplateId;
  await client.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateId,
      SourceVersion: '1',
      VersionDescription: 'second',
      LaunchTemplateData: { InstanceType: 't3.small' },
    }),
  );
  const { LaunchTemplateVersions } = await client.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: ['1', '$Latest'] }),
  );
  expect(LaunchTemplateVersions?.[0]?.LaunchTemplateData).toEqual(data);
  expect(LaunchTemplateVersions?.[1]).toMatchObject({
    VersionNumber: 2,
    VersionDescription: 'second',
    DefaultVersion: false,
    LaunchTemplateData: { ...data, InstanceType: 't3.small' },
  });
});

test("the client's own paginator sees everything once", async () => {
  await run(12);
  const ids: (string | undefined)[] = [];
  for await (const page of paginateDescribeInstances({ client, pageSize: 5 }, {})) {
    for (const { Instances } of page.Reservations ?? [])
      ids.push(...(Instances ?? []).map((i) => i.InstanceId));
  }
  expect(ids.length).toBeGreaterThanOrEqual(12);
  expect(new Set(ids).size).toBe(ids.length);
});

test('network and types are readable', async () => {
  const { Subnets } = await client.send(new DescribeSubnetsCommand({}));
  expect(Subnets?.map(({ DefaultForAz }) => DefaultForAz)).toEqual([true, true, true]);
  const { SecurityGroups } = await client.send(
    new DescribeSecurityGroupsCommand({ GroupNames: ['default'] }),
  );
  expect(SecurityGroups?.[0]?.GroupId).toMatch(/^sg-/);
  const { InstanceTypes } = await client.send(
    new DescribeInstanceTypesCommand({ InstanceTypes: ['t3.micro'] }),
  );
  expect(InstanceTypes?.[0]?.ProcessorInfo?.SupportedArchitectures).toEqual(['x86_64']);
});

test('errors have the code as their name', async () => {
  const InstanceIds = ['i-0123456789abcdef0'];
  await expect(client.send(new DescribeInstancesCommand({ InstanceIds }))).rejects.toMatchObject({
    name: 'InvalidInstanceID.NotFound',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(
    client.send(new CreateTagsCommand({ Resources: InstanceIds, Tags: [{ Key: 'aws:x', Value: '' }] })),
  ).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  await expect(client.send(new DescribeInstancesCommand({ DryRun: true }))).rejects.toMatchObject({
    name: 'DryRunOperation',
    $metadata: { httpStatusCode: 412 },
  });
});

test.each([
  ['a wrong secret', () => ({ ...cloud.credentials, secretAccessKey: 'wrong' })],
  ['an unknown key', () => ({ ...cloud.credentials, accessKeyId: 'AKIANOBODY' })],
])('%s is refused', async (_what, credentials) => {
  const stranger = new EC2Client({ ...cloud.client, credentials: credentials() });
  await expect(stranger.send(new DescribeInstancesCommand({}))).rejects.toMatchObject({
    name: expect.stringMatching(/^(AuthFailure|SignatureDoesNotMatch)$/),
  });
});

test('an unknown action is refused by name', async () => {
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body: string };
      request.body = request.body.replace('Action=DescribeSubnets', 'Action=DescribeUnicorn');
      return next(args);
    },
    { step: 'build', name: 'unicorns' },
  );
  try {
    await expect(client.send(new DescribeSubnetsCommand({}))).rejects.toMatchObject({
      name: 'InvalidAction',
      message: expect.stringContaining('DescribeUnicorn'),
    });
  } finally {
    client.middlewareStack.remove('unicorns');
  }
});
