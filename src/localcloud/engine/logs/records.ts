import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import type { Table } from '../store.ts';

export interface LogGroupRecord {
  name: string;
  createdAt: number;
  retentionDays?: number;
  tags: Record<string, string>;
  /** The last event's number: makes event ids unique, and orders events of the same millisecond. */
  sequence: number;
}

export interface LogStreamRecord {
  group: string;
  name: string;
  createdAt: number;
  firstEventAt?: number;
  lastEventAt?: number;
  lastIngestedAt?: number;
  storedBytes: number;
}

export interface LogEventRecord {
  /** 56 digits, in the order of time: the timestamp, then the group's sequence. */
  id: string;
  timestamp: number;
  message: string;
  ingestedAt: number;
}

export const logGroups = (engine: Engine) => engine.store.table<LogGroupRecord>('logGroups');

/** Keys: see streamKey. */
export const logStreams = (engine: Engine) => engine.store.table<LogStreamRecord>('logStreams');

/** Neither a group's nor a stream's name may hold a colon. */
export const streamKey = (group: string, stream: string) => `${group}:${stream}`;

/** Events of one stream in the order they came. */
export const eventsOf = (engine: Engine, group: string, stream: string): Table<LogEventRecord> =>
  engine.store.table<LogEventRecord>(`logEvents/${streamKey(group, stream)}`);

export const eventId = (timestamp: number, sequence: number) =>
  `${String(timestamp).padStart(20, '0')}${String(sequence).padStart(36, '0')}`;

export const invalidParameter = (message: string) => new ServiceError('InvalidParameterException', message);

/** @throws ResourceNotFoundException */
export function findGroup(engine: Engine, name: string): LogGroupRecord {
  const group = logGroups(engine).get(name);
  if (!group) throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
  return group;
}

/** @throws ResourceNotFoundException */
export function findStream(engine: Engine, group: string, name: string): LogStreamRecord {
  findGroup(engine, group);
  const stream = logStreams(engine).get(streamKey(group, name));
  if (!stream)
    throw new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.');
  return stream;
}

export const streamsOf = (engine: Engine, group: string): LogStreamRecord[] =>
  logStreams(engine).filter((stream) => stream.group === group);
