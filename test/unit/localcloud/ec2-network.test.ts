import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { call, ec2, launch, refusal } from '../../helpers/ec2.ts';

test('there is a default network with a subnet in each of three zones', async () => {
  const { engine } = ec2();
  const { vpcSet } = await call(engine, 'DescribeVpcs', {
    'Filter.1.Name': 'is-default',
    'Filter.1.Value.1': 'true',
  });
  const { subnetSet } = await call(engine, 'DescribeSubnets', {
    'Filter.1.Name': 'vpc-id',
    'Filter.1.Value.1': vpcSet[0].vpcId,
  });
  const zones = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
  expect(subnetSet.map((s: { availabilityZone: string }) => s.availabilityZone)).toEqual(zones);
  const { availabilityZoneInfo } = await call(engine, 'DescribeAvailabilityZones');
  expect(availabilityZoneInfo.map((z: { zoneName: string }) => z.zoneName)).toEqual(zones);
  const own = { 'RegionName.1': 'eu-central-1' };
  expect((await call(engine, 'DescribeRegions', own)).regionInfo).toMatchObject([
    { regionName: 'eu-central-1' },
  ]);
});

test('a launch goes to the zone of its subnet', async () => {
  const cloud = ec2();
  const { subnetSet } = await call(cloud.engine, 'DescribeSubnets');
  const id = await launch(cloud, { SubnetId: subnetSet[2].subnetId });
  const { reservationSet } = await call(cloud.engine, 'DescribeInstances', { 'InstanceId.1': id });
  expect(reservationSet[0].instancesSet[0].placement.availabilityZone).toBe('eu-central-1c');
});

test('a security group takes rules once, gives them back grouped, and lets them be revoked', async () => {
  const { engine } = ec2();
  const { groupId } = await call(engine, 'CreateSecurityGroup', {
    GroupName: 'ssh',
    GroupDescription: 'temporary',
  });
  const rule = {
    GroupId: groupId,
    'IpPermissions.1.IpProtocol': 'tcp',
    'IpPermissions.1.FromPort': 22,
    'IpPermissions.1.ToPort': 22,
    'IpPermissions.1.IpRanges.1.CidrIp': '10.0.0.0/8',
    'IpPermissions.1.IpRanges.2.CidrIp': '192.0.2.1/32',
  };
  const { securityGroupRuleSet } = await call(engine, 'AuthorizeSecurityGroupIngress', rule);
  expect(securityGroupRuleSet).toHaveLength(2);
  expect(await refusal(engine, 'AuthorizeSecurityGroupIngress', rule)).toBe('InvalidPermission.Duplicate');
  const shown = async () =>
    (await call(engine, 'DescribeSecurityGroups', { 'GroupId.1': groupId })).securityGroupInfo[0];
  expect((await shown()).ipPermissions).toMatchObject([
    {
      ipProtocol: 'tcp',
      fromPort: 22,
      toPort: 22,
      ipRanges: [{ cidrIp: '10.0.0.0/8' }, { cidrIp: '192.0.2.1/32' }],
    },
  ]);
  expect((await shown()).ipPermissionsEgress).toMatchObject([
    { ipProtocol: '-1', ipRanges: [{ cidrIp: '0.0.0.0/0' }] },
  ]);
  await call(engine, 'RevokeSecurityGroupIngress', rule);
  expect((await shown()).ipPermissions).toEqual([]);
  expect(await refusal(engine, 'RevokeSecurityGroupIngress', rule)).toBe('InvalidPermission.NotFound');
  expect(await refusal(engine, 'CreateSecurityGroup', { GroupName: 'ssh', GroupDescription: 'again' })).toBe(
    'InvalidGroup.Duplicate',
  );
});

test('a security group in use cannot be deleted until its instance is terminated', async () => {
  const cloud = ec2();
  const { groupId } = await call(cloud.engine, 'CreateSecurityGroup', {
    GroupName: 'g',
    GroupDescription: 'd',
  });
  const id = await launch(cloud, { 'SecurityGroup.1': 'g' });
  expect(await refusal(cloud.engine, 'DeleteSecurityGroup', { GroupId: groupId })).toBe(
    'DependencyViolation',
  );
  await call(cloud.engine, 'TerminateInstances', { 'InstanceId.1': id });
  cloud.clock.advance(1_000);
  expect(await refusal(cloud.engine, 'DeleteSecurityGroup', { GroupName: 'g' })).toBe('accepted');
  expect(await refusal(cloud.engine, 'DeleteSecurityGroup', { GroupName: 'default' })).toBe('CannotDelete');
});

const sshKeygen = 'ssh-keygen';
const installed = spawnSync(sshKeygen, ['-?']).error === undefined;

// Where OpenSSH is not installed there is nobody to read the key.
test.skipIf(!installed).each(['rsa', 'ed25519'])(
  'a created %s key is one that ssh can read, and its public half can be imported',
  async (KeyType) => {
    const { engine } = ec2();
    const key = await call(engine, 'CreateKeyPair', { KeyName: 'made', KeyType });
    const directory = mkdtempSync(join(tmpdir(), 'bake-key-'));
    try {
      const file = join(directory, 'key');
      writeFileSync(file, key.keyMaterial, { mode: 0o600 });
      const publicKey = execFileSync(sshKeygen, ['-y', '-f', file], { encoding: 'utf8' }).trim();
      const { keySet } = await call(engine, 'DescribeKeyPairs', {
        'KeyName.1': 'made',
        IncludePublicKey: 'true',
      });
      expect(publicKey.split(' ').slice(0, 2).join(' ')).toBe(keySet[0].publicKey);
      await call(engine, 'ImportKeyPair', { KeyName: 'brought', PublicKeyMaterial: btoa(publicKey) });
    } finally {
      rmSync(directory, { recursive: true });
    }
    expect(await refusal(engine, 'CreateKeyPair', { KeyName: 'made' })).toBe('InvalidKeyPair.Duplicate');
    expect(
      await refusal(engine, 'ImportKeyPair', { KeyName: 'bad', PublicKeyMaterial: btoa('ssh-rsa nonsense') }),
    ).toBe('InvalidKey.Format');
    await call(engine, 'DeleteKeyPair', { KeyName: 'made' });
    expect(await refusal(engine, 'DeleteKeyPair', { KeyName: 'made' })).toBe('accepted');
    expect(await refusal(engine, 'DescribeKeyPairs', { 'KeyName.1': 'made' })).toBe(
      'InvalidKeyPair.NotFound',
    );
  },
);

test('instance types are listed with their size, offered in every zone, and unknown ones refused', async () => {
  const { engine } = ec2();
  const { instanceTypeSet } = await call(engine, 'DescribeInstanceTypes', { 'InstanceType.1': 't3.micro' });
  expect(instanceTypeSet[0]).toMatchObject({
    vCpuInfo: { defaultVCpus: 2 },
    memoryInfo: { sizeInMiB: 1024 },
  });
  const offered = await call(engine, 'DescribeInstanceTypeOfferings', {
    LocationType: 'availability-zone',
    'Filter.1.Name': 'instance-type',
    'Filter.1.Value.1': 'm5.large',
  });
  expect(offered.instanceTypeOfferingSet).toHaveLength(3);
  expect(await refusal(engine, 'DescribeInstanceTypes', { 'InstanceType.1': 'z9.tiny' })).toBe(
    'InvalidInstanceType',
  );
});

test('a rule is changed under its id, and described, without becoming another one', async () => {
  const { engine } = ec2();
  const { groupId } = await call(engine, 'CreateSecurityGroup', {
    GroupName: 'web',
    GroupDescription: 'web',
  });
  const ssh = {
    'IpPermissions.1.IpProtocol': 'tcp',
    'IpPermissions.1.FromPort': 22,
    'IpPermissions.1.ToPort': 22,
    'IpPermissions.1.IpRanges.1.CidrIp': '10.0.0.0/8',
  };
  const added = await call(engine, 'AuthorizeSecurityGroupIngress', { GroupId: groupId, ...ssh });
  const { securityGroupRuleId } = added.securityGroupRuleSet[0];
  const describe = { GroupId: groupId, ...ssh, 'IpPermissions.1.IpRanges.1.Description': 'the office' };
  await call(engine, 'UpdateSecurityGroupRuleDescriptionsIngress', describe);
  const shown = async () =>
    (await call(engine, 'DescribeSecurityGroupRules', { 'SecurityGroupRuleId.1': securityGroupRuleId }))
      .securityGroupRuleSet;
  expect(await shown()).toMatchObject([{ fromPort: 22, description: 'the office' }]);
  const https = {
    GroupId: groupId,
    'SecurityGroupRule.1.SecurityGroupRuleId': securityGroupRuleId,
    'SecurityGroupRule.1.SecurityGroupRule.IpProtocol': 'tcp',
    'SecurityGroupRule.1.SecurityGroupRule.FromPort': 443,
    'SecurityGroupRule.1.SecurityGroupRule.ToPort': 443,
    'SecurityGroupRule.1.SecurityGroupRule.CidrIpv4': '10.1.0.0/16',
  };
  await call(engine, 'ModifySecurityGroupRules', https);
  expect(await shown()).toMatchObject([{ fromPort: 443, cidrIpv4: '10.1.0.0/16' }]);
  expect(await refusal(engine, 'UpdateSecurityGroupRuleDescriptionsIngress', describe)).toBe(
    'InvalidPermission.NotFound',
  );
});
