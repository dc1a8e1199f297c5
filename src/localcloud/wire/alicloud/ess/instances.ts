import { instances } from '../../../engine/ec2/instances.ts';
import type { Engine } from '../../../engine/engine.ts';
import {
  attachInstances,
  enterStandby,
  exitStandby,
  protectInstances,
  removeInstances,
  setMemberHealth,
} from '../../../engine/ess/manual.ts';
import { type EssMember, essMembers } from '../../../engine/ess/records.ts';
import type { Operation } from '../../service.ts';
import { pageOf } from '../ecs/input.ts';
import { onceFor, oneOf, toTheMinute } from './input.ts';

function instanceView(engine: Engine, member: EssMember): object {
  const instance = instances(engine).get(member.instanceId);
  return {
    InstanceId: member.instanceId,
    ScalingGroupId: member.groupId,
    LifecycleState: member.state,
    HealthStatus: member.healthy ? 'Healthy' : 'Unhealthy',
    WarmupState: 'NoNeedWarmup',
    LaunchTemplateId: member.template?.id,
    LaunchTemplateVersion: member.template && String(member.template.version),
    CreationType: member.attached ? 'Attached' : 'AutoCreated',
    Entrusted: member.entrusted,
    ZoneId: instance?.zone,
    PrivateIpAddress: instance?.address,
    SpotStrategy: 'NoSpot',
    CreationTime: toTheMinute(member.addedAt),
    CreatedTime: new Date(member.addedAt).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}

const DescribeScalingInstances: Operation = (input, { engine }) => {
  const groupId = input.text('ScalingGroupId');
  const ids = input.list('InstanceIds');
  const states = input.list('LifecycleStates');
  const health = input.text('HealthStatus');
  const found = essMembers(engine).filter(
    (member) =>
      (groupId === undefined || member.groupId === groupId) &&
      (ids.length === 0 || ids.includes(member.instanceId)) &&
      (states.length === 0 || states.includes(member.state)) &&
      (health === undefined || (health === 'Healthy') === member.healthy),
  );
  const { items, view } = pageOf(input, found, 100);
  const { NextToken: _, ...page } = view;
  return {
    ...page,
    TotalSpotCount: 0,
    ScalingInstances: items.map((member) => instanceView(engine, member)),
  };
};

const AttachInstances: Operation = (input, { engine }) => ({
  ScalingActivityId: onceFor(engine, 'AttachInstances', input, () =>
    attachInstances(
      engine,
      input.require('ScalingGroupId'),
      input.list('InstanceIds'),
      input.bool('Entrusted') ?? false,
    ),
  ),
});

const taking =
  (action: string, keeps: boolean): Operation =>
  (input, { engine }) => ({
    ScalingActivityId: onceFor(engine, action, input, () =>
      removeInstances(engine, input.require('ScalingGroupId'), input.list('InstanceIds'), {
        keeps,
        decrease: input.bool('DecreaseDesiredCapacity') ?? true,
      }),
    ),
  });

const EnterStandby: Operation = (input, { engine }) => {
  onceFor(engine, 'EnterStandby', input, () => {
    enterStandby(engine, input.require('ScalingGroupId'), input.list('InstanceIds'));
    return '';
  });
  return {};
};

const ExitStandby: Operation = (input, { engine }) => {
  onceFor(engine, 'ExitStandby', input, () => {
    exitStandby(engine, input.require('ScalingGroupId'), input.list('InstanceIds'));
    return '';
  });
  return {};
};

const SetInstancesProtection: Operation = (input, { engine }) => {
  input.require('ProtectedFromScaleIn');
  protectInstances(
    engine,
    input.require('ScalingGroupId'),
    input.list('InstanceIds'),
    input.bool('ProtectedFromScaleIn')!,
  );
  return {};
};

const SetInstanceHealth: Operation = (input, { engine }) => {
  input.require('HealthStatus');
  const health = oneOf(input, 'HealthStatus', ['Healthy', 'Unhealthy']);
  setMemberHealth(engine, input.require('InstanceId'), health === 'Healthy');
  return {};
};

export const instanceOperations: Record<string, Operation> = {
  DescribeScalingInstances,
  AttachInstances,
  RemoveInstances: taking('RemoveInstances', false),
  DetachInstances: taking('DetachInstances', true),
  EnterStandby,
  ExitStandby,
  SetInstancesProtection,
  SetInstanceHealth,
};
