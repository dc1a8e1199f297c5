import { once } from '../../../engine/ec2/client-tokens.ts';
import type { Engine } from '../../../engine/engine.ts';
import { ServiceError } from '../../../engine/errors.ts';
import type { EssTag, ServerGroupLink } from '../../../engine/ess/records.ts';
import type { Input } from '../../input.ts';

/** ESS writes most times without seconds: `2026-01-01T00:00Z`. */
export const toTheMinute = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`;

/** A parameter that is one of these. Throws InvalidParameter.<name>. */
export function oneOf<T extends string>(input: Input, name: string, values: readonly T[]): T | undefined {
  const value = input.text(name);
  if (value === undefined) return undefined;
  const found = values.find((one) => one === value);
  if (found !== undefined) return found;
  throw new ServiceError(
    `InvalidParameter.${name}`,
    `The specified value of parameter ${name} is not valid: it is one of ${values.join(', ')}.`,
  );
}

/** The same request with the same `ClientToken` is carried out once, and answered alike. */
export function onceFor(engine: Engine, action: string, input: Input, make: () => string): string {
  const { ClientToken: _, ...parameters } = input.values;
  return once(engine, `ess.${action}`, input.text('ClientToken'), parameters, () => [make()])[0]!;
}

/** `VServerGroups.N.VServerGroupAttributes.N`. CLB's servers weigh 50 unless it is said. */
export const linksOf = (input: Input): ServerGroupLink[] =>
  input.objects('VServerGroups').flatMap((balancer) =>
    balancer.objects('VServerGroupAttributes').map((group) => ({
      loadBalancerId: balancer.require('LoadBalancerId'),
      serverGroupId: group.require('VServerGroupId'),
      port: group.requireInt('Port'),
      weight: group.int('Weight') ?? 50,
    })),
  );

/** ESS: tags of one group. */
const MOST_TAGS = 20;

/** `Tags.N.{Key,Value,Propagate}`. Throws InvalidTagKey.Malformed, InvalidParameter.Tags. */
export function groupTagsOf(input: Input): EssTag[] {
  const tags = input.objects('Tags').map((tag) => ({
    key: tag.require('Key'),
    value: tag.text('Value') ?? '',
    propagate: tag.bool('Propagate') ?? false,
  }));
  if (tags.length > MOST_TAGS)
    throw new ServiceError('InvalidParameter.Tags', `A scaling group has at most ${MOST_TAGS} tags.`);
  for (const { key, value } of tags)
    if (key.length > 128 || value.length > 128 || /^(aliyun|acs:)|https?:\/\//i.test(key))
      throw new ServiceError('InvalidTagKey.Malformed', `The specified tag is not valid: ${key}`);
  return tags;
}
