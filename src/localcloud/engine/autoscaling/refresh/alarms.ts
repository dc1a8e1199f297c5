import type { Engine } from '../../engine.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** What an alarm's store keeps of it, as far as a refresh asks. */
interface AlarmRecord {
  state: AlarmState;
}

/** The state of a metric alarm; undefined when there is none of this name. */
export const alarmState = (engine: Engine, name: string): AlarmState | undefined =>
  engine.store.table<AlarmRecord>('alarms').get(name)?.state;

/** The worst of several: an ALARM ends a refresh, missing data holds it. An alarm deleted meanwhile has no data. */
export function worstAlarm(engine: Engine, names: string[]): { name: string; state: AlarmState } | undefined {
  const states = names.map((name) => ({ name, state: alarmState(engine, name) ?? 'INSUFFICIENT_DATA' }));
  return (
    states.find(({ state }) => state === 'ALARM') ?? states.find(({ state }) => state === 'INSUFFICIENT_DATA')
  );
}
