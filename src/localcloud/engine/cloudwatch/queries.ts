/** One metric and how it is summed up. */
export interface SingleMetric {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  /** Average, Sum, Minimum, Maximum, SampleCount, or a percentile: p99. */
  statistic: string;
  unit?: string;
}

/** A metric, or an expression over others, named as on the wire. AWS: MetricDataQuery. */
export interface MetricDataQuery {
  Id: string;
  Expression?: string;
  MetricStat?: {
    Metric: { Namespace: string; MetricName: string; Dimensions?: { Name: string; Value: string }[] };
    /** Seconds. */
    Period?: number;
    Stat: string;
    Unit?: string;
  };
  Label?: string;
  /** Default: true. */
  ReturnData?: boolean;
  /** Seconds; of an expression. */
  Period?: number;
}

export type MetricQuery = SingleMetric | MetricDataQuery[];

/** The metric of a query that has one. */
export function singleMetric({
  Metric,
  Stat,
  Unit,
}: NonNullable<MetricDataQuery['MetricStat']>): SingleMetric {
  return {
    namespace: Metric.Namespace,
    name: Metric.MetricName,
    dimensions: Object.fromEntries((Metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
    statistic: Stat,
    unit: Unit,
  };
}

/** The one that gives the result: the only one, or the only one whose data are returned. */
export const resultOf = (queries: MetricDataQuery[]): MetricDataQuery | undefined =>
  queries.length === 1 ? queries[0] : queries.find(({ ReturnData }) => ReturnData !== false);

/** Every namespace that a query reads. */
export const namespacesOf = (query: MetricQuery): string[] =>
  Array.isArray(query)
    ? query.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric.Namespace] : []))
    : [query.namespace];
