import { type Cursor, malformed, regexOf } from './tokens.ts';

/** Fields of one event or of one row of results. */
export type Row = Record<string, unknown>;

/** What an expression is for one row; undefined where a field is not there. */
export type Expression = (row: Row) => unknown;

const FUNCTIONS: Record<string, (...values: unknown[]) => unknown> = {
  ispresent: (value) => value !== undefined && value !== null,
  isblank: (value) => value === undefined || value === null || String(value).trim() === '',
  isempty: (value) => value === undefined || value === null || value === '',
  strcontains: (text, part) => (String(text ?? '').includes(String(part ?? '')) ? 1 : 0),
  strlen: (text) => (text === undefined ? undefined : String(text).length),
  tolower: (text) => (text === undefined ? undefined : String(text).toLowerCase()),
  toupper: (text) => (text === undefined ? undefined : String(text).toUpperCase()),
  trim: (text) => (text === undefined ? undefined : String(text).trim()),
  concat: (...texts) => texts.map((text) => String(text ?? '')).join(''),
  coalesce: (...values) => values.find((value) => value !== undefined && value !== null),
  abs: (value) => Math.abs(Number(value)),
  ceil: (value) => Math.ceil(Number(value)),
  floor: (value) => Math.floor(Number(value)),
};

/** `or` binds loosest, then `and`, `not`, comparisons. */
export function expression(cursor: Cursor): Expression {
  const parts = [conjunction(cursor)];
  while (cursor.skip('or')) parts.push(conjunction(cursor));
  return parts.length === 1 ? parts[0]! : (row) => parts.some((part) => truthy(part(row)));
}

function conjunction(cursor: Cursor): Expression {
  const parts = [negation(cursor)];
  while (cursor.skip('and')) parts.push(negation(cursor));
  return parts.length === 1 ? parts[0]! : (row) => parts.every((part) => truthy(part(row)));
}

function negation(cursor: Cursor): Expression {
  if (!cursor.skip('not')) return comparison(cursor);
  const inner = negation(cursor);
  return (row) => !truthy(inner(row));
}

function comparison(cursor: Cursor): Expression {
  const left = value(cursor);
  const negated = cursor.skip('not');
  if (cursor.skip('like') || (!negated && cursor.skip('=~'))) {
    const matches = pattern(cursor);
    return (row) => matches(String(left(row) ?? '')) !== negated;
  }
  if (cursor.skip('in')) {
    const list = items(cursor);
    return (row) => list.some((item) => compare(left(row), item(row)) === 0) !== negated;
  }
  if (negated) throw malformed('not');
  for (const [sign, test] of Object.entries(COMPARISONS)) {
    if (!cursor.skip(sign)) continue;
    const right = value(cursor);
    return (row) => {
      const order = compare(left(row), right(row));
      return order === undefined ? sign === '!=' : test(order);
    };
  }
  return left;
}

const COMPARISONS: Record<string, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
};

/** Below, at or above 0; numbers as numbers. Undefined with a field that is not there. */
export function compare(a: unknown, b: unknown): number | undefined {
  if (a === undefined || a === null || b === undefined || b === null) return undefined;
  const [x, y] = [Number(a), Number(b)];
  if (!Number.isNaN(x) && !Number.isNaN(y) && a !== '' && b !== '') return x - y;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

/** A regular expression, or text that stands somewhere in it. */
function pattern(cursor: Cursor): (text: string) => boolean {
  const token = cursor.next();
  if (token.kind === 'regex') {
    const regex = regexOf(token.text);
    return (text) => regex.test(text);
  }
  if (token.kind !== 'text') throw malformed(token.text);
  return (text) => text.includes(token.text);
}

function items(cursor: Cursor): Expression[] {
  cursor.expect('[');
  const list = [value(cursor)];
  while (cursor.skip(',')) list.push(value(cursor));
  cursor.expect(']');
  return list;
}

function value(cursor: Cursor): Expression {
  if (cursor.skip('(')) {
    const inner = expression(cursor);
    cursor.expect(')');
    return inner;
  }
  const negative = cursor.skip('-');
  const token = cursor.next();
  if (token.kind === 'number') {
    const number = negative ? -Number(token.text) : Number(token.text);
    return () => number;
  }
  if (negative) throw malformed('-');
  if (token.kind === 'text') return () => token.text;
  if (token.kind !== 'word') throw malformed(token.text);
  if (!cursor.skip('(')) return (row) => (Object.hasOwn(row, token.text) ? row[token.text] : undefined);
  const name = token.text.toLowerCase();
  if (!Object.hasOwn(FUNCTIONS, name)) throw malformed(token.text);
  const parameters: Expression[] = [];
  while (!cursor.skip(')')) {
    if (parameters.length > 0) cursor.expect(',');
    parameters.push(expression(cursor));
  }
  return (row) => FUNCTIONS[name]!(...parameters.map((parameter) => parameter(row)));
}

export const truthy = (result: unknown): boolean =>
  result !== undefined && result !== null && result !== false && result !== 0 && result !== '';
