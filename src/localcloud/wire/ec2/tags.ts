import { allTags } from '../../engine/ec2/resources.ts';
import { addTags, removeTags } from '../../engine/ec2/tags.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { filtered } from './filters.ts';
import { page } from './paging.ts';
import { readTags } from './tag-wire.ts';

function resources(input: Input): string[] {
  const ids = input.list('ResourceId');
  if (ids.length === 0) {
    throw new ServiceError('MissingParameter', 'The request must contain the parameter resourceIdSet');
  }
  return ids;
}

const CreateTags: Operation = (input, { engine }) => {
  if (!input.has('Tag'))
    throw new ServiceError('MissingParameter', 'The request must contain the parameter tagSet');
  addTags(engine, resources(input), readTags(input));
  return { return: true };
};

/** A tag given without a value goes whatever its value is; one given with a value (an empty one too) only with that value. */
const DeleteTags: Operation = (input, { engine }) => {
  const keys = input.objects('Tag').map((tag) => ({
    key: tag.require('Key'),
    value: tag.values.Value === undefined ? undefined : String(tag.values.Value),
  }));
  removeTags(engine, resources(input), keys);
  return { return: true };
};

const DescribeTags: Operation = (input, { engine, region }) => {
  const found = filtered(input, allTags(engine, region), {
    key: (t) => t.key,
    value: (t) => t.value,
    'resource-id': (t) => t.id,
    'resource-type': (t) => t.type,
  });
  const { items, nextToken } = page(input, found, (t) => `${t.id}/${t.key}`, 5);
  return {
    tagSet: items.map(({ id, type, key, value }) => ({
      resourceId: id,
      resourceType: type,
      key,
      value,
    })),
    nextToken,
  };
};

export const tagOperations: Record<string, Operation> = { CreateTags, DeleteTags, DescribeTags };
