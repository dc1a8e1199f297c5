import type { Datapoint } from './datapoints.ts';

export const STATISTICS = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'];

/** Percentiles as CloudWatch writes them: p50, p99.9, p(50) is not among them. */
const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;

export const isStatistic = (name: string): boolean => STATISTICS.includes(name) || PERCENTILE.test(name);

/** One statistic over data of one period; undefined without data, or where a percentile is asked of statistic sets. */
export function statistic(points: Datapoint[], name: string): number | undefined {
  if (points.length === 0) return undefined;
  const total = (field: 'sum' | 'count') => points.reduce((sum, point) => sum + point[field], 0);
  switch (name) {
    case 'SampleCount':
      return total('count');
    case 'Sum':
      return total('sum');
    case 'Average':
      return total('sum') / total('count');
    case 'Minimum':
      return Math.min(...points.map(({ minimum }) => minimum));
    case 'Maximum':
      return Math.max(...points.map(({ maximum }) => maximum));
    default:
      return percentile(points, total('count'), Number(PERCENTILE.exec(name)?.[1]) / 100);
  }
}

/** Nearest rank. */
function percentile(points: Datapoint[], count: number, share: number): number | undefined {
  if (Number.isNaN(share) || points.some(({ values }) => values === undefined)) return undefined;
  const rank = Math.max(1, Math.ceil(share * count));
  let seen = 0;
  for (const [value, times] of points.flatMap(({ values }) => values ?? []).sort(([a], [b]) => a - b)) {
    seen += times;
    if (seen >= rank) return value;
  }
  return undefined;
}
