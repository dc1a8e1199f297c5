import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { findTaggable, type Tags } from './resources.ts';

/** EC2: at most 50 tags a resource, besides those under `aws:`. */
const MOST_TAGS = 50;

/**
 * Sets tags on resources of any kind; all or none. `aws:` keys are the engine's own to set: what a user sends goes
 * through `checkUserTags` first.
 */
export function addTags(engine: Engine, resourceIds: string[], tags: Tags): void {
  const changes = resourceIds.map((id) => {
    const table = findTaggable(engine, id);
    const merged = { ...table.get(id)?.tags, ...tags };
    if (Object.keys(merged).filter((key) => !key.startsWith('aws:')).length > MOST_TAGS) {
      throw new ServiceError('TagLimitExceeded', `More than ${MOST_TAGS} tags on ${id}.`);
    }
    return () => table.patch(id, { tags: merged });
  });
  for (const change of changes) change();
}

/** Removes tags: all of them without `keys`; with a value only where the value is the same. */
export function removeTags(
  engine: Engine,
  resourceIds: string[],
  keys: { key: string; value?: string }[],
): void {
  const changes = resourceIds.map((id) => {
    const table = findTaggable(engine, id);
    const goes = (key: string, value: string) =>
      !key.startsWith('aws:') &&
      (keys.length === 0 || keys.some((k) => k.key === key && (k.value === undefined || k.value === value)));
    const kept = Object.entries(table.get(id)?.tags ?? {}).filter(([key, value]) => !goes(key, value));
    return () => table.patch(id, { tags: Object.fromEntries(kept) });
  });
  for (const change of changes) change();
}

/** What a user may not send. EC2 user guide, "Tag restrictions". */
export function checkUserTags(tags: Tags): void {
  for (const [key, value] of Object.entries(tags)) {
    if (/^aws:/i.test(key)) {
      throw new ServiceError(
        'InvalidParameterValue',
        `Tag keys starting with 'aws:' are reserved for internal use`,
      );
    }
    if (key === '' || key.length > 128) {
      throw new ServiceError('InvalidParameterValue', `Tag key '${key}' must have 1 to 128 characters.`);
    }
    if (value.length > 256) {
      throw new ServiceError(
        'InvalidParameterValue',
        `The value of tag '${key}' is longer than 256 characters.`,
      );
    }
  }
  if (Object.keys(tags).length > MOST_TAGS)
    throw new ServiceError('TagLimitExceeded', `More than ${MOST_TAGS} tags.`);
}
