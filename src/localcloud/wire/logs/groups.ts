import type { Engine } from '../../engine/engine.ts';
import {
  changeTags,
  createGroup,
  createStream,
  deleteGroup,
  deleteStream,
  setRetention,
} from '../../engine/logs/groups.ts';
import {
  findGroup,
  invalidParameter,
  type LogGroupRecord,
  type LogStreamRecord,
  logGroups,
  streamsOf,
} from '../../engine/logs/records.ts';
import type { Input } from '../input.ts';
import { page } from '../page.ts';
import type { Operation } from '../service.ts';

/** A group is named by its name, or by its ARN, with or without the `:*` at the end. */
export function groupNameOf(input: Input): string {
  const identifier = input.text('logGroupIdentifier');
  return identifier === undefined ? input.require('logGroupName') : nameInArn(identifier);
}

export const nameInArn = (text: string) => /:log-group:([^:]+)/.exec(text)?.[1] ?? text;

const groupArn = (engine: Engine, name: string) =>
  `arn:aws:logs:${engine.region}:${engine.account}:log-group:${name}`;

const CreateLogGroup: Operation = (input, { engine }) =>
  createGroup(engine, input.require('logGroupName'), input.map('tags'));

const DeleteLogGroup: Operation = (input, { engine }) => deleteGroup(engine, input.require('logGroupName'));

const CreateLogStream: Operation = (input, { engine }) =>
  createStream(engine, input.require('logGroupName'), input.require('logStreamName'));

const DeleteLogStream: Operation = (input, { engine }) =>
  deleteStream(engine, input.require('logGroupName'), input.require('logStreamName'));

const PutRetentionPolicy: Operation = (input, { engine }) =>
  setRetention(engine, input.require('logGroupName'), input.requireInt('retentionInDays'));

const DeleteRetentionPolicy: Operation = (input, { engine }) =>
  setRetention(engine, input.require('logGroupName'), undefined);

/** Groups are listed by name, 50 a page at most. */
const DescribeLogGroups: Operation = (input, { engine }) => {
  const prefix = input.text('logGroupNamePrefix') ?? '';
  const pattern = input.text('logGroupNamePattern')?.toLowerCase() ?? '';
  const groups = logGroups(engine)
    .filter(({ name }) => name.startsWith(prefix) && name.toLowerCase().includes(pattern))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, next } = pageOf(groups, input);
  return { logGroups: items.map((group) => groupShape(engine, group)), nextToken: next };
};

function groupShape(engine: Engine, group: LogGroupRecord) {
  const arn = groupArn(engine, group.name);
  return {
    logGroupName: group.name,
    creationTime: group.createdAt,
    retentionInDays: group.retentionDays,
    metricFilterCount: 0,
    arn: `${arn}:*`,
    logGroupArn: arn,
    logGroupClass: 'STANDARD',
    storedBytes: streamsOf(engine, group.name).reduce((sum, stream) => sum + stream.storedBytes, 0),
  };
}

/** By name, or by the time of the last event; then no prefix may be given. */
const DescribeLogStreams: Operation = (input, { engine }) => {
  const { name } = findGroup(engine, groupNameOf(input));
  const prefix = input.text('logStreamNamePrefix');
  const orderBy = input.text('orderBy') ?? 'LogStreamName';
  if (orderBy !== 'LogStreamName' && orderBy !== 'LastEventTime')
    throw invalidParameter(`${orderBy} is not a valid value for orderBy`);
  if (orderBy === 'LastEventTime' && prefix !== undefined)
    throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
  const streams = streamsOf(engine, name)
    .filter((stream) => stream.name.startsWith(prefix ?? ''))
    .sort((a, b) =>
      orderBy === 'LastEventTime' && a.lastEventAt !== b.lastEventAt
        ? (a.lastEventAt ?? 0) - (b.lastEventAt ?? 0)
        : a.name < b.name
          ? -1
          : 1,
    );
  if (input.bool('descending')) streams.reverse();
  const { items, next } = pageOf(streams, input);
  return { logStreams: items.map((stream) => streamShape(engine, stream)), nextToken: next };
};

const streamShape = (engine: Engine, stream: LogStreamRecord) => ({
  logStreamName: stream.name,
  creationTime: stream.createdAt,
  firstEventTimestamp: stream.firstEventAt,
  lastEventTimestamp: stream.lastEventAt,
  lastIngestionTime: stream.lastIngestedAt,
  uploadSequenceToken: stream.lastIngestedAt === undefined ? undefined : sequenceToken(stream.lastIngestedAt),
  arn: `${groupArn(engine, stream.group)}:log-stream:${stream.name}`,
  storedBytes: 0,
});

/** Given for old clients that still send it back; it is not looked at. */
export const sequenceToken = (ingestedAt: number) => String(ingestedAt).padStart(56, '4');

function pageOf<T>(items: T[], input: Input) {
  const limit = input.int('limit') ?? 50;
  if (limit < 1 || limit > 50) throw invalidParameter(`limit must be between 1 and 50, not ${limit}`);
  return page(items, limit, input.text('nextToken'), {
    code: 'InvalidParameterException',
    message: 'The specified nextToken is invalid.',
  });
}

const TagResource: Operation = (input, { engine }) =>
  changeTags(engine, nameInArn(input.require('resourceArn')), { set: input.map('tags') });

const UntagResource: Operation = (input, { engine }) =>
  changeTags(engine, nameInArn(input.require('resourceArn')), { remove: input.list('tagKeys') });

const ListTagsForResource: Operation = (input, { engine }) => ({
  tags: findGroup(engine, nameInArn(input.require('resourceArn'))).tags,
});

export const groupOperations: Record<string, Operation> = {
  CreateLogGroup,
  DeleteLogGroup,
  CreateLogStream,
  DeleteLogStream,
  PutRetentionPolicy,
  DeleteRetentionPolicy,
  DescribeLogGroups,
  DescribeLogStreams,
  TagResource,
  UntagResource,
  ListTagsForResource,
};
