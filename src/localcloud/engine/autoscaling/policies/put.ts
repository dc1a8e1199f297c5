import { alarms, deleteAlarms, findAlarm } from '../../cloudwatch/alarms.ts';
import type { Engine } from '../../engine.ts';
import { ServiceError } from '../../errors.ts';
import { invalid, requireLiveGroup } from '../groups.ts';
import { checkPolicy, type PolicyRequest } from './check.ts';
import { alarmsOf, type PolicyRecord, policies, policiesOf, policyKey, requirePolicy } from './record.ts';
import { putTrackingAlarms } from './tracking-alarms.ts';

const MOST_POLICIES = 50;

/** PutScalingPolicy: makes a policy or replaces it; target tracking makes its alarms. Throws ValidationError, LimitExceeded. */
export function putPolicy(engine: Engine, request: PolicyRequest): PolicyRecord {
  const { group, name } = request;
  const { trafficSources } = requireLiveGroup(engine, group);
  const type = checkPolicy(request);
  checkLabel(
    request.tracking?.PredefinedMetricSpecification?.ResourceLabel,
    trafficSources.map(({ identifier }) => identifier),
  );
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

/** Requests are counted of a target group that sends them to this group. Throws ValidationError. */
function checkLabel(label: string | undefined, targetGroups: string[]): void {
  const attached = targetGroups.some((arn) => label?.endsWith(arn.slice(arn.lastIndexOf(':') + 1)));
  if (label !== undefined && !attached) throw invalid('Target group not attached to the Auto Scaling group');
}

/**
 * DeletePolicy: with the alarms that are its own, and the action of those that somebody else gave it; these stay, even without an
 * action. Throws ValidationError.
 */
export function deletePolicy(engine: Engine, group: string | undefined, name: string): void {
  const policy = requirePolicy(engine, group, name);
  forgetAlarms(engine, policy);
  for (const alarm of alarmsOf(engine, policy)) removeAction(engine, alarm.name, policy.arn);
  policies(engine).delete(policyKey(policy.group, policy.name));
}

/** With its group a policy takes along every alarm that has no action left. Source: AWS DeleteAutoScalingGroup. */
export function deletePoliciesOf(engine: Engine, group: string): void {
  for (const policy of policiesOf(engine, group)) {
    const called = alarmsOf(engine, policy).map(({ name }) => name);
    deletePolicy(engine, group, policy.arn);
    const idle = called.filter((name) => alarms(engine).has(name) && actionsOf(engine, name).length === 0);
    deleteAlarms(engine, idle);
  }
}

function removeAction(engine: Engine, name: string, arn: string): void {
  const { alarmActions, okActions, insufficientDataActions } = findAlarm(engine, name);
  const others = (actions: string[]) => actions.filter((action) => action !== arn);
  alarms(engine).patch(name, {
    alarmActions: others(alarmActions),
    okActions: others(okActions),
    insufficientDataActions: others(insufficientDataActions),
  });
}

function actionsOf(engine: Engine, name: string): string[] {
  const { alarmActions, okActions, insufficientDataActions } = findAlarm(engine, name);
  return [...alarmActions, ...okActions, ...insufficientDataActions];
}

function forgetAlarms(engine: Engine, { own }: PolicyRecord): void {
  if (own) deleteAlarms(engine, [own.high, ...(own.low === undefined ? [] : [own.low])]);
}
