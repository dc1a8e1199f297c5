import type { Engine } from '../engine.ts';
import { type AlarmRecord, type AlarmState, alarmActions, alarms } from './alarm-records.ts';
import { note } from './history.ts';

export interface NewState {
  state: AlarmState;
  reason: string;
  /** JSON, as DescribeAlarms gives it. */
  data?: string;
  /** The latest value of what is watched. */
  value?: number;
}

/** Puts an alarm into a state; its actions follow when it is another than before. */
export function enter(engine: Engine, name: string, { state, reason, data, value }: NewState): void {
  const before = alarms(engine).get(name);
  if (!before) return;
  const now = engine.clock.now();
  const changed = before.state !== state;
  const after = alarms(engine).patch(name, {
    state,
    stateReason: reason,
    stateReasonData: data,
    stateUpdatedAt: now,
    ...(changed && { stateTransitionedAt: now }),
  });
  if (!changed) return;
  note(engine, {
    alarmName: name,
    alarmType: after.rule === undefined ? 'MetricAlarm' : 'CompositeAlarm',
    type: 'StateUpdate',
    summary: `Alarm updated from ${before.state} to ${state}`,
    data: {
      version: '1.0',
      oldState: { stateValue: before.state, stateReason: before.stateReason },
      newState: { stateValue: state, stateReason: reason },
    },
  });
  act(engine, after, value, () => true);
}

const ACTIONS = {
  ALARM: 'alarmActions',
  OK: 'okActions',
  INSUFFICIENT_DATA: 'insufficientDataActions',
} as const;

/** Policies are asked again each period while the state lasts; other actions only when it begins. */
export const repeats = (actionArn: string): boolean => actionArn.startsWith('arn:aws:autoscaling:');

/** Hands out the actions of the alarm's state that are wanted. */
export function act(
  engine: Engine,
  alarm: AlarmRecord,
  value: number | undefined,
  wanted: (actionArn: string) => boolean,
): void {
  if (!alarm.actionsEnabled) return;
  const { name, state, threshold, rule } = alarm;
  for (const actionArn of alarm[ACTIONS[state]].filter(wanted)) {
    if (!repeats(actionArn)) {
      engine.log(`alarm ${name}: the local cloud has nothing that does ${actionArn}`);
      continue;
    }
    const id = engine.ids.uuid();
    const at = engine.clock.now();
    alarmActions(engine).put(id, { id, actionArn, alarmName: name, state, value, threshold, at });
    note(engine, {
      alarmName: name,
      alarmType: rule === undefined ? 'MetricAlarm' : 'CompositeAlarm',
      type: 'Action',
      summary: `Successfully executed action ${actionArn}`,
      data: { actionState: 'Succeeded', notificationResource: actionArn },
    });
  }
}
