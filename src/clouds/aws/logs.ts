import {
  CloudWatchLogsClient,
  paginateDescribeLogStreams,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import type { LogEvent, Logs } from '../cloud.ts';
import { inBatches } from './batches.ts';
import type { Connection } from './connection.ts';
import { failedWith } from './errors.ts';

/** AWS: FilterLogEvents logStreamNames. */
const NAMES_PER_CALL = 100;
/** AWS: FilterLogEvents limit. */
const EVENTS_PER_PAGE = 10_000;
/** AWS: lastEventTimestamp of a stream follows its events by "typically less than an hour". */
const LAST_EVENT_LAG = 3_600_000;

/** CloudWatch Logs. */
export function logs(aws: Connection): Logs {
  const client = aws.client(CloudWatchLogsClient);

  /** Names of the streams that may hold events since then, found from the most recently written backwards. */
  async function streamsOf(logGroupName: string, parts: string[], since: number): Promise<string[]> {
    const names: string[] = [];
    const pages = paginateDescribeLogStreams(
      { client, pageSize: 50 },
      { logGroupName, orderBy: 'LastEventTime', descending: true },
    );
    for await (const { logStreams = [] } of pages) {
      for (const { logStreamName = '' } of logStreams) {
        if (parts.some((part) => logStreamName.includes(part))) names.push(logStreamName);
      }
      const newest = Math.max(
        ...logStreams.map((stream) => stream.lastEventTimestamp ?? stream.creationTime ?? 0),
      );
      if (logStreams.length > 0 && newest < since - LAST_EVENT_LAG) break;
    }
    return names;
  }

  /** An empty page with a token is not the end: the paginator goes on until there is no token. */
  async function eventsOf(
    request: { group: string; since: number; pattern?: string; limit: number },
    streams: string[] | undefined,
  ): Promise<LogEvent[]> {
    const found: LogEvent[] = [];
    const pages = paginateFilterLogEvents(
      { client, pageSize: Math.min(request.limit, EVENTS_PER_PAGE) },
      {
        logGroupName: request.group,
        startTime: request.since,
        filterPattern: request.pattern,
        logStreamNames: streams,
      },
    );
    for await (const { events = [] } of pages) {
      for (const { timestamp = 0, logStreamName = '', message = '' } of events) {
        found.push({ time: timestamp, stream: logStreamName, message });
      }
      if (found.length >= request.limit) break;
    }
    return found;
  }

  return {
    async search({ limit = 1_000, streamsContaining, ...request }) {
      try {
        const batches = streamsContaining
          ? inBatches(await streamsOf(request.group, streamsContaining, request.since), NAMES_PER_CALL)
          : [undefined];
        const found: LogEvent[] = [];
        for (const batch of batches) found.push(...(await eventsOf({ ...request, limit }, batch)));
        return found.sort((a, b) => a.time - b.time).slice(0, limit);
      } catch (error) {
        if (failedWith(error, 'ResourceNotFoundException')) return [];
        throw error;
      }
    },
  };
}
