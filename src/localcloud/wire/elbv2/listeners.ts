import { createListener, deleteListener, findListener, modifyListener } from '../../engine/elb/listeners.ts';
import { findLoadBalancer } from '../../engine/elb/load-balancers.ts';
import { type ListenerRecord, listeners } from '../../engine/elb/records.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { readActions, viewAction } from './action-shapes.ts';
import { pageOf, readTags, selected } from './shapes.ts';

export const CreateListener: Operation = (input, { engine }) => {
  const listener = createListener(engine, {
    loadBalancerArn: input.require('LoadBalancerArn'),
    port: input.requireInt('Port'),
    protocol: input.require('Protocol'),
    actions: readActions(input, 'DefaultActions'),
    tags: readTags(input),
  });
  return { Listeners: [view(listener)] };
};

export const ModifyListener: Operation = (input, { engine }) => {
  const before = findListener(engine, input.require('ListenerArn'));
  const listener = modifyListener(engine, before.arn, {
    port: input.int('Port') ?? before.port,
    protocol: input.text('Protocol') ?? before.protocol,
    actions: input.has('DefaultActions') ? readActions(input, 'DefaultActions') : before.actions,
  });
  return { Listeners: [view(listener)] };
};

export const DeleteListener: Operation = (input, { engine }) =>
  deleteListener(engine, findListener(engine, input.require('ListenerArn')).arn);

export const DescribeListeners: Operation = (input, { engine }) => {
  const balancer = input.text('LoadBalancerArn');
  if (balancer !== undefined) findLoadBalancer(engine, balancer);
  const found = selected(
    listeners(engine).all(),
    [{ given: input.list('ListenerArns'), keyOf: ({ arn }) => arn }],
    (arn) => new ServiceError('ListenerNotFound', `One or more listeners not found: ${arn}`),
  ).filter(({ loadBalancerArn }) => balancer === undefined || loadBalancerArn === balancer);
  const { items, next } = pageOf(input, found);
  return { Listeners: items.map(view), NextMarker: next };
};

const view = ({ arn, loadBalancerArn, port, protocol, actions }: ListenerRecord) => ({
  ListenerArn: arn,
  LoadBalancerArn: loadBalancerArn,
  Port: port,
  Protocol: protocol,
  DefaultActions: actions.map(viewAction),
});
