import { findSubnet, findVpc, subnets, type VpcRecord, vpcs } from '../../engine/ec2/network.ts';
import {
  createDefaultVpc,
  createSubnet,
  createVpc,
  deleteSubnet,
  deleteVpc,
} from '../../engine/ec2/vpc-changes.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { tagSpecifications } from './tag-wire.ts';
import { subnetView, vpcView } from './vpcs.ts';

const CreateVpc: Operation = (input, { engine }) => {
  const tags = tagSpecifications(input, ['vpc']).vpc ?? {};
  return { vpc: vpcView(engine, createVpc(engine, { cidr: input.require('CidrBlock'), tags })) };
};

const CreateDefaultVpc: Operation = (_input, { engine }) => ({
  vpc: vpcView(engine, createDefaultVpc(engine)),
});

const DeleteVpc: Operation = (input, { engine }) => {
  deleteVpc(engine, input.require('VpcId'));
  return { return: true };
};

const CreateSubnet: Operation = (input, { engine }) => {
  const subnet = createSubnet(engine, {
    vpcId: input.require('VpcId'),
    cidr: input.require('CidrBlock'),
    zone: input.text('AvailabilityZone'),
    tags: tagSpecifications(input, ['subnet']).subnet ?? {},
  });
  return { subnet: subnetView(engine, subnet) };
};

const DeleteSubnet: Operation = (input, { engine }) => {
  deleteSubnet(engine, input.require('SubnetId'));
  return { return: true };
};

const ATTRIBUTES: Record<string, (vpc: VpcRecord) => boolean> = {
  enableDnsSupport: (vpc) => vpc.dnsSupport ?? true,
  enableDnsHostnames: (vpc) => vpc.dnsHostnames ?? vpc.isDefault,
  enableNetworkAddressUsageMetrics: () => false,
};

const DescribeVpcAttribute: Operation = (input, { engine }) => {
  const vpc = findVpc(engine, input.require('VpcId'));
  const name = input.require('Attribute');
  const read = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
  if (!read) {
    throw new ServiceError('InvalidParameterValue', `Value (${name}) for parameter attribute is invalid.`);
  }
  return { vpcId: vpc.vpcId, [name]: { value: read(vpc) } };
};

const ModifyVpcAttribute: Operation = (input, { engine }) => {
  const { vpcId } = findVpc(engine, input.require('VpcId'));
  const dnsSupport = input.object('EnableDnsSupport')?.bool('Value');
  const dnsHostnames = input.object('EnableDnsHostnames')?.bool('Value');
  if (dnsSupport !== undefined) vpcs(engine).patch(vpcId, { dnsSupport });
  if (dnsHostnames !== undefined) vpcs(engine).patch(vpcId, { dnsHostnames });
  return { return: true };
};

const ModifySubnetAttribute: Operation = (input, { engine }) => {
  const { subnetId } = findSubnet(engine, input.require('SubnetId'));
  const mapPublicIp = input.object('MapPublicIpOnLaunch')?.bool('Value');
  if (mapPublicIp !== undefined) subnets(engine).patch(subnetId, { mapPublicIp });
  return { return: true };
};

export const vpcChangeOperations: Record<string, Operation> = {
  CreateVpc,
  CreateDefaultVpc,
  DeleteVpc,
  CreateSubnet,
  DeleteSubnet,
  DescribeVpcAttribute,
  ModifyVpcAttribute,
  ModifySubnetAttribute,
};
