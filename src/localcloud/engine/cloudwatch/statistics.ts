import { type Datapoint, merge } from './datapoints.ts';

export const STATISTICS = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'];

/** Percentiles as CloudWatch writes them: p50, p99.9, p(50) is not among them. */
const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;

export const isStatistic = (name: string): boolean => STATISTICS.includes(name) || PERCENTILE.test(name);

/** One statistic over data of one period; undefined without data, or where a percentile is asked of statistic sets. */
export function statistic(points: Datapoint[], name: string): number | undefined {
  const [first, ...rest] = points;
  if (first === undefined) return undefined;
  const all = rest.reduce(merge, first);
  switch (name) {
    case 'SampleCount':
      return all.count;
    case 'Sum':
      return all.sum;
    case 'Average':
      return all.sum / all.count;
    case 'Minimum':
      return all.minimum;
    case 'Maximum':
      return all.maximum;
    default:
      return percentile(all, Number(PERCENTILE.exec(name)?.[1]) / 100);
  }
}

/** Nearest rank. */
function percentile({ values, count }: Datapoint, share: number): number | undefined {
  if (!values || Number.isNaN(share)) return undefined;
  const rank = Math.max(1, Math.ceil(share * count));
  let seen = 0;
  for (const [value, times] of [...values].sort(([a], [b]) => a - b)) {
    seen += times;
    if (seen >= rank) return value;
  }
  return undefined;
}
