import { groups, invalid } from '../../engine/autoscaling/groups.ts';
import { deleteTags, putTags, type TagRequest } from '../../engine/autoscaling/tags.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { viewTag } from './group-view.ts';
import { pageOf, passes } from './paging.ts';

export const CreateOrUpdateTags: Operation = (input, { engine }) =>
  putTags(engine, input.objects('Tags').map(readTag));

export const DeleteTags: Operation = (input, { engine }) =>
  deleteTags(engine, input.objects('Tags').map(readTag));

export const DescribeTags: Operation = (input, { engine }) => {
  const all = groups(engine)
    .all()
    .flatMap(({ name, tags }) => tags.map((tag) => viewTag(name, tag)));
  const found = all.filter((tag) => passes(input, (filter) => tagValues(tag, filter)));
  const { items, next } = pageOf(input, found);
  return { Tags: items, NextToken: next };
};

function tagValues(tag: ReturnType<typeof viewTag>, filter: string): string[] {
  if (filter === 'auto-scaling-group') return [tag.ResourceId];
  if (filter === 'key') return [tag.Key];
  if (filter === 'value') return [tag.Value];
  if (filter === 'propagate-at-launch') return [String(tag.PropagateAtLaunch)];
  throw invalid(`Filter type ${filter} is not correct.`);
}

/** Each tag names its group. */
function readTag(input: Input): TagRequest {
  const type = input.text('ResourceType') ?? 'auto-scaling-group';
  if (type !== 'auto-scaling-group') throw invalid(`The resource type ${type} is not supported.`);
  return {
    group: input.require('ResourceId'),
    key: input.require('Key'),
    value: input.text('Value'),
    propagate: input.bool('PropagateAtLaunch'),
  };
}
