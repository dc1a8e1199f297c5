import { listeners, loadBalancers, rules, targetGroups } from '../../engine/elb/records.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Table } from '../../engine/store.ts';
import type { Operation } from '../service.ts';
import { readTags } from './shapes.ts';

type Tags = Record<string, string>;

export const AddTags: Operation = (input, { engine }) => {
  const tags = readTags(input);
  for (const { put, before } of owners(engine, input.list('ResourceArns'))) put({ ...before, ...tags });
};

export const RemoveTags: Operation = (input, { engine }) => {
  const gone = input.list('TagKeys');
  for (const { put, before } of owners(engine, input.list('ResourceArns')))
    put(Object.fromEntries(Object.entries(before).filter(([key]) => !gone.includes(key))));
};

export const DescribeTags: Operation = (input, { engine }) => ({
  TagDescriptions: owners(engine, input.list('ResourceArns')).map(({ arn, before }) => ({
    ResourceArn: arn,
    Tags: Object.entries(before).map(([Key, Value]) => ({ Key, Value })),
  })),
});

interface Owner {
  arn: string;
  before: Tags;
  put(tags: Tags): void;
}

/** All of them, or the error of the first that is not there. */
const owners = (engine: Engine, arns: string[]): Owner[] =>
  arns.map((arn) => {
    if (arn.includes(':loadbalancer/')) return owner(loadBalancers(engine), arn, 'LoadBalancerNotFound');
    if (arn.includes(':targetgroup/')) return owner(targetGroups(engine), arn, 'TargetGroupNotFound');
    if (arn.includes(':listener/')) return owner(listeners(engine), arn, 'ListenerNotFound');
    return owner(rules(engine), arn, 'RuleNotFound');
  });

function owner<T extends { tags: Tags }>(table: Table<T>, arn: string, missing: string): Owner {
  const record = table.get(arn);
  if (!record) throw new ServiceError(missing, `'${arn}' not found`);
  return { arn, before: record.tags, put: (tags) => void table.put(arn, { ...record, tags }) };
}
