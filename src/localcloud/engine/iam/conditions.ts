import { BlockList, isIPv6 } from 'node:net';
import type { Statement } from './documents.ts';
import { type Context, contextValues, patternOf } from './patterns.ts';

/** Whether one value of the request is what one value of the policy asks for. */
type Test = (actual: string, wanted: string, context: Context) => boolean;

const text =
  (options: { wildcards: boolean; ignoreCase?: boolean }): Test =>
  (actual, wanted, context) =>
    patternOf(wanted, context, options)?.test(actual) ?? false;

/** ARNs compare part by part: a wildcard does not reach over a colon of the first five. */
const arn: Test = (actual, wanted, context) => {
  const split = (whole: string) => {
    const parts = whole.split(':');
    return [...parts.slice(0, 5), parts.slice(5).join(':')];
  };
  const actualParts = split(actual);
  return split(wanted).every((part, at) =>
    patternOf(part, context, { wildcards: true })?.test(actualParts[at] ?? ''),
  );
};

const number =
  (compare: (a: number, b: number) => boolean, read: (text: string) => number): Test =>
  (actual, wanted) => {
    const [a, b] = [read(actual), read(wanted)];
    return !Number.isNaN(a) && !Number.isNaN(b) && compare(a, b);
  };

/** ISO 8601, or seconds since the epoch. */
const date = (value: string) => (/^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value));

const address: Test = (actual, wanted) => {
  const [net = '', bits] = wanted.split('/');
  const family = isIPv6(net) ? 'ipv6' : 'ipv4';
  try {
    const list = new BlockList();
    list.addSubnet(net, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
    return list.check(actual, isIPv6(actual) ? 'ipv6' : 'ipv4');
  } catch {
    return false;
  }
};

const comparisons = (prefix: string, read: (text: string) => number): Record<string, Test> => ({
  [`${prefix}Equals`]: number((a, b) => a === b, read),
  [`${prefix}LessThan`]: number((a, b) => a < b, read),
  [`${prefix}LessThanEquals`]: number((a, b) => a <= b, read),
  [`${prefix}GreaterThan`]: number((a, b) => a > b, read),
  [`${prefix}GreaterThanEquals`]: number((a, b) => a >= b, read),
});

const TESTS: Record<string, Test> = {
  StringEquals: text({ wildcards: false }),
  StringEqualsIgnoreCase: text({ wildcards: false, ignoreCase: true }),
  StringLike: text({ wildcards: true }),
  ArnEquals: arn,
  ArnLike: arn,
  Bool: text({ wildcards: false, ignoreCase: true }),
  BinaryEquals: (actual, wanted) => actual === wanted,
  IpAddress: address,
  ...comparisons('Numeric', Number),
  ...comparisons('Date', date),
};

/** The negated operator and the one it negates. */
const NEGATED: Record<string, string> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NotIpAddress: 'IpAddress',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
};

/**
 * Whether a request's context meets a condition. A key that is not there meets no condition but a negated one, `…IfExists`,
 * `ForAllValues:` and `Null: true`. An operator that nobody knows is never met.
 * Source: IAM "IAM JSON policy elements: Condition operators".
 */
export function meets([operator, key, wanted]: Statement['conditions'][number], context: Context): boolean {
  const match = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator);
  if (!match) return false;
  const [, set, name = '', ifExists] = match;
  const actual = contextValues(context, key);
  if (name === 'Null') return wanted.includes(String(actual === undefined || actual.length === 0));
  const negated = Object.hasOwn(NEGATED, name);
  const testName = negated ? NEGATED[name]! : name;
  if (!Object.hasOwn(TESTS, testName)) return false;
  const test = TESTS[testName]!;
  if (actual === undefined || actual.length === 0)
    return ifExists !== undefined || set === 'ForAllValues' || (negated && set === undefined);
  const matches = (value: string) => wanted.some((one) => test(value, one, context)) !== negated;
  // Of a key with several values and no set operator, a negated one must hold for all.
  return set === 'ForAllValues' || (negated && set === undefined)
    ? actual.every(matches)
    : actual.some(matches);
}
