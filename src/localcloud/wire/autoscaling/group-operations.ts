import { setDesiredCapacity } from '../../engine/autoscaling/capacity.ts';
import { createGroup } from '../../engine/autoscaling/create.ts';
import { deleteGroup } from '../../engine/autoscaling/delete.ts';
import { type GroupRecord, groups, invalid } from '../../engine/autoscaling/groups.ts';
import { updateGroup } from '../../engine/autoscaling/update.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { readSettings } from './group-request.ts';
import { viewGroup } from './group-view.ts';
import { readHook } from './hook-request.ts';
import { pageOf, passes } from './paging.ts';
import { readSource } from './traffic-operations.ts';

export const CreateAutoScalingGroup: Operation = (input, { engine }) => {
  createGroup(engine, {
    name: readName(input),
    ...readSettings(input, engine),
    tags: input.objects('Tags').map((tag) => ({
      key: tag.require('Key'),
      value: tag.text('Value'),
      propagate: tag.bool('PropagateAtLaunch'),
    })),
    hooks: input.objects('LifecycleHookSpecificationList').map(readHook),
    trafficSources: [
      ...input.list('TargetGroupARNs').map((identifier) => ({ identifier })),
      ...input.objects('TrafficSources').map(readSource),
    ],
  });
};

export const UpdateAutoScalingGroup: Operation = (input, { engine }) =>
  updateGroup(engine, input.require('AutoScalingGroupName'), readSettings(input, engine));

export const DeleteAutoScalingGroup: Operation = (input, { engine }) =>
  deleteGroup(engine, input.require('AutoScalingGroupName'), input.bool('ForceDelete') ?? false);

export const SetDesiredCapacity: Operation = (input, { engine }) => {
  const desired = input.int('DesiredCapacity');
  if (desired === undefined) throw invalid('The request must contain the parameter DesiredCapacity');
  const honorCooldown = input.bool('HonorCooldown') ?? false;
  setDesiredCapacity(engine, input.require('AutoScalingGroupName'), desired, honorCooldown);
};

/** Names that do not exist are no error: they are not in the list. */
export const DescribeAutoScalingGroups: Operation = (input, { engine }) => {
  const names = input.list('AutoScalingGroupNames');
  const found = groups(engine)
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .filter((group) => passes(input, (filter) => tagValues(group, filter)));
  const { items, next } = pageOf(input, found);
  const includeInstances = input.bool('IncludeInstances') ?? true;
  return {
    AutoScalingGroups: items.map((group) => viewGroup(engine, group, includeInstances)),
    NextToken: next,
  };
};

function tagValues({ tags }: GroupRecord, filter: string): string[] {
  if (filter === 'tag-key') return tags.map(({ key }) => key);
  if (filter === 'tag-value') return tags.map(({ value }) => value);
  if (filter.startsWith('tag:')) {
    return tags.filter(({ key }) => key === filter.slice(4)).map(({ value }) => value);
  }
  throw invalid(
    `Filter type ${filter} is not correct. Allowed Filter types are: tag-key, tag-value, tag:<key>`,
  );
}

/** Colons are for ARNs, commas for lists. */
function readName(input: Input): string {
  const name = input.require('AutoScalingGroupName');
  if (name.length > 255 || /[:,]/.test(name)) {
    throw invalid(
      `Group name ${name} is not valid: it has 1 to 255 characters and neither a colon nor a comma.`,
    );
  }
  return name;
}
