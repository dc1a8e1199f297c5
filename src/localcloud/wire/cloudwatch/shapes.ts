import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import { page } from '../page.ts';
import { Flat } from '../xml.ts';

/** A point in time: ISO 8601 in XML, seconds since the epoch in JSON. */
export class Moment extends Date {
  override toJSON(): string {
    // JSON.stringify writes a number as it is; the type of the method it overrides says text.
    return (this.getTime() / 1_000) as unknown as string;
  }
}

/** A map: `<entry>` elements in XML, an object in JSON. */
export class EntryMap {
  readonly entry: Flat;
  readonly #values: Record<string, unknown>;

  constructor(values: Record<string, unknown>) {
    this.#values = values;
    this.entry = new Flat(Object.entries(values).map(([key, value]) => ({ key, value })));
  }

  toJSON() {
    return this.#values;
  }
}

/** Milliseconds of a timestamp that came as ISO 8601 or as seconds since the epoch. Throws ValidationError. */
export function moment(input: Input, name: string): number | undefined {
  const text = input.text(name);
  if (text === undefined) return undefined;
  const at = /^\d+(\.\d+)?([eE]\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text);
  if (Number.isNaN(at)) throw new ServiceError('ValidationError', `${text} is not a valid value for ${name}`);
  return at;
}

/** Throws MissingParameter, ValidationError. */
export function requireMoment(input: Input, name: string): number {
  input.require(name);
  return moment(input, name) as number;
}

/** Throws InvalidParameterValue for what is no finite number. */
export function number(input: Input, name: string): number | undefined {
  const text = input.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new ServiceError(
      'InvalidParameterValue',
      `The value ${text} for parameter ${name} is not supported.`,
    );
  return value;
}

export const readDimensions = (input: Input): Record<string, string> =>
  Object.fromEntries(input.objects('Dimensions').map((one) => [one.require('Name'), one.require('Value')]));

export const viewDimensions = (dimensions: Record<string, string>) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

/** Seconds: 1, 5, 10, 20, 30 or a multiple of 60. Throws ValidationError. */
export function checkPeriod(period: number): number {
  if ([1, 5, 10, 20, 30].includes(period) || (period > 0 && period % 60 === 0)) return period;
  throw new ServiceError(
    'ValidationError',
    `Period must be 1, 5, 10, 20, 30 or a multiple of 60, but is ${period}.`,
  );
}

/** Throws InvalidNextToken. */
export const pageOf = <T>(input: Input, items: T[], size: number) =>
  page(items, Math.min(Math.max(input.int('MaxRecords') ?? size, 1), size), input.text('NextToken'), {
    code: 'InvalidNextToken',
    message: 'The next token specified is invalid.',
  });
