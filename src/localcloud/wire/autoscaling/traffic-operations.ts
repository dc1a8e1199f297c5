import { type GroupRecord, requireGroup } from '../../engine/autoscaling/groups.ts';
import {
  attachSources,
  detachSources,
  type SourceRequest,
  stateOfSource,
} from '../../engine/autoscaling/traffic/sources.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { pageOf } from './paging.ts';

export const AttachTrafficSources: Operation = (input, { engine }) => {
  attachSources(engine, readGroup(input), input.objects('TrafficSources').map(readSource));
  return {};
};

export const DetachTrafficSources: Operation = (input, { engine }) => {
  const sources = input.objects('TrafficSources').map(readSource);
  detachSources(
    engine,
    readGroup(input),
    sources.map(({ identifier }) => identifier),
  );
  return {};
};

export const DescribeTrafficSources: Operation = (input, { engine }) => {
  const group = requireGroup(engine, readGroup(input));
  const type = input.text('TrafficSourceType');
  const { items, next } = pageOf(input, statesOf(engine, group), 50, 50);
  return {
    TrafficSources: items
      .filter((source) => type === undefined || source.type === type)
      .map(({ identifier, type: kind, state }) => ({
        TrafficSource: identifier,
        Identifier: identifier,
        Type: kind,
        State: state,
      })),
    NextToken: next,
  };
};

export const AttachLoadBalancerTargetGroups: Operation = (input, { engine }) => {
  const sources = input.list('TargetGroupARNs').map((identifier) => ({ identifier }));
  attachSources(engine, readGroup(input), sources);
  return {};
};

export const DetachLoadBalancerTargetGroups: Operation = (input, { engine }) => {
  detachSources(engine, readGroup(input), input.list('TargetGroupARNs'));
  return {};
};

export const DescribeLoadBalancerTargetGroups: Operation = (input, { engine }) => {
  const group = requireGroup(engine, readGroup(input));
  const { items, next } = pageOf(input, statesOf(engine, group), 100, 100);
  return {
    LoadBalancerTargetGroups: items.map(({ identifier, state }) => ({
      LoadBalancerTargetGroupARN: identifier,
      State: state,
    })),
    NextToken: next,
  };
};

/** Classic load balancers do not exist here, so that no group has one. */
export const DescribeLoadBalancers: Operation = (input, { engine }) => {
  requireGroup(engine, readGroup(input));
  return { LoadBalancers: [] };
};

export const readSource = (input: Input): SourceRequest => ({
  identifier: input.require('Identifier'),
  type: input.text('Type'),
});

const readGroup = (input: Input) => input.require('AutoScalingGroupName');

const statesOf = (engine: Engine, group: GroupRecord) =>
  group.trafficSources.map((source) => ({ ...source, state: stateOfSource(engine, group, source) }));
