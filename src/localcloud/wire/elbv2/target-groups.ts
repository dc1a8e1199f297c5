import { attributesOf, checkElbAttributes } from '../../engine/elb/attributes.ts';
import { findLoadBalancer } from '../../engine/elb/load-balancers.ts';
import { type HealthCheck, type TargetGroupRecord, targetGroups } from '../../engine/elb/records.ts';
import { createTargetGroup, deleteTargetGroup, modifyTargetGroup } from '../../engine/elb/target-groups.ts';
import { findTargetGroup } from '../../engine/elb/targets.ts';
import { loadBalancersOf } from '../../engine/elb/use.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { invalid, pageOf, readAttributes, readName, readTags, selected, viewAttributes } from './shapes.ts';

export const CreateTargetGroup: Operation = (input, { engine }) => {
  const targetType = input.text('TargetType') ?? 'instance';
  if (targetType !== 'instance' && targetType !== 'ip')
    throw invalid(`The local cloud's targets are instances or addresses, not '${targetType}'`);
  const group = createTargetGroup(engine, {
    name: readName(input, 'Target group'),
    protocol: input.require('Protocol'),
    protocolVersion: input.text('ProtocolVersion'),
    port: input.requireInt('Port'),
    vpcId: input.text('VpcId'),
    targetType,
    healthCheck: readHealthCheck(input),
    tags: readTags(input),
  });
  return { TargetGroups: [view(engine, group)] };
};

export const ModifyTargetGroup: Operation = (input, { engine }) => {
  const group = modifyTargetGroup(engine, input.require('TargetGroupArn'), readHealthCheck(input));
  return { TargetGroups: [view(engine, group)] };
};

export const DeleteTargetGroup: Operation = (input, { engine }) =>
  deleteTargetGroup(engine, input.require('TargetGroupArn'));

export const DescribeTargetGroups: Operation = (input, { engine }) => {
  const balancer = input.text('LoadBalancerArn');
  if (balancer !== undefined) findLoadBalancer(engine, balancer);
  const found = selected(
    targetGroups(engine).all(),
    [
      { given: input.list('TargetGroupArns'), keyOf: ({ arn }) => arn },
      { given: input.list('Names'), keyOf: ({ name }) => name },
    ],
    () => new ServiceError('TargetGroupNotFound', 'One or more target groups not found'),
  ).filter(({ arn }) => balancer === undefined || loadBalancersOf(engine, arn).includes(balancer));
  const { items, next } = pageOf(input, found);
  return { TargetGroups: items.map((group) => view(engine, group)), NextMarker: next };
};

export const DescribeTargetGroupAttributes: Operation = (input, { engine }) => ({
  Attributes: viewAttributes(attributesOf(findTargetGroup(engine, input.require('TargetGroupArn')))),
});

export const ModifyTargetGroupAttributes: Operation = (input, { engine }) => {
  const group = findTargetGroup(engine, input.require('TargetGroupArn'));
  const changes = readAttributes(input);
  checkElbAttributes(group, changes);
  const attributes = { ...group.attributes, ...changes };
  return {
    Attributes: viewAttributes(attributesOf(targetGroups(engine).patch(group.arn, { attributes }))),
  };
};

const readHealthCheck = (input: Input): Partial<HealthCheck> => ({
  enabled: input.bool('HealthCheckEnabled'),
  protocol: input.text('HealthCheckProtocol'),
  port: input.text('HealthCheckPort'),
  path: input.text('HealthCheckPath'),
  intervalSeconds: input.int('HealthCheckIntervalSeconds'),
  timeoutSeconds: input.int('HealthCheckTimeoutSeconds'),
  healthyThreshold: input.int('HealthyThresholdCount'),
  unhealthyThreshold: input.int('UnhealthyThresholdCount'),
  matcher: input.object('Matcher')?.text('HttpCode'),
});

function view(engine: Engine, group: TargetGroupRecord) {
  const { healthCheck: check } = group;
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    ProtocolVersion: group.protocolVersion,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: check.port,
    HealthCheckEnabled: check.enabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    ...(check.protocol === 'HTTP' && {
      HealthCheckPath: check.path,
      Matcher: { HttpCode: check.matcher },
    }),
    LoadBalancerArns: loadBalancersOf(engine, group.arn),
    TargetType: group.targetType,
    IpAddressType: 'ipv4',
  };
}
