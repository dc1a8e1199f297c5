import { afterEach, beforeEach, expect, test } from 'vitest';
import { codeOf, type EssWorld, essWorld } from '../../helpers/ess.ts';

let world: EssWorld;
beforeEach(async () => {
  world = await essWorld();
});
afterEach(() => world.cloud.close());

const ecs = (action: string, parameters: Record<string, unknown> = {}) =>
  world.call('ecs', action, parameters);

async function launch(more: Record<string, unknown> = {}): Promise<string> {
  const LaunchTemplateId = await world.template(2);
  const made = (await ecs('RunInstances', { LaunchTemplateId, ...more })) as {
    InstanceIdSets: { InstanceIdSet: string[] };
  };
  await world.passes(10);
  return made.InstanceIdSets.InstanceIdSet[0]!;
}

async function statusOf(InstanceId: string): Promise<string | undefined> {
  const { InstanceStatuses } = (await ecs('DescribeInstanceStatus', { InstanceId: [InstanceId] })) as {
    InstanceStatuses: { InstanceStatus: { Status: string }[] };
  };
  return InstanceStatuses.InstanceStatus[0]?.Status;
}

test('an instance is restarted, given until its release, and deleted among others', async () => {
  const id = await launch();
  await ecs('RebootInstance', { InstanceId: id });
  await world.passes(10);
  expect(await statusOf(id)).toBe('Running');
  const AutoReleaseTime = '2026-01-01T01:00:00Z';
  await ecs('ModifyInstanceAutoReleaseTime', { InstanceId: id, AutoReleaseTime });
  expect(
    await ecs('DescribeInstances', { InstanceIds: JSON.stringify([id]) }).then(({ Instances }) => Instances),
  ).toMatchObject({ Instance: [{ AutoReleaseTime }] });
  await ecs('DeleteInstances', { InstanceId: [id], Force: true });
  await world.passes(10);
  expect(await statusOf(id)).toBeUndefined();
});

test('the version that a launch template means without a number is set, and stays', async () => {
  const LaunchTemplateId = await world.template(2);
  await ecs('ModifyLaunchTemplateDefaultVersion', { LaunchTemplateId, DefaultVersionNumber: 2 });
  expect(await ecs('DescribeLaunchTemplates', { LaunchTemplateId: [LaunchTemplateId] })).toMatchObject({
    LaunchTemplateSets: { LaunchTemplateSet: [{ DefaultVersionNumber: 2, LatestVersionNumber: 2 }] },
  });
  const remove = ecs('DeleteLaunchTemplateVersion', { LaunchTemplateId, DeleteVersion: ['2'] });
  expect(await codeOf(remove)).toBe('InvalidLaunchTemplateVersion.DeleteDefault');
});

test('zones are named, and what they have in stock', async () => {
  const { Zones } = (await ecs('DescribeZones')) as { Zones: { Zone: { ZoneId: string }[] } };
  expect(Zones.Zone.map(({ ZoneId }) => ZoneId)).toHaveLength(3);
  const { AvailableZones } = (await ecs('DescribeAvailableResource', {
    ...{ DestinationResource: 'InstanceType', InstanceType: 'ecs.c7.large' },
  })) as { AvailableZones: { AvailableZone: object[] } };
  expect(AvailableZones.AvailableZone).toHaveLength(3);
  expect(AvailableZones.AvailableZone[0]).toMatchObject({
    Status: 'Available',
    StatusCategory: 'WithStock',
  });
});

test('a security group lets in what it is told, and goes; so do key pairs', async () => {
  const { SecurityGroupId } = await ecs('CreateSecurityGroup', { SecurityGroupName: 'ssh' });
  await ecs('AuthorizeSecurityGroup', {
    ...{ SecurityGroupId, IpProtocol: 'tcp', PortRange: '22/22', SourceCidrIp: '10.0.0.0/8' },
  });
  await ecs('DeleteSecurityGroup', { SecurityGroupId });
  await ecs('CreateKeyPair', { KeyPairName: 'mine' });
  await ecs('DeleteKeyPairs', { KeyPairNames: JSON.stringify(['mine', 'nobodys']) });
  expect(await ecs('DescribeKeyPairs')).toMatchObject({ TotalCount: 0 });
});

test('a file is sent through Cloud Assistant, and a command is stopped', async () => {
  const id = await launch();
  const { InvokeId } = await ecs('SendFile', {
    ...{ InstanceId: [id], Name: 'a.txt', TargetDir: '/srv', Content: 'aGVsbG8=', ContentType: 'Base64' },
  });
  await world.passes(10);
  const { Invocations } = (await ecs('DescribeSendFileResults', { InvokeId })) as {
    Invocations: { Invocation: object[] };
  };
  expect(Invocations.Invocation).toHaveLength(1);
  const command = await ecs('RunCommand', {
    ...{ Type: 'RunShellScript', CommandContent: 'dHJ1ZQ==', ContentEncoding: 'Base64', InstanceId: [id] },
  });
  await ecs('StopInvocation', { InvokeId: command.InvokeId, InstanceId: [id] });
});

test('a copy that is under way is cancelled, and is no image any more', async () => {
  const InstanceId = await launch();
  await ecs('StopInstance', { InstanceId });
  await world.passes(10);
  const { ImageId } = await ecs('CreateImage', { InstanceId, ImageName: 'worker-1' });
  await world.passes(10);
  const copy = await ecs('CopyImage', {
    ...{ ImageId, DestinationRegionId: 'cn-hangzhou', DestinationImageName: 'worker-1' },
  });
  const there = { RegionId: 'cn-hangzhou', ImageId: copy.ImageId };
  await ecs('CancelCopyImage', there);
  expect(await ecs('DescribeImages', { ...there, Status: 'ALL' })).toMatchObject({ TotalCount: 0 });
});

test('a parameter has versions, and they are listed', async () => {
  await world.call('oos', 'CreateParameter', { Name: 'release', Type: 'String', Value: '1' });
  await world.call('oos', 'UpdateParameter', { Name: 'release', Value: '2' });
  const { ParameterVersions } = await world.call('oos', 'ListParameterVersions', { Name: 'release' });
  expect(ParameterVersions).toHaveLength(2);
});
