import type { Input } from '../input.ts';
import { Flat } from '../xml.ts';

/**
 * A structure that goes in under one set of names and comes out under another: launch template data. What is kept between is
 * named by the members of the API.
 */
export interface Members {
  [member: string]: Member;
}

/** `mark`: a text that means something by being there, also when it is empty. */
type Scalar = 'text' | 'int' | 'number' | 'bool' | 'mark';

interface Member {
  request: string;
  response: string;
  of: Scalar | Members;
  list: boolean;
  /** Element name of a list's items in answers, where it is not `item`. */
  item?: string;
}

const small = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

/** Members written `Name` in requests and `name` in answers, unless `response` says otherwise. */
export function members(specification: Record<string, Scalar | Members | ListOf>): Members {
  return Object.fromEntries(
    Object.entries(specification).map(([name, of]) => [
      name,
      of instanceof ListOf
        ? { request: of.request, response: of.response, of: of.of, list: true, item: of.item }
        : { request: name, response: small(name), of, list: false },
    ]),
  );
}

class ListOf {
  readonly request: string;
  readonly response: string;
  readonly of: Scalar | Members;
  readonly item: string | undefined;

  constructor(request: string, response: string, of: Scalar | Members, item?: string) {
    this.request = request;
    this.response = response;
    this.of = of;
    this.item = item;
  }
}

/** A list: `Request.N` in requests, `<response><item>` in answers (`requestSet` where nothing else is said). */
export const list = (
  request: string,
  of: Scalar | Members,
  response = `${small(request)}Set`,
  item?: string,
) => new ListOf(request, response, of, item);

/** The members that a request has, by the API's names; structures without content are left out. */
export function readMembers(shape: Members, input: Input): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shape)) {
    const value = readMember(member, input);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function readMember({ request, of, list: many }: Member, input: Input): unknown {
  if (of === 'mark') {
    const value = input.values[request];
    return value === undefined ? undefined : String(value);
  }
  if (!input.has(request)) return undefined;
  if (typeof of === 'object') {
    if (many) return input.objects(request).map((item) => readMembers(of, item));
    const value = readMembers(of, input.object(request) as Input);
    return Object.keys(value).length > 0 ? value : undefined;
  }
  if (many) return input.list(request);
  if (of === 'int') return input.int(request);
  if (of === 'bool') return input.bool(request);
  return of === 'number' ? Number(input.text(request)) : input.text(request);
}

/** Values named by the API, under the names of answers. */
export function writeMembers(shape: Members, values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const member = shape[name];
      return member ? [[member.response, writeMember(member, value)]] : [];
    }),
  );
}

function writeMember({ of, list: many, item }: Member, value: unknown): unknown {
  const one = (part: unknown) =>
    typeof of === 'object' ? writeMembers(of, part as Record<string, unknown>) : part;
  if (!many) return one(value);
  const items = (value as unknown[]).map(one);
  return item === undefined ? items : { [item]: new Flat(items) };
}
