import { ServiceError } from '../../../engine/errors.ts';
import { type EssTag, essGroups, findEssGroup } from '../../../engine/ess/records.ts';
import type { Input } from '../../input.ts';
import type { Operation } from '../../service.ts';
import { pageOf } from '../ecs/input.ts';
import { groupTagsOf } from './input.ts';

/** ESS: groups of one call. */
const MOST_RESOURCES = 50;

function groupsOf(input: Input): string[] {
  if (input.require('ResourceType').toLowerCase() !== 'scalinggroup')
    throw new ServiceError('InvalidResourceType.NotFound', 'The specified ResourceType is not found.', 404);
  const ids = input.list('ResourceIds');
  if (ids.length > MOST_RESOURCES)
    throw new ServiceError('NumberExceed.ResourceIds', `At most ${MOST_RESOURCES} resources can be given.`);
  return ids;
}

const TagResources: Operation = (input, { engine }) => {
  const fresh = groupTagsOf(input);
  const groups = groupsOf(input).map((id) => findEssGroup(engine, id));
  for (const { groupId, tags } of groups) {
    const kept = tags.filter(({ key }) => !fresh.some((tag) => tag.key === key));
    essGroups(engine).patch(groupId, { tags: [...kept, ...fresh] });
  }
  return {};
};

const UntagResources: Operation = (input, { engine }) => {
  const all = input.bool('All') ?? false;
  const keys = input.list('TagKeys');
  for (const id of groupsOf(input)) {
    const { tags } = findEssGroup(engine, id);
    essGroups(engine).patch(id, { tags: tags.filter(({ key }) => !all && !keys.includes(key)) });
  }
  return {};
};

const ListTagResources: Operation = (input, { engine }) => {
  const ids = groupsOf(input);
  const wanted = input.objects('Tags');
  const matches = (tags: EssTag[]) =>
    wanted.every((one) =>
      tags.some(
        ({ key, value }) => key === one.text('Key') && (!one.has('Value') || value === one.text('Value')),
      ),
    );
  const found = essGroups(engine)
    .filter(({ groupId, tags }) => (ids.length === 0 || ids.includes(groupId)) && matches(tags))
    .flatMap(({ groupId, tags }) => tags.map((tag) => ({ groupId, ...tag })));
  const { items, view } = pageOf(input, found, 50);
  return {
    NextToken: view.NextToken || undefined,
    TagResources: items.map(({ groupId, key, value, propagate }) => ({
      ResourceId: groupId,
      ResourceType: 'scalinggroup',
      TagKey: key,
      TagValue: value,
      Propagate: propagate,
    })),
  };
};

export const tagOperations: Record<string, Operation> = { TagResources, UntagResources, ListTagResources };
