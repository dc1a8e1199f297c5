import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { type AlarmRecord, type AlarmSpec, alarmArn, alarms, evaluations } from './alarm-records.ts';
import { childrenOf } from './composite.ts';
import { note } from './history.ts';
import { metricValue } from './metrics.ts';

export {
  type AlarmAction,
  type AlarmRecord,
  type AlarmSpec,
  alarmActions,
  alarms,
} from './alarm-records.ts';

const UNCHECKED = 'Unchecked: Initial alarm creation';

/**
 * Makes an alarm, or replaces its configuration; its state, tags and history stay. A new one has insufficient data until it was
 * looked at for the first time. Throws ValidationError for expressions and rules that cannot be understood, and for a rule about
 * alarms that are not there.
 */
export function putAlarm(engine: Engine, spec: AlarmSpec): AlarmRecord {
  check(engine, spec);
  const now = engine.clock.now();
  const before = alarms(engine).get(spec.name);
  const record: AlarmRecord = {
    ...spec,
    arn: alarmArn(engine, spec.name),
    actionsEnabled: spec.actionsEnabled ?? true,
    okActions: spec.okActions ?? [],
    alarmActions: spec.alarmActions ?? [],
    insufficientDataActions: spec.insufficientDataActions ?? [],
    tags: before?.tags ?? spec.tags ?? {},
    state: before?.state ?? 'INSUFFICIENT_DATA',
    stateReason: before?.stateReason ?? UNCHECKED,
    stateReasonData: before?.stateReasonData,
    stateUpdatedAt: before?.stateUpdatedAt ?? now,
    stateTransitionedAt: before?.stateTransitionedAt ?? now,
    configuredAt: now,
  };
  alarms(engine).put(spec.name, record);
  if (spec.rule === undefined) evaluations(engine).put(spec.name, now);
  else evaluations(engine).delete(spec.name);
  note(engine, {
    alarmName: spec.name,
    alarmType: spec.rule === undefined ? 'MetricAlarm' : 'CompositeAlarm',
    type: 'ConfigurationUpdate',
    summary: `Alarm "${spec.name}" ${before ? 'updated' : 'created'}`,
    data: { type: before ? 'Update' : 'Create', version: '1.0' },
  });
  return record;
}

function check(engine: Engine, { name, rule, metrics }: AlarmSpec): void {
  if (rule !== undefined) {
    const unknown = childrenOf(rule).filter((child) => child === name || !alarms(engine).has(child));
    if (unknown.length > 0)
      throw new ServiceError(
        'ValidationError',
        `AlarmRule refers to alarms that do not exist: ${unknown.join(', ')}`,
      );
  }
  if (metrics) metricValue(engine, metrics, { start: 0, end: 60_000, periodSeconds: 60 });
}

/** Unknown names are no error: who deletes wants them gone. */
export function deleteAlarms(engine: Engine, names: string[]): void {
  for (const name of names) {
    alarms(engine).delete(name);
    evaluations(engine).delete(name);
  }
}

/** Throws ResourceNotFound. */
export function findAlarm(engine: Engine, name: string): AlarmRecord {
  const alarm = alarms(engine).get(name);
  if (!alarm) throw new ServiceError('ResourceNotFound', 'Unknown alarm', 404);
  return alarm;
}
