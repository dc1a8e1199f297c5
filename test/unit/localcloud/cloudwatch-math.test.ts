import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { metricValue, putMetric } from '../../../src/localcloud/engine/cloudwatch/metrics.ts';
import { startCloud } from '../../helpers/cloud.ts';

const metric = (Id: string, MetricName: string, Stat = 'Sum') => ({
  Id,
  MetricStat: { Metric: { Namespace: 'app', MetricName }, Stat },
  ReturnData: false,
});

const named = { namespace: 'app', name: 'n', dimensions: { q: 'a' } };

describe('a metric over one period', () => {
  it('is the statistic of what came in it, and nothing where nothing came', async () => {
    const cloud = await startCloud({ clock: new VirtualClock() });
    const { engine } = cloud;
    const zero = engine.clock.now() - 600_000;
    const put = (value: number, at: number, unit?: string) =>
      putMetric(engine, { ...named, value, timestamp: zero + at * 1_000, unit });
    for (const [value, at] of [
      [1, 100],
      [5, 100],
      [3, 150],
      [90, 200],
    ] as const)
      put(value, at);
    put(7, 120, 'Bytes');
    const of = (statistic: string, unit = 'None', start = 100) =>
      metricValue(
        engine,
        { ...named, statistic, unit },
        { start: zero + start * 1_000, end: zero + (start + 100) * 1_000, periodSeconds: 60 },
      );
    expect(
      ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum', 'p50', 'p99'].map((name) => of(name)),
    ).toEqual([3, 9, 3, 1, 5, 3, 5]);
    expect(of('Sum', 'Bytes')).toBe(7);
    expect(of('Sum', 'None', 300)).toBeUndefined();
    await cloud.close();
  });
});

describe('metric math', () => {
  const value = async (Expression: string) => {
    const cloud = await startCloud();
    const { engine } = cloud;
    const start = engine.clock.now() - 60_000;
    for (const [name, number] of Object.entries({ a: 12, b: 4, zero: 0 }))
      putMetric(engine, { namespace: 'app', name, dimensions: {}, value: number, timestamp: start });
    const queries = [...['a', 'b', 'zero', 'none'].map((id) => metric(id, id)), { Id: 'e', Expression }];
    try {
      return metricValue(engine, queries, { start, end: start + 60_000, periodSeconds: 60 });
    } finally {
      await cloud.close();
    }
  };

  it.each([
    ['a / b', 3],
    ['a + b * 2 - (a - 1)', 9],
    ['-a + 2 ^ 3', -4],
    ['a / zero', undefined],
    ['a / none', undefined],
    ['FILL(none, 5) + b', 9],
    ['IF(a > b AND zero == 0, a, b)', 12],
    ['IF(none, a, b)', 4],
    ['MAX([a, b, none])', 12],
    ['SUM(METRICS()) / 2', 8],
    ['AVG([a, b])', 8],
    ['MIN([a, b, 3])', 3],
    ['CEIL(a / 5) * PERIOD(a)', 180],
    ['a / MAX([FILL(zero, 0), 1])', 12],
  ])('%s', async (expression, expected) => {
    expect(await value(expression)).toBe(expected);
  });

  it('an expression is calculated once, however often others name it', async () => {
    const cloud = await startCloud();
    const chain = Array.from({ length: 60 }, (_, n) => ({
      Id: `e${n + 1}`,
      Expression: n === 0 ? '1' : `(e${n} + e${n}) / 2`,
      ReturnData: n === 59,
    }));
    const window = { start: 0, end: 60_000, periodSeconds: 60 };
    expect(metricValue(cloud.engine, chain, window)).toBe(1);
    const circle = [
      { Id: 'e1', Expression: 'e2' },
      { Id: 'e2', Expression: 'e1 + 1', ReturnData: false },
    ];
    expect(() => metricValue(cloud.engine, circle, window)).toThrow(/itself/);
    await cloud.close();
  });

  it.each(['a +', 'NOPE(a)', 'unknown', 'a b', '(a', 'FILL(a', 'e', '[a, b]', 'a ; b', ''])(
    'refuses %s',
    async (expression) => {
      await expect(value(expression)).rejects.toThrow(/expression/);
    },
  );
});
