import { type AlarmAction, alarmActions } from '../../cloudwatch/alarms.ts';
import type { Engine } from '../../engine.ts';
import { groups, isSuspended } from '../groups.ts';
import { stepFor } from './adjust.ts';
import { applySimple, applyStep, trackIn, trackOut } from './apply.ts';
import { type PolicyRecord, policies } from './record.ts';

/** Does what alarms ask of scaling policies. */
export function reconcilePolicies(engine: Engine): undefined {
  for (const action of alarmActions(engine).filter(isOurs)) {
    alarmActions(engine).delete(action.id);
    const policy = policies(engine).filter(({ arn }) => arn === action.actionArn)[0];
    if (policy) act(engine, policy, action);
    else engine.log(`alarm ${action.alarmName}: there is no scaling policy ${action.actionArn}`);
  }
}

const isOurs = ({ actionArn }: AlarmAction) => actionArn.startsWith('arn:aws:autoscaling:');

function act(
  engine: Engine,
  policy: PolicyRecord,
  { alarmName, state, value, threshold }: AlarmAction,
): void {
  const group = groups(engine).get(policy.group);
  if (!group || group.deleting || !policy.enabled || isSuspended(group, 'AlarmNotification')) return;
  const why = `a monitor alarm ${alarmName} in state ${state} triggered policy ${policy.name}`;
  if (policy.type === 'SimpleScaling') applySimple(engine, group, policy, why);
  if (value === undefined) return;
  if (policy.type === 'StepScaling') {
    const step = stepFor(policy.steps, value - threshold);
    if (step) applyStep(engine, group, policy, { adjustment: step.adjustment, why });
  }
  if (alarmName === policy.own?.high) trackOut(engine, group, policy, { value, why });
  if (alarmName === policy.own?.low) trackIn(engine, group, policy, { value, why });
}
