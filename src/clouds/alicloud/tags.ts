import type { Tags } from '../cloud.ts';

/** Tags as ECS takes them. */
export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** As ECS answers: `TagKey` and `TagValue`, or `Key` and `Value`, in a wrapper. */
export interface WireTags {
  Tag?: { TagKey?: string; TagValue?: string; Key?: string; Value?: string }[];
}

/** Tags as bake writes them. */
export const tagRecord = (tags: WireTags | undefined): Tags =>
  Object.fromEntries(
    (tags?.Tag ?? []).map(({ TagKey, TagValue, Key, Value }) => [
      TagKey ?? Key ?? '',
      TagValue ?? Value ?? '',
    ]),
  );

/** Whether all of these tags are carried, with one of the values. */
export const carries = (tags: Tags, wanted: Record<string, string | string[]>): boolean =>
  Object.entries(wanted).every(
    ([key, value]) => tags[key] !== undefined && [value].flat().includes(tags[key]),
  );
