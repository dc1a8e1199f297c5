import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  paginateFilterLogEvents,
  TagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('CloudWatch Logs', () => {
  let clock: VirtualClock;
  let cloud: TestCloud;
  let logs: CloudWatchLogsClient;
  const logGroupName = '/app/worker';

  beforeEach(async () => {
    clock = new VirtualClock();
    cloud = await startCloud({ clock });
    logs = new CloudWatchLogsClient(cloud.client);
    await logs.send(new CreateLogGroupCommand({ logGroupName, tags: { team: 'a' } }));
    for (const logStreamName of ['i-1', 'i-2'])
      await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  });
  afterEach(async () => {
    logs.destroy();
    await cloud.close();
  });

  const put = (logStreamName: string, messages: string[], from = clock.now(), step = 1) =>
    logs.send(
      new PutLogEventsCommand({
        logGroupName,
        logStreamName,
        logEvents: messages.map((message, at) => ({ timestamp: from + at * step, message })),
      }),
    );
  const filter = (more: Partial<FilterLogEventsCommandInput> = {}) =>
    logs.send(new FilterLogEventsCommand({ logGroupName, ...more }));
  const messages = async (more: Partial<FilterLogEventsCommandInput> = {}) =>
    (await filter(more)).events?.map((event) => event.message);
  const get = (more: Partial<GetLogEventsCommandInput> = {}) =>
    logs.send(new GetLogEventsCommand({ logGroupName, logStreamName: 'i-1', ...more }));
  const texts = (answer: { events?: { message?: string }[] }) => answer.events?.map((e) => e.message);

  it('what exists already, or does not exist, is said by the errors of the service', async () => {
    await expect(logs.send(new CreateLogGroupCommand({ logGroupName }))).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
    });
    await expect(
      logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 'i-1' })),
    ).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    await expect(put('i-3', ['x'])).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(filter({ logGroupName: 'none' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    });
    await expect(logs.send(new CreateLogGroupCommand({ logGroupName: 'a:b' }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  it('events of several streams come in the order of time, each named by its stream', async () => {
    await put('i-1', ['a', 'c'], clock.now(), 2);
    await put('i-2', ['b', 'd'], clock.now() + 1, 2);
    const { events } = await filter();
    expect(events?.map((event) => [event.logStreamName, event.message])).toEqual([
      ['i-1', 'a'],
      ['i-2', 'b'],
      ['i-1', 'c'],
      ['i-2', 'd'],
    ]);
    expect(new Set(events?.map((event) => event.eventId)).size).toBe(4);
    expect(events?.[0]).toMatchObject({ timestamp: clock.now(), ingestionTime: clock.now() });
  });

  it('filtering goes by pattern, stream, prefix and time', async () => {
    await put('i-1', ['ERROR one', 'fine']);
    await put('i-2', ['ERROR two'], clock.now() + 10);
    expect(await messages({ filterPattern: 'ERROR' })).toEqual(['ERROR one', 'ERROR two']);
    expect(await messages({ filterPattern: 'ERROR', logStreamNames: ['i-2'] })).toEqual(['ERROR two']);
    expect(await messages({ logStreamNamePrefix: 'i-1' })).toEqual(['ERROR one', 'fine']);
    expect(await messages({ startTime: clock.now() + 1, endTime: clock.now() + 10 })).toEqual([
      'fine',
      'ERROR two',
    ]);
    await expect(filter({ filterPattern: 'a:b' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await expect(filter({ logStreamNames: ['no'] })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('pages go on to the end, through pages with nothing in them', async () => {
    const noise = Array.from({ length: 6_000 }, () => 'x');
    await put('i-1', noise, clock.now(), 0);
    await put('i-1', noise, clock.now(), 0);
    await put('i-1', ['ERROR at last'], clock.now() + 1);
    const pages: number[] = [];
    for await (const page of paginateFilterLogEvents(
      { client: logs },
      { logGroupName, filterPattern: 'ERROR' },
    ))
      pages.push(page.events?.length ?? 0);
    expect(pages).toEqual([0, 1]);
    const first = await filter({ limit: 2, startTime: clock.now() + 1 });
    expect([texts(first), first.nextToken]).toEqual([['ERROR at last'], undefined]);
  });

  it('a stream is read page by page in both directions, and its end is told by the same token', async () => {
    await put('i-1', ['1', '2', '3', '4', '5']);
    expect(texts(await get({ limit: 2 }))).toEqual(['4', '5']);
    const first = await get({ limit: 2, startFromHead: true });
    const second = await get({ limit: 2, nextToken: first.nextForwardToken });
    const third = await get({ limit: 2, nextToken: second.nextForwardToken });
    const end = await get({ limit: 2, nextToken: third.nextForwardToken });
    expect([first, second, third, end].map(texts)).toEqual([['1', '2'], ['3', '4'], ['5'], []]);
    expect(end.nextForwardToken).toBe(third.nextForwardToken);
    const back = await get({ limit: 3, nextToken: third.nextBackwardToken });
    expect(texts(back)).toEqual(['2', '3', '4']);
    await put('i-1', ['6'], clock.now() + 10);
    expect(texts(await get({ nextToken: end.nextForwardToken }))).toEqual(['6']);
    expect(texts(await get({ startTime: clock.now() + 1, endTime: clock.now() + 3 }))).toEqual(['2', '3']);
    await expect(get({ nextToken: 'x' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('events too old, too new or expired are left out and told', async () => {
    await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 3 }));
    const now = clock.now();
    expect((await put('i-1', ['a', 'b'], now - 15 * DAY)).rejectedLogEventsInfo).toEqual({
      tooOldLogEventEndIndex: 2,
      expiredLogEventEndIndex: 2,
    });
    expect((await put('i-1', ['c', 'd'], now - 3 * DAY - 1, HOUR)).rejectedLogEventsInfo).toEqual({
      expiredLogEventEndIndex: 1,
    });
    expect((await put('i-1', ['e', 'f'], now, 2 * HOUR + 1)).rejectedLogEventsInfo).toEqual({
      tooNewLogEventStartIndex: 1,
    });
    expect(await messages()).toEqual(['d', 'e']);
    clock.advance(HOUR);
    expect(await messages()).toEqual(['e']);
  });

  it.each([
    ['not in order', () => put('i-1', ['a', 'b'], clock.now(), -1)],
    ['longer than a day', () => put('i-1', ['a', 'b'], clock.now() - 2 * DAY, DAY + 1)],
    ['larger than a megabyte', () => put('i-1', ['x'.repeat(1_048_551)])],
    ['empty', () => put('i-1', [])],
  ])('a batch %s is refused', async (_, batch) => {
    await expect(batch()).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('groups and streams are described, in pages, by name or by last event', async () => {
    await logs.send(new CreateLogGroupCommand({ logGroupName: '/other' }));
    await put('i-2', ['x']);
    await put('i-1', ['y'], clock.now() + 5);
    const groups = await logs.send(new DescribeLogGroupsCommand({ limit: 1 }));
    expect(groups.logGroups).toMatchObject([
      {
        logGroupName,
        arn: 'arn:aws:logs:eu-central-1:000000000000:log-group:/app/worker:*',
        storedBytes: 54,
        creationTime: clock.now(),
      },
    ]);
    const more = await logs.send(new DescribeLogGroupsCommand({ limit: 1, nextToken: groups.nextToken }));
    expect([more.logGroups?.[0]?.logGroupName, more.nextToken]).toEqual(['/other', undefined]);
    const streams = await logs.send(
      new DescribeLogStreamsCommand({ logGroupName, orderBy: 'LastEventTime', descending: true }),
    );
    expect(streams.logStreams).toMatchObject([
      { logStreamName: 'i-1', lastEventTimestamp: clock.now() + 5 },
      { logStreamName: 'i-2', firstEventTimestamp: clock.now() },
    ]);
    await expect(
      logs.send(
        new DescribeLogStreamsCommand({
          logGroupName,
          orderBy: 'LastEventTime',
          logStreamNamePrefix: 'i',
        }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('tags are added to those the group was made with', async () => {
    const resourceArn = 'arn:aws:logs:eu-central-1:000000000000:log-group:/app/worker';
    await logs.send(new TagResourceCommand({ resourceArn, tags: { env: 'b' } }));
    const { tags } = await logs.send(new ListTagsForResourceCommand({ resourceArn }));
    expect(tags).toEqual({ team: 'a', env: 'b' });
  });

  it('a stream, and a group with its streams, can be deleted, and made again empty', async () => {
    await put('i-1', ['x']);
    await logs.send(new DeleteLogStreamCommand({ logGroupName, logStreamName: 'i-1' }));
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 'i-1' }));
    expect(await messages()).toEqual([]);
    await logs.send(new DeleteLogGroupCommand({ logGroupName }));
    await expect(filter()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
