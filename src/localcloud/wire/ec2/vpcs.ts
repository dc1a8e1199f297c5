import {
  findSubnet,
  findVpc,
  type SubnetRecord,
  subnets,
  type VpcRecord,
  vpcs,
} from '../../engine/ec2/network.ts';
import { freeAddressCount } from '../../engine/ec2/vpc-changes.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Operation } from '../service.ts';
import { SUBNET_FILTERS, VPC_FILTERS } from './filter-names.ts';
import { filtered } from './filters.ts';
import { page } from './paging.ts';
import { tagSet } from './tag-wire.ts';
import { viewFields } from './view-fields.ts';
import { zoneId } from './zones.ts';

const DescribeVpcs: Operation = (input, { engine }) => {
  const ids = input.list('VpcId');
  const known = ids.length > 0 ? ids.map((id) => findVpc(engine, id)) : vpcs(engine).all();
  const found = filtered(input, known, {
    'vpc-id': (v) => v.vpcId,
    cidr: (v) => v.cidr,
    'cidr-block': (v) => v.cidr,
    'is-default': (v) => v.isDefault,
    isDefault: (v) => v.isDefault,
    state: () => 'available',
    'owner-id': () => engine.account,
    ...viewFields<VpcRecord>(VPC_FILTERS, (v) => ({
      ...vpcView(engine, v),
      cidrBlockAssociation: vpcView(engine, v).cidrBlockAssociationSet.map((association) => ({
        ...association,
        state: association.cidrBlockState.state,
      })),
    })),
  });
  const { items, nextToken } = page(input, found, (v) => v.vpcId);
  return {
    vpcSet: items.map((vpc) => vpcView(engine, vpc)),
    nextToken,
  };
};

export const vpcView = (engine: Engine, vpc: VpcRecord) => ({
  vpcId: vpc.vpcId,
  ownerId: engine.account,
  state: 'available',
  cidrBlock: vpc.cidr,
  cidrBlockAssociationSet: [
    {
      associationId: vpc.vpcId.replace('vpc-', 'vpc-cidr-assoc-'),
      cidrBlock: vpc.cidr,
      cidrBlockState: { state: 'associated' },
    },
  ],
  dhcpOptionsId: 'default',
  instanceTenancy: 'default',
  isDefault: vpc.isDefault,
  tagSet: tagSet(vpc.tags),
});

const DescribeSubnets: Operation = (input, { engine }) => {
  const ids = input.list('SubnetId');
  const known = ids.length > 0 ? ids.map((id) => findSubnet(engine, id)) : subnets(engine).all();
  const found = filtered(input, known, {
    'subnet-id': (s) => s.subnetId,
    'vpc-id': (s) => s.vpcId,
    'availability-zone': (s) => s.zone,
    availabilityZone: (s) => s.zone,
    'availability-zone-id': (s) => zoneId(engine, s.zone),
    cidr: (s) => s.cidr,
    'cidr-block': (s) => s.cidr,
    'default-for-az': (s) => s.isDefault,
    defaultForAz: (s) => s.isDefault,
    state: () => 'available',
    'owner-id': () => engine.account,
    ...viewFields<SubnetRecord>(SUBNET_FILTERS, (s) => subnetView(engine, s)),
  });
  const { items, nextToken } = page(input, found, (s) => s.subnetId);
  return {
    subnetSet: items.map((subnet) => subnetView(engine, subnet)),
    nextToken,
  };
};

export const subnetView = (engine: Engine, subnet: SubnetRecord) => ({
  subnetId: subnet.subnetId,
  subnetArn: `arn:aws:ec2:${engine.region}:${engine.account}:subnet/${subnet.subnetId}`,
  state: 'available',
  ownerId: engine.account,
  vpcId: subnet.vpcId,
  cidrBlock: subnet.cidr,
  availableIpAddressCount: freeAddressCount(engine, subnet),
  availabilityZone: subnet.zone,
  availabilityZoneId: zoneId(engine, subnet.zone),
  defaultForAz: subnet.isDefault,
  mapPublicIpOnLaunch: subnet.mapPublicIp ?? false,
  assignIpv6AddressOnCreation: false,
  ipv6CidrBlockAssociationSet: [],
  tagSet: tagSet(subnet.tags),
});

export const vpcOperations: Record<string, Operation> = { DescribeVpcs, DescribeSubnets };
