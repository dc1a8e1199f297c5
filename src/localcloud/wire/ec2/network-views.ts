import { type InstanceRecord, instances } from '../../engine/ec2/instance-record.ts';
import { subnets, type VpcRecord, vpcs } from '../../engine/ec2/network.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { NETWORK_ACL_FILTERS, NETWORK_INTERFACE_FILTERS, ROUTE_TABLE_FILTERS } from './filter-names.ts';
import { type FilterFields, filtered } from './filters.ts';
import { groupSet, networkInterface } from './instance-view.ts';
import { page } from './paging.ts';
import { viewFields } from './view-fields.ts';
import { zoneId } from './zones.ts';

/*
 * What stands around instances in every real network. Nothing of it can be changed here, and no packet takes notice of it: it is
 * what clients see that ask.
 */

/** Every VPC has one of each; its id is the VPC's with another prefix. */
const idIn = ({ vpcId }: VpcRecord, prefix: string) => vpcId.replace('vpc', prefix);

/** Those that the request names, or all; then its filters, then its page. */
function described<T extends object>(
  input: Input,
  all: T[],
  {
    parameter,
    idOf,
    code,
    fields,
  }: {
    parameter: string;
    idOf: (item: T) => string;
    code: string;
    fields: FilterFields<T>;
  },
) {
  const ids = input.list(parameter);
  const unknown = ids.find((id) => !all.some((item) => idOf(item) === id));
  if (unknown !== undefined) throw new ServiceError(`${code}.NotFound`, `The ID '${unknown}' does not exist`);
  const asked = all.filter((item) => ids.length === 0 || ids.includes(idOf(item)));
  return page(input, filtered(input, asked, fields), idOf, 5);
}

/** The default VPC's, as every account finds it. */
const DescribeInternetGateways: Operation = (input, { engine }) => {
  const { items, nextToken } = described(
    input,
    vpcs(engine).filter(({ isDefault }) => isDefault),
    {
      parameter: 'InternetGatewayId',
      idOf: (vpc) => idIn(vpc, 'igw'),
      code: 'InvalidInternetGatewayID',
      fields: {
        'internet-gateway-id': (vpc) => idIn(vpc, 'igw'),
        'attachment.vpc-id': (vpc) => vpc.vpcId,
        'attachment.state': () => 'available',
        'owner-id': () => engine.account,
      },
    },
  );
  return {
    internetGatewaySet: items.map((vpc) => ({
      internetGatewayId: idIn(vpc, 'igw'),
      ownerId: engine.account,
      attachmentSet: [{ vpcId: vpc.vpcId, state: 'available' }],
      tagSet: [],
    })),
    nextToken,
  };
};

/** The main route table of each VPC. */
const DescribeRouteTables: Operation = (input, { engine }) => {
  const { items, nextToken } = described(input, vpcs(engine).all(), {
    parameter: 'RouteTableId',
    idOf: (vpc) => idIn(vpc, 'rtb'),
    code: 'InvalidRouteTableID',
    fields: {
      'route-table-id': (vpc) => idIn(vpc, 'rtb'),
      'vpc-id': (vpc) => vpc.vpcId,
      'association.main': () => true,
      'association.route-table-id': (vpc) => idIn(vpc, 'rtb'),
      // Subnets have it without an association of their own.
      'association.subnet-id': () => undefined,
      'owner-id': () => engine.account,
      ...viewFields<VpcRecord>(ROUTE_TABLE_FILTERS, (vpc) => routeTableView(engine, vpc)),
    },
  });
  return { routeTableSet: items.map((vpc) => routeTableView(engine, vpc)), nextToken };
};

function routeTableView(engine: Engine, vpc: VpcRecord) {
  const route = { origin: 'CreateRouteTable', state: 'active' };
  return {
    routeTableId: idIn(vpc, 'rtb'),
    vpcId: vpc.vpcId,
    ownerId: engine.account,
    associationSet: [
      {
        routeTableAssociationId: idIn(vpc, 'rtbassoc'),
        routeTableId: idIn(vpc, 'rtb'),
        main: true,
        associationState: { state: 'associated' },
      },
    ],
    propagatingVgwSet: [],
    routeSet: [
      { ...route, destinationCidrBlock: vpc.cidr, gatewayId: 'local' },
      ...(vpc.isDefault
        ? [
            {
              ...route,
              origin: 'CreateRoute',
              destinationCidrBlock: '0.0.0.0/0',
              gatewayId: idIn(vpc, 'igw'),
            },
          ]
        : []),
    ],
    tagSet: [],
  };
}

/** The default one of each VPC: everything may pass. */
const DescribeNetworkAcls: Operation = (input, { engine }) => {
  const { items, nextToken } = described(input, vpcs(engine).all(), {
    parameter: 'NetworkAclId',
    idOf: (vpc) => idIn(vpc, 'acl'),
    code: 'InvalidNetworkAclID',
    fields: {
      'network-acl-id': (vpc) => idIn(vpc, 'acl'),
      'vpc-id': (vpc) => vpc.vpcId,
      default: () => true,
      'association.subnet-id': (vpc) => subnetIds(engine, vpc),
      'association.association-id': (vpc) =>
        subnetIds(engine, vpc).map((id) => id.replace('subnet', 'aclassoc')),
      'entry.cidr': () => '0.0.0.0/0',
      'owner-id': () => engine.account,
      ...viewFields<VpcRecord>(NETWORK_ACL_FILTERS, (vpc) => networkAclView(engine, vpc)),
    },
  });
  return { networkAclSet: items.map((vpc) => networkAclView(engine, vpc)), nextToken };
};

function networkAclView(engine: Engine, vpc: VpcRecord) {
  const rule = { protocol: '-1', cidrBlock: '0.0.0.0/0' };
  return {
    networkAclId: idIn(vpc, 'acl'),
    vpcId: vpc.vpcId,
    ownerId: engine.account,
    default: true,
    entrySet: [true, false].flatMap((egress) => [
      { ...rule, egress, ruleNumber: 100, ruleAction: 'allow' },
      { ...rule, egress, ruleNumber: 32_767, ruleAction: 'deny' },
    ]),
    associationSet: subnetIds(engine, vpc).map((subnetId) => ({
      networkAclAssociationId: subnetId.replace('subnet', 'aclassoc'),
      networkAclId: idIn(vpc, 'acl'),
      subnetId,
    })),
    tagSet: [],
  };
}

const subnetIds = (engine: Engine, { vpcId }: VpcRecord) =>
  subnets(engine)
    .filter((subnet) => subnet.vpcId === vpcId)
    .map(({ subnetId }) => subnetId);

/** One for each instance that is there. */
const DescribeNetworkInterfaces: Operation = (input, { engine }) => {
  const all = instances(engine)
    .filter(({ state }) => state !== 'terminated')
    .map((instance) => ({ instance, view: interfaceView(engine, instance) }));
  const { items, nextToken } = described(input, all, {
    parameter: 'NetworkInterfaceId',
    idOf: ({ view }) => view.networkInterfaceId,
    code: 'InvalidNetworkInterfaceID',
    fields: {
      'group-id': ({ instance }) => instance.securityGroupIds,
      'group-name': ({ view }) => view.groupSet.map(({ groupName }) => groupName),
      'addresses.private-ip-address': ({ instance }) => instance.address,
      'addresses.primary': () => true,
      'availability-zone-id': ({ instance }) => zoneId(engine, instance.zone),
      ...viewFields<{ view: object }>(NETWORK_INTERFACE_FILTERS, ({ view }) => view),
    },
  });
  return { networkInterfaceSet: items.map(({ view }) => view), nextToken };
};

function interfaceView(engine: Engine, instance: InstanceRecord) {
  const groups = groupSet(engine, instance.securityGroupIds);
  const card = networkInterface(engine, instance, groups);
  return {
    ...card,
    groupSet: groups,
    availabilityZone: instance.zone,
    interfaceType: 'interface',
    requesterManaged: false,
    attachment: { ...card.attachment, instanceId: instance.instanceId, instanceOwnerId: engine.account },
    tagSet: [],
  };
}

export const networkViewOperations: Record<string, Operation> = {
  DescribeInternetGateways,
  DescribeRouteTables,
  DescribeNetworkAcls,
  DescribeNetworkInterfaces,
};
