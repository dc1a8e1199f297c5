import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { type GroupTag, groups, invalid, requireGroup, requireLiveGroup } from './groups.ts';

/** A tag as requests name it: the group it belongs to comes with it. */
export interface TagRequest {
  group: string;
  key: string;
  value?: string;
  propagate?: boolean;
}

const MOST_TAGS = 50;

/** Sets tags on groups; all or none. Running instances keep the tags that they have. */
export function putTags(engine: Engine, requests: TagRequest[]): void {
  checkTags(requests);
  for (const { group } of requests) requireLiveGroup(engine, group);
  for (const name of new Set(requests.map(({ group }) => group))) {
    const tags = new Map(requireGroup(engine, name).tags.map((tag) => [tag.key, tag]));
    for (const request of requests.filter(({ group }) => group === name))
      tags.set(request.key, toTag(request));
    if (tags.size > MOST_TAGS) throw new ServiceError('LimitExceeded', `A group can have ${MOST_TAGS} tags.`);
    groups(engine).patch(name, { tags: [...tags.values()] });
  }
}

/** With a value only where it is the same; a tag that is not there is no error. */
export function deleteTags(engine: Engine, requests: TagRequest[]): void {
  for (const { group: name, key, value } of requests) {
    const { tags } = requireLiveGroup(engine, name);
    const kept = tags.filter((tag) => tag.key !== key || (value !== undefined && tag.value !== value));
    groups(engine).patch(name, { tags: kept });
  }
}

export const toTag = ({ key, value = '', propagate = false }: TagRequest): GroupTag => ({
  key,
  value,
  propagate,
});

/** Throws ValidationError. Source: AWS "Tag naming and usage conventions". */
export function checkTags(tags: { key: string; value?: string }[]): void {
  for (const { key, value = '' } of tags) {
    if (/^aws:/i.test(key)) throw invalid('aws: prefixed tag key names are not allowed for external use.');
    if (key === '' || key.length > 128) throw invalid('A tag key must have 1 to 128 characters.');
    if (value.length > 256) throw invalid('A tag value must have at most 256 characters.');
  }
}
