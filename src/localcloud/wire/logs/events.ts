import { putEvents } from '../../engine/logs/put.ts';
import { filterEvents, getEvents } from '../../engine/logs/read.ts';
import { invalidParameter } from '../../engine/logs/records.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { groupNameOf, sequenceToken } from './groups.ts';

const PutLogEvents: Operation = (input, { engine }) => {
  const events = input.objects('logEvents').map((event) => ({
    timestamp: event.requireInt('timestamp'),
    message: event.require('message'),
  }));
  const rejected = putEvents(engine, input.require('logGroupName'), input.require('logStreamName'), events);
  return {
    nextSequenceToken: sequenceToken(engine.clock.now()),
    rejectedLogEventsInfo: rejected,
  };
};

const GetLogEvents: Operation = (input, { engine }) => {
  const { events, forward, backward } = getEvents(
    engine,
    groupNameOf(input),
    input.require('logStreamName'),
    {
      start: input.int('startTime'),
      end: input.int('endTime'),
      token: input.text('nextToken'),
      limit: limitOf(input),
      fromHead: input.bool('startFromHead') ?? false,
    },
  );
  return {
    events: events.map(({ timestamp, message, ingestedAt }) => ({
      timestamp,
      message,
      ingestionTime: ingestedAt,
    })),
    nextForwardToken: forward,
    nextBackwardToken: backward,
  };
};

const FilterLogEvents: Operation = (input, { engine }) => {
  const streams = input.has('logStreamNames') ? input.list('logStreamNames') : undefined;
  const streamPrefix = input.text('logStreamNamePrefix');
  if (streams && streamPrefix !== undefined)
    throw invalidParameter('logStreamNames and logStreamNamePrefix cannot both be given.');
  if (streams && (streams.length === 0 || streams.length > 100))
    throw invalidParameter('logStreamNames must hold between 1 and 100 names.');
  const { events, next } = filterEvents(engine, groupNameOf(input), {
    streams,
    streamPrefix,
    start: input.int('startTime'),
    end: input.int('endTime'),
    pattern: input.text('filterPattern'),
    token: input.text('nextToken'),
    limit: limitOf(input),
  });
  return {
    events: events.map(({ stream, timestamp, message, ingestedAt, id }) => ({
      logStreamName: stream,
      timestamp,
      message,
      ingestionTime: ingestedAt,
      eventId: id,
    })),
    // AWS gives an empty list since 2020.
    searchedLogStreams: [],
    nextToken: next,
  };
};

function limitOf(input: Input): number {
  const limit = input.int('limit') ?? 10_000;
  if (limit < 1 || limit > 10_000) throw invalidParameter(`limit must be between 1 and 10000, not ${limit}`);
  return limit;
}

export const eventOperations: Record<string, Operation> = { PutLogEvents, GetLogEvents, FilterLogEvents };
