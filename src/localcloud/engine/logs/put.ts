import type { Engine } from '../engine.ts';
import {
  eventId,
  eventsOf,
  findGroup,
  findStream,
  invalidParameter,
  logGroups,
  logStreams,
  streamKey,
} from './records.ts';

/** Limits of one request. Source: CloudWatch Logs PutLogEvents. */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;
/** What each event counts on top of its message. */
const OVERHEAD_BYTES = 26;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface Rejected {
  /** First event that is too far in the future. */
  tooNewLogEventStartIndex?: number;
  /** One past the last event that is too old. */
  tooOldLogEventEndIndex?: number;
  /** One past the last event that the group's retention would delete at once. */
  expiredLogEventEndIndex?: number;
}

/** Takes events in; says which it left out. @throws ResourceNotFoundException, InvalidParameterException */
export function putEvents(
  engine: Engine,
  groupName: string,
  streamName: string,
  batch: { timestamp: number; message: string }[],
): Rejected | undefined {
  const stream = findStream(engine, groupName, streamName);
  const group = findGroup(engine, groupName);
  checkBatch(batch);
  const now = engine.clock.now();
  const oldest = now - 14 * DAY_MS;
  const unexpired = now - (group.retentionDays ?? Number.POSITIVE_INFINITY) * DAY_MS;
  const old = batch.filter(({ timestamp }) => timestamp < oldest).length;
  const expired = batch.filter(({ timestamp }) => timestamp < unexpired).length;
  const accepted = batch.filter(({ timestamp }) => timestamp <= now + 2 * HOUR_MS);
  const taken = accepted.slice(Math.max(old, expired));

  let { sequence } = group;
  const events = eventsOf(engine, groupName, streamName);
  dropExpired(events, unexpired);
  for (const { timestamp, message } of taken) {
    const id = eventId(timestamp, ++sequence);
    events.put(id, { id, timestamp, message, ingestedAt: now });
  }
  const last = taken.at(-1);
  if (last) {
    logGroups(engine).patch(groupName, { sequence });
    logStreams(engine).patch(streamKey(groupName, streamName), {
      firstEventAt: Math.min(stream.firstEventAt ?? Number.POSITIVE_INFINITY, taken[0]!.timestamp),
      lastEventAt: Math.max(stream.lastEventAt ?? 0, last.timestamp),
      lastIngestedAt: now,
      storedBytes: stream.storedBytes + sizeOf(taken),
    });
  }
  if (taken.length === batch.length) return undefined;
  return {
    tooNewLogEventStartIndex: accepted.length < batch.length ? accepted.length : undefined,
    tooOldLogEventEndIndex: old > 0 ? old : undefined,
    expiredLogEventEndIndex: expired > 0 ? expired : undefined,
  };
}

function dropExpired(events: ReturnType<typeof eventsOf>, unexpired: number): void {
  for (const [id, { timestamp }] of events.entries()) {
    if (timestamp >= unexpired) break;
    events.delete(id);
  }
}

const sizeOf = (batch: { message: string }[]) =>
  batch.reduce((sum, { message }) => sum + Buffer.byteLength(message) + OVERHEAD_BYTES, 0);

function checkBatch(batch: { timestamp: number; message: string }[]): void {
  const first = batch[0];
  const last = batch.at(-1);
  if (!first || !last || batch.length > MOST_EVENTS)
    throw invalidParameter(`logEvents must hold between 1 and ${MOST_EVENTS} events, not ${batch.length}`);
  const size = sizeOf(batch);
  if (size > MOST_BYTES)
    throw invalidParameter(`Upload too large: ${size} bytes exceeds limit of ${MOST_BYTES}`);
  if (batch.some(({ timestamp }, at) => timestamp < (batch[at - 1]?.timestamp ?? 0)))
    throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
  if (first.timestamp < 0) throw invalidParameter('Timestamps are milliseconds since 1970.');
  if (last.timestamp - first.timestamp > DAY_MS)
    throw invalidParameter(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    );
}
