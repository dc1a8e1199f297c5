import { compare, type Expression, expression, type Row, truthy } from './expressions.ts';
import { readStats, stamp } from './stats.ts';
import { Cursor, malformed, tokenize } from './tokens.ts';

/** Steps from rows to rows; and the columns to show, in order. */
interface Plan {
  steps: ((rows: Row[]) => Row[])[];
  columns: string[];
  limit: number | undefined;
}

/** What a query gives where it does not say. */
const USUAL_COLUMNS = ['@timestamp', '@message'];

/**
 * Reads a query: fields, display, filter, sort, limit, stats, in any order, parted by `|`.
 * Source: CloudWatch Logs Insights, "Supported commands". @throws MalformedQueryException
 */
export function readQuery(text: string): Plan {
  const plan: Plan = { steps: [], columns: [], limit: undefined };
  const cursor = new Cursor(tokenize(text));
  if (!cursor.peek) throw malformed('at the beginning of an empty query');
  let aggregated = false;
  let sorted = false;
  do {
    const command = cursor.word().toLowerCase();
    if (command === 'fields' || command === 'display') readFields(cursor, plan, command === 'display');
    else if (command === 'filter') addFilter(cursor, plan);
    else if (command === 'sort') {
      sorted = true;
      addSort(cursor, plan);
    } else if (command === 'limit') plan.limit = readLimit(cursor);
    else if (command === 'stats') {
      aggregated = true;
      plan.columns = [];
      plan.steps.push(readStats(cursor));
    } else throw malformed(command);
  } while (cursor.skip('|'));
  if (cursor.peek) throw malformed(cursor.peek.text);
  if (!aggregated && plan.columns.length === 0) plan.columns = USUAL_COLUMNS;
  // The newest first, unless something else was asked for.
  if (!aggregated && !sorted) plan.steps.push((rows) => [...rows].reverse());
  return plan;
}

function readFields(cursor: Cursor, plan: Plan, only: boolean): void {
  if (only) plan.columns = [];
  do {
    const written = cursor.peek?.text ?? '';
    const value = expression(cursor);
    const name = cursor.skip('as') ? cursor.word() : written;
    plan.columns.push(name);
    if (name !== written) plan.steps.push((rows) => rows.map((row) => ({ ...row, [name]: value(row) })));
  } while (cursor.skip(','));
}

function addFilter(cursor: Cursor, plan: Plan): void {
  const test = expression(cursor);
  plan.steps.push((rows) => rows.filter((row) => truthy(test(row))));
}

function addSort(cursor: Cursor, plan: Plan): void {
  const orders: { of: Expression; sign: number }[] = [];
  do {
    const of = expression(cursor);
    const sign = cursor.skip('asc') ? 1 : cursor.skip('desc') ? -1 : 1;
    orders.push({ of, sign });
  } while (cursor.skip(','));
  plan.steps.push((rows) =>
    [...rows].sort((a, b) => {
      for (const { of, sign } of orders) {
        const order = (compare(of(a), of(b)) ?? 0) * sign;
        if (order !== 0) return order;
      }
      return 0;
    }),
  );
}

function readLimit(cursor: Cursor): number {
  const { kind, text } = cursor.next();
  if (kind !== 'number' || !/^\d+$/.test(text) || Number(text) < 1) throw malformed(text);
  return Number(text);
}

/** The rows of a plan, as names and texts. A value that is not there is left out. */
export function runPlan(
  { steps, columns, limit }: Plan,
  events: Row[],
  most: number,
): { rows: Record<string, string>[]; matched: number } {
  const all = steps.reduce((rows, step) => step(rows), events);
  const rows = all.slice(0, Math.min(limit ?? most, most)).map((row) => {
    const names = columns.length > 0 ? [...columns, '@ptr'] : Object.keys(row);
    return Object.fromEntries(
      names
        .filter((name) => row[name] !== undefined && row[name] !== null)
        .map((name) => [name, shown(name, row[name])]),
    );
  });
  return { rows, matched: all.length };
}

function shown(name: string, value: unknown): string {
  if ((name === '@timestamp' || name === '@ingestionTime') && typeof value === 'number') return stamp(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
