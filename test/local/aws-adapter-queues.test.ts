import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';

let adapter: AdapterTest;
beforeAll(async () => {
  adapter = await startAdapter();
});
afterAll(() => adapter.close());

describe('queues', () => {
  test('a queue that does not exist is undefined', async () => {
    const { queues } = adapter.cloud;
    expect(await queues.find('nothing')).toBeUndefined();
    expect(await queues.find(`${adapter.local.endpoint}/000000000000/nothing`)).toBeUndefined();
  });

  test('a queue made with a dead-letter queue is found by name and by URL, and made only once', async () => {
    const { queues } = adapter.cloud;
    await queues.create({ name: 'dead', visibilityTimeout: 30_000, tags: {} });
    const request = {
      name: 'jobs',
      visibilityTimeout: 45_000,
      deadLetter: { name: 'dead', maxReceiveCount: 3 },
      tags: { 'bake:project': 'demo' },
    };
    const url = await queues.create(request);
    expect(await queues.create(request)).toBe(url);
    expect(await queues.create({ ...request, visibilityTimeout: 60_000 })).toBe(url);
    const queue = await queues.find('jobs');
    expect(queue).toMatchObject({
      url,
      name: 'jobs',
      visibilityTimeout: 45_000,
      visible: 0,
      deadLetter: { name: 'dead', maxReceiveCount: 3 },
    });
    expect(await queues.find(url)).toEqual(queue);
  });

  test('a dead-letter queue that does not exist is named', async () => {
    const request = {
      name: 'x',
      visibilityTimeout: 0,
      deadLetter: { name: 'gone', maxReceiveCount: 1 },
      tags: {},
    };
    await expect(adapter.cloud.queues.create(request)).rejects.toMatchObject({
      message: 'there is no queue gone to take dead letters',
      exitCode: 2,
    });
  });

  test('a message is sent with its attributes and counted', async () => {
    const { queues } = adapter.cloud;
    const url = await queues.create({ name: 'counted', visibilityTimeout: 30_000, tags: {} });
    expect(await queues.send(url, 'hello', { release: '7' })).toMatch(/^[0-9a-f-]{36}$/);
    expect(await queues.find(url)).toMatchObject({ visible: 1, inFlight: 0, delayed: 0 });
  });

  test('messages are looked at without being taken, more than one call brings, but never where that could move them', async () => {
    const { queues } = adapter.cloud;
    const url = await queues.create({ name: 'lying', visibilityTimeout: 30_000, tags: {} });
    const sent = adapter.clock.now();
    for (let n = 0; n < 25; n++) await queues.send(url, 'secret', { n: String(n) });
    const queue = (await queues.find(url))!;
    const seen = (await queues.peek(queue, 100))!;
    expect(seen.map(({ attributes }) => Number(attributes.n)).sort((a, b) => a - b)).toEqual([
      ...Array(25).keys(),
    ]);
    expect(seen[0]).toMatchObject({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), sentAt: sent });
    expect(JSON.stringify(seen)).not.toContain('secret');
    expect(await queues.peek(queue, 5)).toHaveLength(0);
    await adapter.clock.sleep(2_000);
    expect(await queues.peek(queue, 5)).toHaveLength(5);
    expect(await queues.find(url)).toMatchObject({ visible: 20, inFlight: 5 });
    expect(
      await queues.peek({ ...queue, deadLetter: { name: 'dead', maxReceiveCount: 1 } }, 5),
    ).toBeUndefined();
  });
});
