import type { Engine } from '../engine.ts';
import { parseFilterPattern } from './filter-pattern.ts';
import {
  eventId,
  eventsOf,
  findGroup,
  findStream,
  invalidParameter,
  type LogEventRecord,
  streamsOf,
} from './records.ts';

/** What one answer may hold, and how many events one FilterLogEvents looks at before it hands back a page, perhaps an empty one. */
const MOST_BYTES = 1_048_576;
const MOST_SCANNED = 10_000;
const DAY_MS = 24 * 3_600_000;

export interface StoredEvent extends LogEventRecord {
  stream: string;
}

/** Unexpired events of some streams that pass, in the order of time. */
export function readEvents(
  engine: Engine,
  groupName: string,
  streams: string[],
  pass: (event: LogEventRecord) => boolean,
): StoredEvent[] {
  const { retentionDays = Number.POSITIVE_INFINITY } = findGroup(engine, groupName);
  const unexpired = engine.clock.now() - retentionDays * DAY_MS;
  const found: StoredEvent[] = [];
  for (const stream of streams) {
    for (const [, event] of eventsOf(engine, groupName, stream).entries())
      if (event.timestamp >= unexpired && pass(event)) found.push({ ...event, stream });
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** As many events, from the front, as one answer may hold; at least one. */
function fitting(events: StoredEvent[], most: number): StoredEvent[] {
  let bytes = 0;
  let count = 0;
  for (const { message } of events) {
    bytes += Buffer.byteLength(message);
    if (count === most || (bytes > MOST_BYTES && count > 0)) break;
    count++;
  }
  return events.slice(0, count);
}

/**
 * Events of one stream, oldest first: a page forward (`f/`) or backward (`b/`) from a token, or without one the first page or,
 * unless `fromHead`, the last. The tokens of an empty page are those it was asked with, which is how clients know the end.
 * `start` is included, `end` is not.
 */
export function getEvents(
  engine: Engine,
  group: string,
  stream: string,
  query: { start?: number; end?: number; token?: string; limit: number; fromHead: boolean },
): { events: StoredEvent[]; forward: string; backward: string } {
  findStream(engine, group, stream);
  const token = query.token === undefined ? undefined : /^([fb])\/(\d{56})\/s$/.exec(query.token);
  if (token === null) throw invalidParameter('The specified nextToken is invalid.');
  const forward = token ? token[1] === 'f' : query.fromHead;
  const from = token?.[2];
  const { start = 0, end = Number.POSITIVE_INFINITY } = query;
  const all = readEvents(
    engine,
    group,
    [stream],
    ({ id, timestamp }) =>
      timestamp >= start && timestamp < end && (from === undefined || (forward ? id > from : id < from)),
  );
  const events = forward ? fitting(all, query.limit) : fitting(all.reverse(), query.limit).reverse();
  const here = from ?? eventId(Math.max(0, start), 0);
  return {
    events,
    forward: `f/${events.at(-1)?.id ?? here}/s`,
    backward: `b/${events[0]?.id ?? here}/s`,
  };
}

/** Events of a group that match, oldest first. `start` and `end` are both included. `next` is undefined only at the end. */
export function filterEvents(
  engine: Engine,
  group: string,
  query: {
    streams?: string[];
    streamPrefix?: string;
    start?: number;
    end?: number;
    pattern?: string;
    token?: string;
    limit: number;
  },
): { events: StoredEvent[]; next: string | undefined } {
  findGroup(engine, group);
  const matches = parseFilterPattern(query.pattern ?? '');
  for (const stream of query.streams ?? []) findStream(engine, group, stream);
  const streams =
    query.streams ??
    streamsOf(engine, group)
      .map((stream) => stream.name)
      .filter((name) => name.startsWith(query.streamPrefix ?? ''));
  const after = query.token === undefined ? '' : decodeToken(query.token);
  const { start = 0, end = Number.POSITIVE_INFINITY } = query;
  const all = readEvents(
    engine,
    group,
    streams,
    ({ id, timestamp }) => timestamp >= start && timestamp <= end && id > after,
  );
  const scanned = all.slice(0, MOST_SCANNED);
  const matching = scanned.filter(({ message }) => matches(message));
  const events = fitting(matching, query.limit);
  const last = events.length < matching.length ? events.at(-1) : scanned.at(-1);
  return {
    events,
    next: last && last !== all.at(-1) ? Buffer.from(last.id).toString('base64url') : undefined,
  };
}

function decodeToken(token: string): string {
  const id = Buffer.from(token, 'base64url').toString('utf8');
  if (!/^\d{56}$/.test(id)) throw invalidParameter('The specified nextToken is invalid.');
  return id;
}
