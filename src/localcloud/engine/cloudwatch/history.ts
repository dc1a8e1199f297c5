import type { Engine } from '../engine.ts';

export interface HistoryItem {
  alarmName: string;
  alarmType: 'MetricAlarm' | 'CompositeAlarm';
  type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  summary: string;
  /** JSON. */
  data: string;
  at: number;
}

/** CloudWatch keeps 30 days; so many are enough for whoever reads them here. */
const MOST_ITEMS = 1_000;

export const history = (engine: Engine) => engine.store.table<HistoryItem>('alarmHistory');

/** Notes what happened to an alarm; the oldest items make room. */
export function note(engine: Engine, item: Omit<HistoryItem, 'at' | 'data'> & { data: object }): void {
  const items = history(engine);
  items.put(engine.ids.uuid(), { ...item, data: JSON.stringify(item.data), at: engine.clock.now() });
  for (const [id] of items.entries()) {
    if (items.size <= MOST_ITEMS) break;
    items.delete(id);
  }
}
