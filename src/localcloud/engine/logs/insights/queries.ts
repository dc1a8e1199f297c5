import type { Engine } from '../../engine.ts';
import { ServiceError } from '../../errors.ts';
import { readEvents, type StoredEvent } from '../read.ts';
import { findGroup, streamsOf } from '../records.ts';
import type { Row } from './expressions.ts';
import { readQuery, runPlan } from './query.ts';

export interface LogQueryRecord {
  queryId: string;
  groups: string[];
  query: string;
  createdAt: number;
  rows: Record<string, string>[];
  statistics: { matched: number; scanned: number; bytes: number };
}

export const logQueries = (engine: Engine) => engine.store.table<LogQueryRecord>('logQueries');

/** Results are kept for as many queries. */
const KEPT = 50;
const MOST_ROWS = 10_000;

/** Runs a query to its end. Times in milliseconds, both included. @throws ResourceNotFoundException, MalformedQueryException */
export function startQuery(
  engine: Engine,
  groups: string[],
  query: string,
  range: { start: number; end: number },
  limit: number = MOST_ROWS,
): LogQueryRecord {
  const plan = readQuery(query);
  const events = groups.flatMap((group) => {
    findGroup(engine, group);
    const streams = streamsOf(engine, group).map(({ name }) => name);
    return readEvents(
      engine,
      group,
      streams,
      ({ timestamp }) => timestamp >= range.start && timestamp <= range.end,
    ).map((event) => ({ event, group }));
  });
  events.sort((a, b) => (a.event.id < b.event.id ? -1 : 1));
  const rows = events.map(({ event, group }) => rowOf(engine, event, group));
  const { rows: found, matched } = runPlan(plan, rows, Math.min(limit, MOST_ROWS));
  const table = logQueries(engine);
  for (const { queryId } of table.all().slice(0, Math.max(0, table.size - KEPT + 1))) table.delete(queryId);
  const queryId = engine.ids.uuid();
  const bytes = events.reduce((sum, { event }) => sum + Buffer.byteLength(event.message), 0);
  return table.put(queryId, {
    ...{ queryId, groups, query, rows: found },
    createdAt: engine.clock.now(),
    statistics: { matched, scanned: events.length, bytes },
  });
}

/** Fields of an event: its own, and those of a message that is JSON, the nested ones with dots. */
function rowOf(engine: Engine, event: StoredEvent, group: string): Row {
  return {
    ...discovered(event.message),
    '@timestamp': event.timestamp,
    '@message': event.message,
    '@ingestionTime': event.ingestedAt,
    '@logStream': event.stream,
    '@log': `${engine.account}:${group}`,
    '@ptr': Buffer.from(event.id).toString('base64'),
  };
}

function discovered(message: string): Row {
  if (!message.trimStart().startsWith('{')) return {};
  try {
    return flat(JSON.parse(message), '');
  } catch {
    return {};
  }
}

const flat = (value: object, prefix: string): Row =>
  Object.entries(value).reduce<Row>((row, [name, inner]) => {
    if (typeof inner === 'object' && inner !== null) Object.assign(row, flat(inner, `${prefix}${name}.`));
    else row[`${prefix}${name}`] = inner;
    return row;
  }, {});

/** @throws ResourceNotFoundException */
export function findQuery(engine: Engine, queryId: string): LogQueryRecord {
  const found = logQueries(engine).get(queryId);
  if (!found) throw new ServiceError('ResourceNotFoundException', 'The specified query does not exist.');
  return found;
}
