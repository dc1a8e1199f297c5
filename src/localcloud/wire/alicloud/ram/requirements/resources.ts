import type { Context } from '../../../../engine/iam/patterns.ts';
import type { Asked } from '../../../iam/requirements/requirement.ts';
import { objectsOf } from '../../../iam/requirements/requirement.ts';
import type { Input } from '../../../input.ts';
import { accountId } from '../../account.ts';

/** `acs:ecs:eu-central-1:0000000000000000:instance/i-1` */
export const acs = (asked: Asked, product: string, type: string, id: string): string =>
  `acs:${product}:${asked.region}:${accountId(asked)}:${type}/${id}`;

/** Tags that the resource carries. Source: RAM "Use tags to control access"; `ecs:tag/*` is the older name. */
export const resourceTags = (tags: Record<string, string>, product: string): Context =>
  Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => [
      [`acs:ResourceTag/${key}`, value],
      [`${product}:tag/${key}`, value],
    ]),
  );

/** Tags that come with the request, whatever resources it is about. Those of launch templates (`TemplateTag`) are no such. */
export const requestTags = (input: Input): Context =>
  Object.fromEntries(
    ['Tag', 'Tags'].flatMap((name) =>
      objectsOf(input, name).map((tag) => [
        `acs:RequestTag/${tag.text('Key') ?? ''}`,
        tag.text('Value') ?? '',
      ]),
    ),
  );
