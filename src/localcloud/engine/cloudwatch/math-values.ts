import { expressionError } from './math-tokens.ts';

/** One value per period; undefined where there is none. */
export type Series = (number | undefined)[];

/** What an expression can stand for: a number, a series, several of them, a word that FILL understands. */
export type Value = number | Series | { many: Value[] } | { word: string };

/** What an expression is calculated in. */
export interface MathScope {
  /** Of the query that the expression belongs to: named in errors. */
  id: string;
  /** How many periods a series has. */
  length: number;
  periodSeconds: number;
  /** What METRICS() stands for. */
  metricIds: string[];
  lookup(id: string): Series;
}

/** A number or a series; throws ValidationError for anything else. */
export function single(scope: MathScope, value: Value | undefined): number | Series {
  if (typeof value === 'number' || Array.isArray(value)) return value;
  throw expressionError(scope.id, 'a time series or a number was expected');
}

/** The value in one period; a number is the same in all of them. */
export const at = (value: number | Series, period: number): number | undefined =>
  typeof value === 'number' ? value : value[period];

/**
 * Combines values period by period; where one is missing, so is the result. Numbers alone give a number. Of several series
 * each is combined by itself.
 */
export function pointwise(
  scope: MathScope,
  values: Value[],
  combine: (...values: number[]) => number | undefined,
): Value {
  const many = values.find((value) => typeof value === 'object' && 'many' in value);
  if (many && typeof many === 'object' && 'many' in many) {
    return {
      many: many.many.map((one) =>
        pointwise(
          scope,
          values.map((value) => (value === many ? one : value)),
          combine,
        ),
      ),
    };
  }
  const plain = values.map((value) => single(scope, value));
  const combined = (period: number) => {
    const present = plain.map((value) => at(value, period)).filter((value) => value !== undefined);
    return present.length === plain.length ? finite(combine(...present)) : undefined;
  };
  const alone = plain.every((value) => typeof value === 'number') ? combined(0) : undefined;
  return alone ?? Array.from({ length: scope.length }, (_, period) => combined(period));
}

const finite = (value: number | undefined) =>
  value !== undefined && Number.isFinite(value) ? value : undefined;
