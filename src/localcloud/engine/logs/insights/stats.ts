import { compare, type Expression, expression, type Row } from './expressions.ts';
import { type Cursor, malformed } from './tokens.ts';

/** A named column, and what it is for a group of rows. */
interface Aggregate {
  name: string;
  of(rows: Row[]): unknown;
}

interface Key {
  name: string;
  of: Expression;
}

const numbers = (rows: Row[], value: Expression): number[] =>
  rows
    .map((row) => value(row))
    .filter((one) => one !== undefined && one !== '' && !Number.isNaN(Number(one)))
    .map(Number);

const sum = (list: number[]) => list.reduce((total, one) => total + one, 0);

/** Of numbers; undefined for none. */
const NUMERIC: Record<string, (list: number[]) => number> = {
  sum,
  avg: (list) => sum(list) / list.length,
  min: (list) => Math.min(...list),
  max: (list) => Math.max(...list),
};

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `stats count(*) as n, avg(x) by bin(5m), level`. Rows of the groups in the order in which they are first met. */
export function readStats(cursor: Cursor): (rows: Row[]) => Row[] {
  const aggregates = [aggregate(cursor)];
  while (cursor.skip(',')) aggregates.push(aggregate(cursor));
  const keys: Key[] = [];
  if (cursor.skip('by')) {
    do keys.push(key(cursor));
    while (cursor.skip(','));
  }
  return (rows) => {
    const groups = new Map<string, { row: Row; members: Row[] }>();
    if (keys.length === 0) groups.set('{}', { row: {}, members: [] });
    for (const member of rows) {
      const row = Object.fromEntries(keys.map(({ name, of }) => [name, of(member)]));
      const id = JSON.stringify(row);
      const group = groups.get(id) ?? { row, members: [] };
      groups.set(id, group);
      group.members.push(member);
    }
    return [...groups.values()].map(({ row, members }) => ({
      ...row,
      ...Object.fromEntries(aggregates.map(({ name, of }) => [name, of(members)])),
    }));
  };
}

/** `as name`, or how it is written. */
const nameOf = (cursor: Cursor, otherwise: string): string => (cursor.skip('as') ? cursor.word() : otherwise);

function aggregate(cursor: Cursor): Aggregate {
  const written = cursor.word();
  const name = written.toLowerCase();
  cursor.expect('(');
  if (name === 'count' && (cursor.skip('*') || cursor.peek?.text === ')')) {
    cursor.expect(')');
    return { name: nameOf(cursor, 'count(*)'), of: (rows) => rows.length };
  }
  const field = cursor.peek?.text ?? '';
  const value = expression(cursor);
  cursor.expect(')');
  const of = aggregateOf(name, value);
  if (!of) throw malformed(written);
  return { name: nameOf(cursor, `${written}(${field})`), of };
}

function aggregateOf(name: string, value: Expression): Aggregate['of'] | undefined {
  const present = (rows: Row[]) => rows.map((row) => value(row)).filter((one) => one !== undefined);
  if (name === 'count') return (rows) => present(rows).length;
  if (name === 'count_distinct') return (rows) => new Set(present(rows).map(String)).size;
  if (name === 'earliest')
    return (rows) =>
      inOrder(rows)
        .map(value)
        .find((one) => one !== undefined);
  if (name === 'latest')
    return (rows) =>
      inOrder(rows)
        .reverse()
        .map(value)
        .find((one) => one !== undefined);
  const numeric = Object.hasOwn(NUMERIC, name) ? NUMERIC[name] : undefined;
  return (
    numeric &&
    ((rows) => {
      const list = numbers(rows, value);
      return list.length === 0 ? undefined : numeric(list);
    })
  );
}

const inOrder = (rows: Row[]) => [...rows].sort((a, b) => compare(a['@timestamp'], b['@timestamp']) ?? 0);

/** `bin(5m)`: the beginning of the period in which the event lies; else an expression. */
function key(cursor: Cursor): Key {
  const written = cursor.peek?.text ?? '';
  if (written.toLowerCase() !== 'bin') {
    const of = expression(cursor);
    return { name: nameOf(cursor, written), of };
  }
  cursor.next();
  cursor.expect('(');
  const period = cursor.next().text;
  const [, count = '', unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(period) ?? [];
  const length = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (!(length > 0)) throw malformed(period);
  cursor.expect(')');
  const of: Expression = (row) => stamp(Math.floor(Number(row['@timestamp']) / length) * length);
  return { name: nameOf(cursor, `bin(${period})`), of };
}

/** A moment as Insights writes it. */
export const stamp = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
