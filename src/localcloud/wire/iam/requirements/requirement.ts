import type { Engine } from '../../../engine/engine.ts';
import type { Context } from '../../../engine/iam/patterns.ts';
import type { Input } from '../../input.ts';

/** A request, as far as its permissions depend on it. */
export interface Asked {
  engine: Engine;
  /** Of the signature's scope. */
  service: string;
  operation: string;
  input: Input;
  /** Of the URL. */
  path: string;
  region: string;
}

/** One permission that a request needs. */
export interface Requirement {
  action: string;
  resource: string;
  /** Keys beside those of every request. Names in any case. */
  context?: Context;
}

type Tags = Record<string, string>;

/** `aws:ResourceTag/*`, and the service's own key of the same meaning. */
export const resourceTags = (tags: Tags, own?: string): Context =>
  Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      ...(own === undefined ? [] : [[`${own}/${key}`, value]]),
    ]),
  );

/** `aws:RequestTag/*` and `aws:TagKeys`. */
export const requestTags = (tags: Tags): Context => ({
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  ...(Object.keys(tags).length > 0 && { 'aws:TagKeys': Object.keys(tags) }),
});

/** A parameter that is one text or a list of them, or is not there. */
export function textsOf(input: Input, name: string): string[] {
  const value = input.values[name];
  const list = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return list.filter((item): item is string => typeof item === 'string' && item !== '');
}

/** A list of structures; empty where there is something else. */
export const objectsOf = (input: Input, name: string): Input[] =>
  Array.isArray(input.values[name]) ? input.objects(name) : [];

/** Tags as lists of keys and values, under any of the names that services have for them. */
export const tagsOf = (input: Input, ...names: string[]): Tags =>
  Object.fromEntries(
    names.flatMap((name) =>
      objectsOf(input, name).map((tag) => [tag.text('Key') ?? '', tag.text('Value') ?? '']),
    ),
  );

/** A map of texts; empty where there is something else. */
export const mapOf = (input: Input, name: string): Tags => {
  const value = input.values[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? input.map(name) : {};
};
