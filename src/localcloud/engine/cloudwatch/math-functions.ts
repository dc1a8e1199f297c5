import { expressionError } from './math-tokens.ts';
import { at, type MathScope, pointwise, type Series, single, type Value } from './math-values.ts';

/** Functions that make one value out of several. */
const AGGREGATES: Record<string, (values: number[]) => number> = {
  MAX: (values) => Math.max(...values),
  MIN: (values) => Math.min(...values),
  SUM: (values) => values.reduce((a, b) => a + b, 0),
  AVG: (values) => values.reduce((a, b) => a + b, 0) / values.length,
};

/** Functions of each value by itself. */
const OF_ONE: Record<string, (value: number) => number> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
};

const OTHERS: Record<string, (scope: MathScope, given: Value[]) => Value> = {
  IF: (scope, [test, yes, no]) => choose(scope, single(scope, test), single(scope, yes), no),
  FILL: (scope, [series, filler]) => fill(scope, series, filler),
  METRICS: (scope) => ({ many: scope.metricIds.map(scope.lookup) }),
  PERIOD: (scope) => scope.periodSeconds,
  DIFF: (scope, [series]) => differences(single(scope, series), 1),
  RATE: (scope, [series]) => differences(single(scope, series), scope.periodSeconds),
};

/** Calls a function of metric math by name. Throws ValidationError for an unknown one or arguments that it does not take. */
export function call(scope: MathScope, name: string, given: Value[]): Value {
  const aggregate = AGGREGATES[name];
  if (aggregate) return aggregated(scope, given, aggregate);
  const ofOne = OF_ONE[name];
  if (ofOne) return pointwise(scope, given.slice(0, 1), ofOne);
  const other = OTHERS[name];
  if (!other) throw expressionError(scope.id, `unknown function ${name}`);
  return other(scope, given);
}

/** Of one series its values over time make one number; of several, those of each period make one series. */
function aggregated(scope: MathScope, given: Value[], combine: (values: number[]) => number): Value {
  const values = given.flatMap((value) =>
    typeof value === 'object' && 'many' in value ? value.many : [value],
  );
  const several = values.map((value) => single(scope, value));
  const [only] = several;
  if (several.length === 1 && Array.isArray(only)) {
    const present = only.filter((value) => value !== undefined);
    return present.length === 0 ? only : combine(present);
  }
  if (several.length > 0 && several.every((value) => typeof value === 'number')) return combine(several);
  return Array.from({ length: scope.length }, (_, period) => {
    const present = several.map((value) => at(value, period)).filter((value) => value !== undefined);
    return present.length === 0 ? undefined : combine(present);
  });
}

/** Where the test has no value it counts as false. */
function choose(scope: MathScope, test: number | Series, yes: number | Series, no: Value | undefined): Value {
  const otherwise = no === undefined ? [] : single(scope, no);
  if (typeof test === 'number') return test !== 0 ? yes : otherwise;
  return Array.from({ length: scope.length }, (_, period) =>
    at(test, period) ? at(yes, period) : at(otherwise, period),
  );
}

function fill(scope: MathScope, value: Value | undefined, filler: Value | undefined): Value {
  if (typeof value === 'object' && 'many' in value)
    return { many: value.many.map((one) => fill(scope, one, filler)) };
  const series = single(scope, value);
  if (typeof series === 'number') return series;
  if (typeof filler === 'object' && 'word' in filler) return repeat(series, filler.word === 'LINEAR');
  const constant = single(scope, filler);
  return series.map((present, period) => present ?? at(constant, period));
}

/** The last value goes on; or a line between the neighbours. */
function repeat(series: Series, linear: boolean): Series {
  return series.map((present, period) => {
    if (present !== undefined) return present;
    const before = series.findLastIndex((value, index) => index < period && value !== undefined);
    const after = series.findIndex((value, index) => index > period && value !== undefined);
    const from = series[before];
    const to = series[after];
    if (!linear || from === undefined || to === undefined) return from;
    return from + ((to - from) * (period - before)) / (after - before);
  });
}

/** From each value to the next one, per `seconds`. */
function differences(series: number | Series, seconds: number): Series | number {
  if (typeof series === 'number') return 0;
  return series.map((value, period) => {
    const before = series[period - 1];
    return value === undefined || before === undefined ? undefined : (value - before) / seconds;
  });
}
