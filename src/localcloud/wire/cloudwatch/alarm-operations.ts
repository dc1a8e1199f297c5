import { evaluations } from '../../engine/cloudwatch/alarm-records.ts';
import { alarms, deleteAlarms, findAlarm, putAlarm } from '../../engine/cloudwatch/alarms.ts';
import { stepMs } from '../../engine/cloudwatch/evaluate-alarms.ts';
import { enter } from '../../engine/cloudwatch/transition.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { oneOf, readCompositeAlarm, readMetricAlarm } from './alarm-request.ts';

export const PutMetricAlarm: Operation = (input, { engine }) => void putAlarm(engine, readMetricAlarm(input));

export const PutCompositeAlarm: Operation = (input, { engine }) =>
  void putAlarm(engine, readCompositeAlarm(input));

export const DeleteAlarms: Operation = (input, { engine }) => deleteAlarms(engine, input.list('AlarmNames'));

export const EnableAlarmActions: Operation = (input, { engine }) =>
  setActions(engine, input.list('AlarmNames'), true);

export const DisableAlarmActions: Operation = (input, { engine }) =>
  setActions(engine, input.list('AlarmNames'), false);

function setActions(engine: Engine, names: string[], actionsEnabled: boolean): void {
  for (const name of names) if (alarms(engine).has(name)) alarms(engine).patch(name, { actionsEnabled });
}

/** The state lasts until the alarm is looked at the next time. Scaling policies take the value from the reason's data. */
export const SetAlarmState: Operation = (input, { engine }) => {
  const alarm = findAlarm(engine, input.require('AlarmName'));
  input.require('StateValue');
  const state = oneOf(input, 'StateValue', ['OK', 'ALARM', 'INSUFFICIENT_DATA']) ?? alarm.state;
  const reason = input.text('StateReason') ?? '';
  const data = input.text('StateReasonData');
  const value = data === undefined ? undefined : latestOf(data);
  if (alarm.rule === undefined)
    evaluations(engine).put(alarm.name, engine.clock.now() + stepMs(engine, alarm));
  enter(engine, alarm.name, { state, reason, data, value });
};

/** The last of `recentDatapoints`. Throws InvalidFormat. */
function latestOf(text: string): number | undefined {
  try {
    const latest: unknown = JSON.parse(text)?.recentDatapoints?.at?.(-1);
    return typeof latest === 'number' ? latest : undefined;
  } catch {
    throw new ServiceError('InvalidFormat', 'StateReasonData was not valid JSON');
  }
}
