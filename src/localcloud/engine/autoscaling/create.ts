import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { sentence } from './activities.ts';
import { type GroupRecord, groups, invalid } from './groups.ts';
import { checkedHook, type HookSettings, putHook } from './hooks.ts';
import { checkSettings, checkSizes, type GroupSettings } from './settings.ts';
import { checkTags, type TagRequest, toTag } from './tags.ts';
import { checkSources, type SourceRequest } from './traffic/sources.ts';

export interface GroupRequest extends GroupSettings {
  name: string;
  tags: Omit<TagRequest, 'group'>[];
  hooks: HookSettings[];
  trafficSources?: SourceRequest[];
}

/** CreateAutoScalingGroup. Throws AlreadyExists, ValidationError. Source of the defaults: AWS API reference. */
export function createGroup(engine: Engine, request: GroupRequest): GroupRecord {
  const { name } = request;
  if (groups(engine).has(name)) {
    throw new ServiceError(
      'AlreadyExists',
      `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
    );
  }
  if (!request.template === !request.mixed) {
    throw invalid(
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
    );
  }
  if (request.min === undefined || request.max === undefined)
    throw invalid('MinSize and MaxSize are required.');
  const now = engine.clock.now();
  const sizes = { min: request.min, max: request.max, desired: request.desired ?? request.min };
  checkSizes(sizes);
  checkTags(request.tags);
  for (const hook of request.hooks) checkedHook(name, hook);
  const checked = checkSettings(engine, { subnetIds: [], ...request });
  const group = {
    name,
    arn: `arn:aws:autoscaling:${engine.region}:${engine.account}:autoScalingGroup:${engine.ids.uuid()}:autoScalingGroupName/${name}`,
    createdAt: now,
    ...sizes,
    healthCheckType: 'EC2',
    grace: 0,
    defaultCooldown: 300,
    terminationPolicies: ['Default'],
    newInstancesProtected: false,
    deletionProtection: 'none',
    suspended: [],
    metrics: [],
    trafficSources: checkSources(engine, request.trafficSources ?? []),
    tags: request.tags.map((tag) => toTag({ ...tag, group: name })),
    passive: {},
    deleting: false,
    reason: sentence(
      now,
      `a user request created an AutoScalingGroup changing the desired capacity from 0 to ${sizes.desired}`,
    ),
    scaledAt: now,
    actedAt: 0,
    ...checked,
  } as GroupRecord;
  groups(engine).put(name, group);
  for (const hook of request.hooks) putHook(engine, name, hook);
  return group;
}
