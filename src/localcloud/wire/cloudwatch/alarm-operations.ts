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

/** The state lasts until the alarm is looked at the next time. */
export const SetAlarmState: Operation = (input, { engine }) => {
  const alarm = findAlarm(engine, input.require('AlarmName'));
  input.require('StateValue');
  const state = oneOf(input, 'StateValue', ['OK', 'ALARM', 'INSUFFICIENT_DATA']);
  const data = input.text('StateReasonData');
  if (data !== undefined) checkJson(data);
  if (alarm.rule === undefined)
    evaluations(engine).put(alarm.name, engine.clock.now() + stepMs(engine, alarm));
  enter(engine, alarm.name, { state: state ?? alarm.state, reason: input.require('StateReason'), data });
};

function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new ServiceError('InvalidFormat', 'StateReasonData was not valid JSON');
  }
}
