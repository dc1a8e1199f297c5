import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import {
  eventsOf,
  findGroup,
  findStream,
  invalidParameter,
  logGroups,
  logStreams,
  streamKey,
  streamsOf,
} from './records.ts';

const alreadyExists = (what: string) =>
  new ServiceError('ResourceAlreadyExistsException', `The specified log ${what} already exists`);

export function createGroup(engine: Engine, name: string, tags: Record<string, string>): void {
  if (!/^[\w.\-/#]{1,512}$/.test(name)) {
    throw invalidParameter(
      `1 validation error detected: Value '${name}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+`,
    );
  }
  if (logGroups(engine).has(name)) throw alreadyExists('group');
  logGroups(engine).put(name, { name, createdAt: engine.clock.now(), tags, sequence: 0 });
}

export function createStream(engine: Engine, group: string, name: string): void {
  findGroup(engine, group);
  if (!/^[^:*]{1,512}$/.test(name)) {
    throw invalidParameter(
      `1 validation error detected: Value '${name}' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*`,
    );
  }
  const key = streamKey(group, name);
  if (logStreams(engine).has(key)) throw alreadyExists('stream');
  logStreams(engine).put(key, { group, name, createdAt: engine.clock.now(), storedBytes: 0 });
}

export function deleteStream(engine: Engine, group: string, name: string): void {
  findStream(engine, group, name);
  const events = eventsOf(engine, group, name);
  for (const { id } of events.all()) events.delete(id);
  logStreams(engine).delete(streamKey(group, name));
}

export function deleteGroup(engine: Engine, name: string): void {
  findGroup(engine, name);
  for (const stream of streamsOf(engine, name)) deleteStream(engine, name, stream.name);
  logGroups(engine).delete(name);
}

/** Days that events may be kept. Source: CloudWatch Logs PutRetentionPolicy. */
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Undefined: kept for ever. */
export function setRetention(engine: Engine, group: string, days: number | undefined): void {
  findGroup(engine, group);
  if (days !== undefined && !RETENTIONS.includes(days))
    throw invalidParameter(`retentionInDays must be one of ${RETENTIONS.join(', ')}`);
  logGroups(engine).patch(group, { retentionDays: days });
}

export function changeTags(
  engine: Engine,
  group: string,
  change: { set?: Record<string, string>; remove?: string[] },
): void {
  const tags = { ...findGroup(engine, group).tags, ...change.set };
  for (const key of change.remove ?? []) delete tags[key];
  logGroups(engine).patch(group, { tags });
}
