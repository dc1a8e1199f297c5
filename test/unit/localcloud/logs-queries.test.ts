import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeQueriesCommand,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const logGroupName = '/app';
let cloud: TestCloud;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  cloud = await startCloud({ clock: new VirtualClock(NOON + 3_600_000) });
  logs = new CloudWatchLogsClient(cloud.client);
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 's' }));
  const messages = [
    { level: 'info', ms: 10, job: { kind: 'ocr' } },
    { level: 'error', ms: 250, job: { kind: 'ocr' }, why: 'Timeout: no answer' },
    { level: 'info', ms: 30, job: { kind: 'index' } },
    { level: 'error', ms: 400, job: { kind: 'index' }, why: 'refused' },
  ].map((fields) => JSON.stringify(fields));
  const logEvents = [...messages, 'plain text ERROR'].map((message, at) => ({
    message,
    timestamp: NOON + at * 120_000,
  }));
  await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName: 's', logEvents }));
});
afterAll(() => cloud.close());

async function ask(queryString: string, more = {}) {
  const { queryId } = await logs.send(
    new StartQueryCommand({
      ...{ logGroupName, queryString, startTime: NOON / 1_000, endTime: NOON / 1_000 + 3_600 },
      ...more,
    }),
  );
  const answer = await logs.send(new GetQueryResultsCommand({ queryId }));
  expect(answer.status).toBe('Complete');
  return answer.results!.map((row) =>
    Object.fromEntries(row.filter(({ field }) => field !== '@ptr').map(({ field, value }) => [field, value])),
  );
}

describe('a query', () => {
  it('gives time and message, the newest first, when it asks for nothing else', async () => {
    const rows = await ask('limit 2');
    expect(rows).toEqual([
      { '@timestamp': '2026-01-01 12:08:00.000', '@message': 'plain text ERROR' },
      { '@timestamp': '2026-01-01 12:06:00.000', '@message': expect.stringContaining('refused') },
    ]);
  });

  it.each([
    ['filter @message like "ERROR"', ['8']],
    ['filter @message like /(?i)error/', ['2', '6', '8']],
    ['filter @message not like /(?i)error/ | sort @timestamp', ['0', '4']],
    ["filter level = 'error' and ms >= 300", ['6']],
    ['filter level = "error" or job.kind = "ocr"', ['0', '2', '6']],
    ['filter not (level = "error") and ispresent(ms)', ['0', '4']],
    ['filter level != "error"', ['0', '4', '8']],
    ['filter ms in [10, 400]', ['0', '6']],
    ['filter why =~ /^Timeout/', ['2']],
    ['# a comment\nfilter strcontains(tolower(why), "timeout") = 1', ['2']],
    ['filter @logStream = "s" | filter ms > 30', ['2', '6']],
  ])('%s', async (query, minutes) => {
    const rows = await ask(`fields @timestamp | ${query}`);
    expect(rows.map((row) => String(Number(row['@timestamp']!.slice(14, 16)))).sort()).toEqual(minutes);
  });

  it('names, sorts and limits its columns', async () => {
    expect(
      await ask('fields job.kind as kind, ms | filter ispresent(ms) | sort kind asc, ms desc | limit 3'),
    ).toEqual([
      { kind: 'index', ms: '400' },
      { kind: 'index', ms: '30' },
      { kind: 'ocr', ms: '250' },
    ]);
    expect(await ask('fields @timestamp, ms | display level | filter ms = 10')).toEqual([{ level: 'info' }]);
    expect(await ask('fields ms', { limit: 1 })).toHaveLength(1);
  });

  it('counts and computes by field and by time', async () => {
    expect(await ask('stats count(*) as n, avg(ms), max(ms) as most by level | sort n desc, level')).toEqual([
      { level: 'error', n: '2', 'avg(ms)': '325', most: '400' },
      { level: 'info', n: '2', 'avg(ms)': '20', most: '30' },
      { n: '1' },
    ]);
    expect(await ask('stats count(*) by bin(5m)')).toEqual([
      { 'bin(5m)': '2026-01-01 12:00:00.000', 'count(*)': '3' },
      { 'bin(5m)': '2026-01-01 12:05:00.000', 'count(*)': '2' },
    ]);
    expect(await ask('filter level = "none" | stats count(*)')).toEqual([{ 'count(*)': '0' }]);
    expect(await ask('stats count_distinct(job.kind) as kinds')).toEqual([{ kinds: '2' }]);
  });

  it('reads only what lies in its time', async () => {
    expect(
      await ask('fields @message', { startTime: NOON / 1_000 + 120, endTime: NOON / 1_000 + 240 }),
    ).toHaveLength(2);
  });

  it.each([
    '',
    'select *',
    'filter',
    'filter a = ',
    'fields a |',
    'stats nonsense(a)',
    'filter a like b',
    'limit x',
    'filter (a',
    'filter a like /(/',
  ])('is refused when it is %j', async (queryString) => {
    const range = { startTime: 0, endTime: 1 };
    await expect(
      logs.send(new StartQueryCommand({ logGroupName, queryString: queryString || ' ', ...range })),
    ).rejects.toMatchObject({ name: 'MalformedQueryException' });
  });

  it('is listed, and cannot be stopped when it has ended', async () => {
    await ask('fields ms');
    const { queries } = await logs.send(new DescribeQueriesCommand({ logGroupName }));
    expect(queries![0]).toMatchObject({ queryString: 'fields ms', status: 'Complete', logGroupName });
    await expect(logs.send(new StopQueryCommand({ queryId: queries![0]!.queryId }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await expect(ask('fields ms', { logGroupName: '/none' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});
