import { beforeEach, describe, expect, test } from 'vitest';
import { Connection } from '../../src/clouds/aws/connection.ts';
import { AwsError } from '../../src/clouds/aws/errors.ts';
import { retry } from '../../src/run/retry.ts';

let now = 0;
const clock = {
  now: () => now,
  async sleep(ms: number) {
    now += ms;
  },
};
let aws: Connection;
beforeEach(() => {
  now = 0;
  aws = new Connection({ region: 'eu-central-1', local: false, clock });
});

const notFound = new AwsError('not found', { code: 'NotFound' });

describe('retry', () => {
  test('a failure that passes is waited for, within the time given', async () => {
    const call = async () => {
      if (now < 5_000) throw notFound;
      return 'made';
    };
    expect(await retry(call, { passes: () => true, within: 60_000, clock })).toBe('made');
    expect(now).toBeLessThan(8_000);
  });

  test('a failure that lasts is thrown as it came', async () => {
    const call = () => Promise.reject(notFound);
    await expect(retry(call, { passes: () => true, within: 10_000, clock })).rejects.toBe(notFound);
    expect(now).toBeGreaterThanOrEqual(10_000);
  });

  test('any other failure ends it at once', async () => {
    await expect(
      retry(() => Promise.reject(notFound), { passes: () => false, within: 10_000, clock }),
    ).rejects.toBe(notFound);
    expect(now).toBe(0);
  });
});

describe('what was made a moment ago', () => {
  const appearsAt = (at: number) => async () => (now >= at ? [{ id: 'i-1' }] : []);

  test('is waited for when the cloud does not show it yet', async () => {
    aws.made('i-1');
    expect(await aws.findAll(['i-1'], appearsAt(3_000))).toEqual([{ id: 'i-1' }]);
  });

  test('is taken for missing after a minute', async () => {
    aws.made('i-1');
    expect(await aws.findAll(['i-1'], appearsAt(600_000))).toEqual([]);
    expect(now).toBeGreaterThanOrEqual(60_000);
    expect(now).toBeLessThan(70_000);
  });

  test('is not waited for once it is known to be gone, nor is anything that others made', async () => {
    aws.made('i-1');
    aws.gone('i-1');
    expect(await aws.findAll(['i-1', 'i-2'], appearsAt(600_000))).toEqual([]);
    expect(now).toBe(0);
  });

  test('may be refused as unknown for a while, what is older may not', async () => {
    const call = async () => {
      if (now < 2_000) throw notFound;
      return 'done';
    };
    await expect(aws.whileUnknown('i-1', ['NotFound'], call)).rejects.toBe(notFound);
    aws.made('i-1');
    expect(await aws.whileUnknown('i-1', ['NotFound'], call)).toBe('done');
  });
});
