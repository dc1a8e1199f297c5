import {
  AuthorizeSecurityGroupEgressCommand,
  CreateSecurityGroupCommand,
  DescribeVpcsCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';

let adapter: AdapterTest;
let ec2: EC2Client;
beforeAll(async () => {
  adapter = await startAdapter();
  ec2 = new EC2Client(adapter.local.client);
});
afterAll(async () => {
  ec2.destroy();
  await adapter.close();
});

test('a security group says what it lets out, and one that is gone is left out', async () => {
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
  const create = new CreateSecurityGroupCommand({
    GroupName: 'tight',
    Description: 'tight',
    VpcId: Vpcs![0]!.VpcId,
  });
  const { GroupId = '' } = await ec2.send(create);
  const { networks } = adapter.cloud;
  const all = { protocol: 'all', fromPort: undefined, toPort: undefined, to: ['0.0.0.0/0'] };
  expect(await networks.securityGroups([GroupId, 'sg-0123456789abcdef0'])).toEqual([
    { id: GroupId, name: 'tight', outbound: [all] },
  ]);
  const everything = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
  await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: everything }));
  expect(await networks.securityGroups([GroupId])).toEqual([{ id: GroupId, name: 'tight', outbound: [] }]);
  const https = [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }];
  await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: https }));
  const [group] = await networks.securityGroups([GroupId]);
  expect(group!.outbound).toEqual([{ protocol: 'tcp', fromPort: 443, toPort: 443, to: ['10.0.0.0/8'] }]);
});
