import { findQuery, logQueries, startQuery } from '../../engine/logs/insights/queries.ts';
import { invalidParameter } from '../../engine/logs/records.ts';
import type { Input } from '../input.ts';
import { page } from '../page.ts';
import type { Operation } from '../service.ts';
import { nameInArn } from './groups.ts';

/** CloudWatch Logs Insights. Queries are done when they have been started. */
const StartQuery: Operation = (input, { engine }) => {
  const groups = groupNames(input);
  // Seconds; the last one is included to its end.
  const start = input.requireInt('startTime') * 1_000;
  const end = input.requireInt('endTime') * 1_000 + 999;
  if (end < start) throw invalidParameter('endTime must not be before startTime.');
  const limit = input.int('limit');
  if (limit !== undefined && (limit < 1 || limit > 10_000))
    throw invalidParameter(`limit must be between 1 and 10000, not ${limit}`);
  const { queryId } = startQuery(engine, groups, input.require('queryString'), { start, end }, limit);
  return { queryId };
};

function groupNames(input: Input): string[] {
  const one = input.text('logGroupName');
  const names = [
    ...(one === undefined ? [] : [one]),
    ...input.list('logGroupNames'),
    ...input.list('logGroupIdentifiers').map(nameInArn),
  ];
  if (names.length === 0 || names.length > 50)
    throw invalidParameter('A query names between 1 and 50 log groups.');
  return [...new Set(names)];
}

const GetQueryResults: Operation = (input, { engine }) => {
  const { rows, statistics } = findQuery(engine, input.require('queryId'));
  return {
    queryLanguage: 'CWLI',
    results: rows.map((row) => Object.entries(row).map(([field, value]) => ({ field, value }))),
    statistics: {
      recordsMatched: statistics.matched,
      recordsScanned: statistics.scanned,
      bytesScanned: statistics.bytes,
    },
    status: 'Complete',
  };
};

/** A query that has ended cannot be stopped, and here each has. */
const StopQuery: Operation = (input, { engine }) => {
  const { queryId } = findQuery(engine, input.require('queryId'));
  throw invalidParameter(`Query ${queryId} is not in Running or Scheduled state.`);
};

/** Newest first. */
const DescribeQueries: Operation = (input, { engine }) => {
  const group = input.text('logGroupName');
  const status = input.text('status');
  const found = logQueries(engine)
    .filter(({ groups }) => group === undefined || groups.includes(group))
    .filter(() => status === undefined || status === 'Complete')
    .reverse();
  const { items, next } = page(found, input.int('maxResults') ?? 1_000, input.text('nextToken'), {
    code: 'InvalidParameterException',
    message: 'The specified nextToken is invalid.',
  });
  return {
    queries: items.map(({ queryId, query, createdAt, groups }) => ({
      queryLanguage: 'CWLI',
      queryId,
      queryString: query,
      status: 'Complete',
      createTime: createdAt,
      logGroupName: groups[0],
    })),
    nextToken: next,
  };
};

export const queryOperations: Record<string, Operation> = {
  StartQuery,
  GetQueryResults,
  StopQuery,
  DescribeQueries,
};
