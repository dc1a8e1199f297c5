import { deleteAlarms } from '../../cloudwatch/alarms.ts';
import type { Engine } from '../../engine.ts';
import { ServiceError } from '../../errors.ts';
import { requireLiveGroup } from '../groups.ts';
import { checkPolicy, type PolicyRequest } from './check.ts';
import { type PolicyRecord, policies, policiesOf, policyKey, requirePolicy } from './record.ts';
import { putTrackingAlarms } from './tracking-alarms.ts';

const MOST_POLICIES = 50;

/** PutScalingPolicy: makes a policy or replaces it; target tracking makes its alarms. Throws ValidationError, LimitExceeded. */
export function putPolicy(engine: Engine, request: PolicyRequest): PolicyRecord {
  const { group, name } = request;
  requireLiveGroup(engine, group);
  const type = checkPolicy(request);
  const existing = policies(engine).get(policyKey(group, name));
  if (!existing && policiesOf(engine, group).length >= MOST_POLICIES) {
    throw new ServiceError('LimitExceeded', `A group can have ${MOST_POLICIES} scaling policies.`);
  }
  if (existing) forgetAlarms(engine, existing);
  const arn =
    existing?.arn ??
    `arn:aws:autoscaling:${engine.region}:${engine.account}:scalingPolicy:${engine.ids.uuid()}:autoScalingGroupName/${group}:policyName/${name}`;
  const policy: PolicyRecord = { ...request, type, arn };
  const own = policy.tracking && putTrackingAlarms(engine, policy, policy.tracking);
  return policies(engine).put(policyKey(group, name), { ...policy, own });
}

/** DeletePolicy: with the alarms that are its own; alarms that somebody else made stay. Throws ValidationError. */
export function deletePolicy(engine: Engine, group: string | undefined, name: string): void {
  const policy = requirePolicy(engine, group, name);
  forgetAlarms(engine, policy);
  policies(engine).delete(policyKey(policy.group, policy.name));
}

export function deletePoliciesOf(engine: Engine, group: string): void {
  for (const { arn } of policiesOf(engine, group)) deletePolicy(engine, group, arn);
}

function forgetAlarms(engine: Engine, { own }: PolicyRecord): void {
  if (own) deleteAlarms(engine, [own.high, ...(own.low === undefined ? [] : [own.low])]);
}
