import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';

const GROUP = '/demo/worker';
let adapter: AdapterTest;
let start: number;
let writer: CloudWatchLogsClient;

async function write(stream: string, ...messages: string[]): Promise<void> {
  const names = { logGroupName: GROUP, logStreamName: stream };
  await writer.send(new CreateLogStreamCommand(names));
  const logEvents = messages.map((message, at) => ({ timestamp: start + at, message }));
  await writer.send(new PutLogEventsCommand({ ...names, logEvents }));
}

beforeAll(async () => {
  adapter = await startAdapter();
  writer = new CloudWatchLogsClient(adapter.local.client);
  start = adapter.clock.now();
  await writer.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
  await write('worker/i-old', 'started', 'ERROR old');
  await write('worker/i-new', 'started', 'ERROR new', 'done');
});
afterAll(async () => {
  writer.destroy();
  await adapter.close();
});

describe('logs', () => {
  test('a group that does not exist has no events', async () => {
    const { logs } = adapter.cloud;
    expect(await logs.search({ group: 'none', since: 0 })).toEqual([]);
    expect(await logs.search({ group: 'none', since: 0, streamsContaining: ['i-new'] })).toEqual([]);
  });

  test('events come oldest first, with their stream, up to the limit', async () => {
    const { logs } = adapter.cloud;
    const all = await logs.search({ group: GROUP, since: start });
    expect(all).toHaveLength(5);
    expect(all.map(({ time }) => time - start)).toEqual([0, 0, 1, 1, 2]);
    expect(all.at(-1)).toEqual({ time: start + 2, stream: 'worker/i-new', message: 'done' });
    expect(await logs.search({ group: GROUP, since: start, limit: 2 })).toEqual(all.slice(0, 2));
    expect(await logs.search({ group: GROUP, since: start + 2 })).toEqual(all.slice(4));
  });

  test('errors of the new instances only: by pattern and by part of the stream name', async () => {
    const search = { group: GROUP, since: start, pattern: 'ERROR', streamsContaining: ['i-new', 'i-newer'] };
    expect(await adapter.cloud.logs.search(search)).toEqual([
      { time: start + 1, stream: 'worker/i-new', message: 'ERROR new' },
    ]);
    expect(await adapter.cloud.logs.search({ ...search, streamsContaining: ['i-none'] })).toEqual([]);
  });

  test('more streams than one call may name are all searched', async () => {
    const streams = Array.from({ length: 120 }, (_, at) => `many/${at}`);
    for (const stream of streams) await write(stream, 'one of many');
    const found = await adapter.cloud.logs.search({
      group: GROUP,
      since: start,
      streamsContaining: ['many/'],
    });
    expect(new Set(found.map(({ stream }) => stream))).toEqual(new Set(streams));
  });
});
