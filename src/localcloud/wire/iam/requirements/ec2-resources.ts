import { findTaggable } from '../../../engine/ec2/resources.ts';
import type { Engine } from '../../../engine/engine.ts';
import { ServiceError } from '../../../engine/errors.ts';
import type { Context } from '../../../engine/iam/patterns.ts';
import { type Asked, type Requirement, requestTags, resourceTags } from './requirement.ts';

/** The type in a resource's ARN, by the prefix of its id. */
export const TYPES: Record<string, string> = {
  i: 'instance',
  ami: 'image',
  snap: 'snapshot',
  vol: 'volume',
  lt: 'launch-template',
  sg: 'security-group',
  key: 'key-pair',
  vpc: 'vpc',
  subnet: 'subnet',
  sir: 'spot-instances-request',
};

/** Images and snapshots belong to no account in an ARN. */
export const ec2Arn = ({ engine, region }: Pick<Asked, 'engine' | 'region'>, type: string, id: string) =>
  `arn:aws:ec2:${region}:${type === 'image' || type === 'snapshot' ? '' : engine.account}:${type}/${id}`;

export function tagsOfResource(engine: Engine, id: string): Context {
  try {
    return resourceTags(findTaggable(engine, id).get(id)?.tags ?? {}, 'ec2:ResourceTag');
  } catch (error) {
    if (error instanceof ServiceError) return {};
    throw error;
  }
}

/** Tags that are put on in the call that makes the thing. */
export function tagRequirements(
  asked: Asked,
  byType: Record<string, Record<string, string>>,
  createAction: string,
): Requirement[] {
  return Object.entries(byType)
    .filter(([, tags]) => Object.keys(tags).length > 0)
    .map(([type, tags]) => ({
      action: 'ec2:CreateTags',
      resource: ec2Arn(asked, type, '*'),
      context: { ...requestTags(tags), 'ec2:CreateAction': createAction },
    }));
}
