import { expect, test } from 'vitest';
import { call, type Ec2, ec2, launch, refusal } from '../../helpers/ec2.ts';

const vpc = async ({ engine }: Ec2) =>
  (await call(engine, 'CreateVpc', { CidrBlock: '10.0.0.0/16' })).vpc.vpcId as string;

const subnet = async ({ engine }: Ec2, VpcId: string, CidrBlock: string, AvailabilityZone = '') =>
  (await call(engine, 'CreateSubnet', { VpcId, CidrBlock, AvailabilityZone })).subnet.subnetId as string;

test('a network of its own takes instances, and goes when nothing is left in it', async () => {
  const cloud = ec2();
  const { engine, clock } = cloud;
  const VpcId = await vpc(cloud);
  const SubnetId = await subnet(cloud, VpcId, '10.0.1.0/24', 'eu-central-1b');
  const id = await launch(cloud, { SubnetId });
  const { subnetSet } = await call(engine, 'DescribeSubnets', { 'SubnetId.1': SubnetId });
  expect(subnetSet).toMatchObject([
    { availabilityZone: 'eu-central-1b', availableIpAddressCount: 250, defaultForAz: false, vpcId: VpcId },
  ]);
  const { reservationSet } = await call(engine, 'DescribeInstances', { 'InstanceId.1': id });
  expect(reservationSet[0].instancesSet[0]).toMatchObject({
    vpcId: VpcId,
    groupSet: [{ groupName: 'default' }],
  });
  expect(await refusal(engine, 'DeleteSubnet', { SubnetId })).toBe('DependencyViolation');
  expect(await refusal(engine, 'DeleteVpc', { VpcId })).toBe('DependencyViolation');
  await call(engine, 'TerminateInstances', { 'InstanceId.1': id });
  clock.advance(1_000);
  await call(engine, 'DeleteSubnet', { SubnetId });
  await call(engine, 'DeleteVpc', { VpcId });
  expect(await refusal(engine, 'DescribeVpcs', { 'VpcId.1': VpcId })).toBe('InvalidVpcID.NotFound');
});

test.each([
  ['10.0.0.0/8', 'InvalidVpc.Range'],
  ['10.0.0.1/16', 'InvalidParameterValue'],
  ['mars', 'InvalidParameterValue'],
])('a network %s is refused with %s', async (CidrBlock, code) => {
  expect(await refusal(ec2().engine, 'CreateVpc', { CidrBlock })).toBe(code);
});

test('subnets lie in their network, do not overlap, and are in zones that exist', async () => {
  const cloud = ec2();
  const VpcId = await vpc(cloud);
  await subnet(cloud, VpcId, '10.0.0.0/20');
  const refused = (CidrBlock: string, AvailabilityZone = '') =>
    refusal(cloud.engine, 'CreateSubnet', { VpcId, CidrBlock, AvailabilityZone });
  expect(await refused('10.1.0.0/20')).toBe('InvalidSubnet.Range');
  expect(await refused('10.0.8.0/24')).toBe('InvalidSubnet.Conflict');
  expect(await refused('10.0.16.0/20', 'eu-central-1z')).toBe('InvalidParameterValue');
});

test('without a default network a launch has to say where, until there is one again', async () => {
  const cloud = ec2();
  const { engine } = cloud;
  const { vpcSet } = await call(engine, 'DescribeVpcs');
  expect(await refusal(engine, 'CreateDefaultVpc')).toBe('DefaultVpcAlreadyExists');
  await call(engine, 'DeleteVpc', { VpcId: vpcSet[0].vpcId });
  const run = { ImageId: cloud.base, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 };
  expect(await refusal(engine, 'RunInstances', run)).toBe('VPCIdNotSpecified');
  const SubnetId = await subnet(cloud, await vpc(cloud), '10.0.0.0/24');
  expect(await refusal(engine, 'RunInstances', { ...run, SubnetId })).toBe('accepted');
  await call(engine, 'CreateDefaultVpc');
  expect(await refusal(engine, 'RunInstances', run)).toBe('accepted');
});

test('the attributes of networks and subnets are readable and changeable', async () => {
  const cloud = ec2();
  const { engine } = cloud;
  const VpcId = await vpc(cloud);
  const hostnames = async () =>
    (await call(engine, 'DescribeVpcAttribute', { VpcId, Attribute: 'enableDnsHostnames' }))
      .enableDnsHostnames;
  expect(await hostnames()).toEqual({ value: false });
  await call(engine, 'ModifyVpcAttribute', { VpcId, 'EnableDnsHostnames.Value': 'true' });
  expect(await hostnames()).toEqual({ value: true });
  const SubnetId = await subnet(cloud, VpcId, '10.0.0.0/24');
  await call(engine, 'ModifySubnetAttribute', { SubnetId, 'MapPublicIpOnLaunch.Value': 'true' });
  const { subnetSet } = await call(engine, 'DescribeSubnets', { 'SubnetId.1': SubnetId });
  expect(subnetSet[0].mapPublicIpOnLaunch).toBe(true);
});

test('what stands around instances is readable: interfaces, route tables, gateways, access lists', async () => {
  const cloud = ec2();
  const { engine } = cloud;
  const id = await launch(cloud);
  const own = { 'Filter.1.Name': 'attachment.instance-id', 'Filter.1.Value.1': id };
  const { networkInterfaceSet } = await call(engine, 'DescribeNetworkInterfaces', own);
  expect(networkInterfaceSet).toMatchObject([{ attachment: { instanceId: id }, status: 'in-use' }]);
  const { vpcSet } = await call(engine, 'DescribeVpcs');
  const { vpcId } = vpcSet[0];
  const { internetGatewaySet } = await call(engine, 'DescribeInternetGateways', {
    'Filter.1.Name': 'attachment.vpc-id',
    'Filter.1.Value.1': vpcId,
  });
  const gatewayId = internetGatewaySet[0].internetGatewayId;
  const { routeTableSet } = await call(engine, 'DescribeRouteTables');
  expect(routeTableSet[0].routeSet).toMatchObject([{ gatewayId: 'local' }, { gatewayId }]);
  const { networkAclSet } = await call(engine, 'DescribeNetworkAcls');
  expect(networkAclSet[0].associationSet).toHaveLength(3);
  const unknown = { 'RouteTableId.1': 'rtb-0123456789abcdef0' };
  expect(await refusal(engine, 'DescribeRouteTables', unknown)).toBe('InvalidRouteTableID.NotFound');
});
