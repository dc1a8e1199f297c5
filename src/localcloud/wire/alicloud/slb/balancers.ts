import { createBalancer, deleteBalancer, findBalancer, listenersOf } from '../../../engine/clb/balancers.ts';
import { type ClbBalancer, clbBalancers } from '../../../engine/clb/records.ts';
import { once } from '../../../engine/ec2/client-tokens.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { Operation } from '../../service.ts';
import { carries, pageOf, tagViews, utc } from '../ecs/input.ts';
import { inward, outward } from '../ids.ts';

const view = (engine: Engine, balancer: ClbBalancer) => ({
  LoadBalancerId: balancer.balancerId,
  LoadBalancerName: balancer.name,
  LoadBalancerStatus: 'active',
  Address: balancer.address,
  AddressType: balancer.addressType,
  AddressIPVersion: 'ipv4',
  NetworkType: 'vpc',
  RegionId: engine.region,
  RegionIdAlias: engine.region,
  VpcId: balancer.vpcId,
  VSwitchId: outward(balancer.subnetId),
  DeleteProtection: balancer.deletionProtection ? 'on' : 'off',
  CreateTime: utc(balancer.createdAt),
  Tags: tagViews(balancer.tags),
});

/** It is active at once. */
const CreateLoadBalancer: Operation = (input, { engine }) => {
  const { ClientToken: _, ...parameters } = input.values;
  const subnetId = input.text('VSwitchId');
  const [id] = once(engine, 'slb.CreateLoadBalancer', input.text('ClientToken'), parameters, () => [
    createBalancer(engine, {
      name: input.text('LoadBalancerName') ?? '',
      addressType: input.text('AddressType') ?? 'intranet',
      deletionProtection: input.text('DeleteProtection') === 'on',
      subnetId: subnetId && inward(subnetId),
    }).balancerId,
  ]);
  return { ...view(engine, findBalancer(engine, id!)), ResourceGroupId: '', OrderId: 0 };
};

const DescribeLoadBalancers: Operation = (input, { engine }) => {
  const ids = input.text('LoadBalancerId')?.split(',');
  const name = input.text('LoadBalancerName');
  const address = input.text('Address');
  const found = clbBalancers(engine).filter(
    (balancer) =>
      (ids === undefined || ids.includes(balancer.balancerId)) &&
      (name === undefined || name.split(',').includes(balancer.name)) &&
      (address === undefined || balancer.address === address) &&
      carries(balancer.tags, input),
  );
  const { items, view: page } = pageOf(input, found, 100);
  const { NextToken: _, ...pages } = page;
  return { ...pages, LoadBalancers: { LoadBalancer: items.map((one) => view(engine, one)) } };
};

const DescribeLoadBalancerAttribute: Operation = (input, { engine }) => {
  const balancer = findBalancer(engine, input.require('LoadBalancerId'));
  const listeners = listenersOf(engine, balancer.balancerId);
  return {
    ...view(engine, balancer),
    ListenerPorts: { ListenerPort: listeners.map(({ port }) => port) },
    ListenerPortsAndProtocol: {
      ListenerPortAndProtocol: listeners.map(({ port, protocol }) => ({
        ListenerPort: port,
        ListenerProtocol: protocol,
      })),
    },
    BackendServers: { BackendServer: [] },
  };
};

const DeleteLoadBalancer: Operation = (input, { engine }) => {
  deleteBalancer(engine, input.require('LoadBalancerId'));
  return {};
};

export const balancerOperations: Record<string, Operation> = {
  CreateLoadBalancer,
  DescribeLoadBalancers,
  DescribeLoadBalancerAttribute,
  DeleteLoadBalancer,
};
