import { invalid } from '../../engine/autoscaling/groups.ts';
import { setHealth } from '../../engine/autoscaling/health.ts';
import { members } from '../../engine/autoscaling/members.ts';
import { setProtection, terminateMember } from '../../engine/autoscaling/membership.ts';
import {
  attachInstances,
  detachInstances,
  enterStandby,
  exitStandby,
} from '../../engine/autoscaling/moves.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { viewActivity } from './activity-view.ts';
import { viewMemberDetails } from './member-view.ts';
import { pageOf } from './paging.ts';

/** Ids that do not exist are no error: they are not in the list. */
export const DescribeAutoScalingInstances: Operation = (input, { engine }) => {
  const ids = input.list('InstanceIds');
  const found = members(engine).filter(({ instanceId }) => ids.length === 0 || ids.includes(instanceId));
  const { items, next } = pageOf(input, found, 50, 50);
  return { AutoScalingInstances: items.map(viewMemberDetails), NextToken: next };
};

export const TerminateInstanceInAutoScalingGroup: Operation = (input, { engine }) => {
  const activity = terminateMember(engine, input.require('InstanceId'), readDecrement(input));
  return { Activity: viewActivity(activity) };
};

export const SetInstanceHealth: Operation = (input, { engine }) =>
  setHealth(
    engine,
    input.require('InstanceId'),
    input.require('HealthStatus'),
    input.bool('ShouldRespectGracePeriod') ?? true,
  );

export const SetInstanceProtection: Operation = (input, { engine }) => {
  const isProtected = input.bool('ProtectedFromScaleIn');
  if (isProtected === undefined) throw missing('ProtectedFromScaleIn');
  setProtection(engine, readGroup(input), input.list('InstanceIds'), isProtected);
};

export const EnterStandby: Operation = (input, { engine }) => ({
  Activities: enterStandby(engine, readGroup(input), input.list('InstanceIds'), readDecrement(input)).map(
    viewActivity,
  ),
});

export const ExitStandby: Operation = (input, { engine }) => ({
  Activities: exitStandby(engine, readGroup(input), input.list('InstanceIds')).map(viewActivity),
});

export const AttachInstances: Operation = (input, { engine }) =>
  attachInstances(engine, readGroup(input), input.list('InstanceIds'));

export const DetachInstances: Operation = (input, { engine }) => ({
  Activities: detachInstances(engine, readGroup(input), input.list('InstanceIds'), readDecrement(input)).map(
    viewActivity,
  ),
});

const readGroup = (input: Input) => input.require('AutoScalingGroupName');

/** Required on the wire, so that callers choose it on purpose. */
function readDecrement(input: Input): boolean {
  const decrement = input.bool('ShouldDecrementDesiredCapacity');
  if (decrement === undefined) throw missing('ShouldDecrementDesiredCapacity');
  return decrement;
}

const missing = (name: string) => invalid(`The request must contain the parameter ${name}`);
