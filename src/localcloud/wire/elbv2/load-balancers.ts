import { attributesOf, checkElbAttributes } from '../../engine/elb/attributes.ts';
import {
  chooseSubnets,
  createLoadBalancer,
  deleteLoadBalancer,
  findLoadBalancer,
} from '../../engine/elb/load-balancers.ts';
import { troubleOf } from '../../engine/elb/proxies.ts';
import { type LoadBalancerRecord, loadBalancers } from '../../engine/elb/records.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { invalid, pageOf, readAttributes, readName, readTags, selected, viewAttributes } from './shapes.ts';

/** Where every load balancer of Frankfurt is registered: clients make DNS aliases with it. */
const HOSTED_ZONE = 'Z215JYRZR1TBD5';

export const CreateLoadBalancer: Operation = (input, { engine }) => {
  const type = input.text('Type') ?? 'application';
  if (type !== 'application' && type !== 'network')
    throw invalid(`The local cloud has application and network load balancers, not '${type}'`);
  const balancer = createLoadBalancer(engine, {
    name: readName(input, 'Load balancer'),
    type,
    scheme: input.text('Scheme') ?? 'internet-facing',
    ipAddressType: input.text('IpAddressType') ?? 'ipv4',
    subnetIds: readSubnets(input),
    securityGroupIds: input.list('SecurityGroups'),
    tags: readTags(input),
  });
  return { LoadBalancers: [view(engine, balancer)] };
};

const readSubnets = (input: Input): string[] => [
  ...input.list('Subnets'),
  ...input.objects('SubnetMappings').map((mapping) => mapping.require('SubnetId')),
];

export const DeleteLoadBalancer: Operation = (input, { engine }) =>
  deleteLoadBalancer(engine, input.require('LoadBalancerArn'));

export const DescribeLoadBalancers: Operation = (input, { engine }) => {
  const found = selected(
    loadBalancers(engine).all(),
    [
      { given: input.list('LoadBalancerArns'), keyOf: ({ arn }) => arn },
      { given: input.list('Names'), keyOf: ({ name }) => name },
    ],
    (key) => new ServiceError('LoadBalancerNotFound', `Load balancers '[${key}]' not found`),
  );
  const { items, next } = pageOf(input, found);
  return { LoadBalancers: items.map((balancer) => view(engine, balancer)), NextMarker: next };
};

export const DescribeLoadBalancerAttributes: Operation = (input, { engine }) => ({
  Attributes: viewAttributes(attributesOf(findLoadBalancer(engine, input.require('LoadBalancerArn')))),
});

export const ModifyLoadBalancerAttributes: Operation = (input, { engine }) => {
  const balancer = findLoadBalancer(engine, input.require('LoadBalancerArn'));
  const changes = readAttributes(input);
  checkElbAttributes(balancer, changes);
  const attributes = { ...balancer.attributes, ...changes };
  return {
    Attributes: viewAttributes(attributesOf(loadBalancers(engine).patch(balancer.arn, { attributes }))),
  };
};

export const SetSecurityGroups: Operation = (input, { engine }) => {
  const { arn } = findLoadBalancer(engine, input.require('LoadBalancerArn'));
  const { securityGroups } = loadBalancers(engine).patch(arn, {
    securityGroups: input.list('SecurityGroups'),
  });
  return { SecurityGroupIds: securityGroups };
};

export const SetSubnets: Operation = (input, { engine }) => {
  const { arn } = findLoadBalancer(engine, input.require('LoadBalancerArn'));
  const subnets = chooseSubnets(engine, readSubnets(input)).map(({ subnetId, zone }) => ({ subnetId, zone }));
  return { AvailabilityZones: viewZones(loadBalancers(engine).patch(arn, { subnets })) };
};

const viewZones = ({ subnets, address }: LoadBalancerRecord) =>
  subnets.map(({ subnetId, zone }) => ({
    ZoneName: zone,
    SubnetId: subnetId,
    LoadBalancerAddresses: [{ IpAddress: address }],
  }));

/** Its DNS name is its address: any client reaches it, without a resolver. */
function view(engine: Engine, balancer: LoadBalancerRecord) {
  const trouble = troubleOf(engine, balancer.arn);
  return {
    LoadBalancerArn: balancer.arn,
    DNSName: balancer.address,
    CanonicalHostedZoneId: HOSTED_ZONE,
    CreatedTime: new Date(balancer.createdAt),
    LoadBalancerName: balancer.name,
    Scheme: balancer.scheme,
    VpcId: balancer.vpcId,
    State: trouble === undefined ? { Code: 'active' } : { Code: 'failed', Reason: trouble },
    Type: balancer.type,
    AvailabilityZones: viewZones(balancer),
    SecurityGroups: balancer.securityGroups,
    IpAddressType: balancer.ipAddressType,
  };
}
