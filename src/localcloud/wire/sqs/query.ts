import type { Operation } from '../service.ts';
import { Flat } from '../xml.ts';

type Values = Record<string, unknown>;

/**
 * The same operations behind the query protocol, which differs in names only: lists and maps are flattened and named in the
 * singular, maps are lists of names and values, and the queue may stand in the path alone.
 */
export function inQueryProtocol(operations: Record<string, Operation>): Record<string, Operation> {
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      async (input, context) => {
        const values = { QueueUrl: context.path, ...fromQuery(input.values) };
        return toQuery(name, (await operation(input.replaced(values), context)) as Values | undefined);
      },
    ]),
  );
}

const LISTS: Record<string, string> = {
  AttributeName: 'AttributeNames',
  MessageSystemAttributeName: 'MessageSystemAttributeNames',
  MessageAttributeName: 'MessageAttributeNames',
  TagKey: 'TagKeys',
  AWSAccountId: 'AWSAccountIds',
  ActionName: 'Actions',
};

const MAPS: Record<string, string> = {
  Attribute: 'Attributes',
  MessageAttribute: 'MessageAttributes',
  MessageSystemAttribute: 'MessageSystemAttributes',
};

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

function fromQuery(values: Values): Values {
  const out: Values = {};
  for (const [name, value] of Object.entries(values)) {
    if (LISTS[name]) out[LISTS[name]] = list(value);
    else if (MAPS[name]) out[MAPS[name]] = mapFrom(value, 'Name');
    else if (name === 'Tag') {
      // CreateQueue and TagQueue spell it differently in JSON.
      out.tags = mapFrom(value, 'Key');
      out.Tags = out.tags;
    } else if (name.endsWith('BatchRequestEntry')) {
      out.Entries = list(value).map((entry) => (isObject(entry) ? fromQuery(entry) : entry));
    } else out[name] = value;
  }
  return out;
}

const mapFrom = (value: unknown, key: 'Name' | 'Key'): Values =>
  Object.fromEntries(
    list(value)
      .filter(isObject)
      .map((pair) => [String(pair[key]), pair.Value]),
  );

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Element names of lists; those of a batch's successes are named after the operation. */
const elementName = (operation: string, name: string): string =>
  ({
    QueueUrls: 'QueueUrl',
    queueUrls: 'QueueUrl',
    Messages: 'Message',
    Results: 'ListMessageMoveTasksResultEntry',
    Successful: `${operation}ResultEntry`,
    Failed: 'BatchResultErrorEntry',
  })[name] ?? name;

function toQuery(operation: string, output: Values | undefined): Values {
  const out: Values = {};
  for (const [name, value] of Object.entries(output ?? {})) {
    if (Array.isArray(value)) {
      const items = value.map((item) => (isObject(item) ? toQuery(operation, item) : item));
      out[elementName(operation, name)] = new Flat(items);
    } else if (isObject(value)) {
      const key = name === 'Tags' ? 'Key' : 'Name';
      const pairs = Object.entries(value).map((pair) => ({ [key]: pair[0], Value: pair[1] }));
      out[name.slice(0, -1)] = new Flat(pairs);
    } else out[name] = value;
  }
  return out;
}
