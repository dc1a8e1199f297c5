import {
  attachLinks,
  createGroup,
  deleteGroup,
  detachLinks,
  disableGroup,
  enableGroup,
  type GroupSettings,
  modifyGroup,
} from '../../../engine/ess/groups.ts';
import { suspendProcesses } from '../../../engine/ess/manual.ts';
import { type EssGroup, essGroups, essHooks } from '../../../engine/ess/records.ts';
import type { Input } from '../../input.ts';
import type { Operation } from '../../service.ts';
import { pageOf } from '../ecs/input.ts';
import { inward } from '../ids.ts';
import { groupView } from './group-view.ts';
import { createHooks } from './hooks.ts';
import { groupTagsOf, linksOf, onceFor, oneOf } from './input.ts';

const AZ_POLICIES = ['PRIORITY', 'BALANCE', 'COST_OPTIMIZED', 'COMPOSABLE'] as const;
const HEALTH_CHECKS = ['ECS', 'LOAD_BALANCER', 'NONE'] as const;
const SCALING_POLICIES = ['release', 'recycle', 'forcerelease', 'forcerecycle'] as const;

/** What creating and modifying have in common; absent where it is not given. */
function settingsOf(input: Input): GroupSettings {
  const subnets = [...input.list('VSwitchIds'), ...[input.text('VSwitchId') ?? []].flat()];
  const removal = input.list('RemovalPolicies');
  const template = input.text('LaunchTemplateId');
  const settings: GroupSettings = {
    name: input.text('ScalingGroupName'),
    min: input.int('MinSize'),
    max: input.int('MaxSize'),
    desired: input.int('DesiredCapacity'),
    templateId: template,
    templateVersion: input.text('LaunchTemplateVersion') ?? (template === undefined ? undefined : 'Default'),
    subnetIds: subnets.length > 0 ? subnets.map(inward) : undefined,
    multiAzPolicy: oneOf(input, 'MultiAZPolicy', AZ_POLICIES),
    healthCheckType: input.list('HealthCheckTypes')[0] ?? oneOf(input, 'HealthCheckType', HEALTH_CHECKS),
    scalingPolicy: oneOf(input, 'ScalingPolicy', SCALING_POLICIES),
    removalPolicies: removal.length > 0 ? removal : undefined,
    cooldown: input.int('DefaultCooldown'),
    deletionProtection: input.bool('GroupDeletionProtection'),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

const CreateScalingGroup: Operation = (input, { engine }) => ({
  ScalingGroupId: onceFor(engine, 'CreateScalingGroup', input, () => {
    const { groupId } = createGroup(engine, {
      ...settingsOf(input),
      name: input.text('ScalingGroupName') ?? engine.ids.resource('asg'),
      min: input.requireInt('MinSize'),
      max: input.requireInt('MaxSize'),
      links: linksOf(input),
      tags: groupTagsOf(input),
    });
    try {
      createHooks(engine, groupId, input);
    } catch (error) {
      // All of it or nothing.
      for (const hook of essHooks(engine).all())
        if (hook.groupId === groupId) essHooks(engine).delete(hook.hookId);
      essGroups(engine).delete(groupId);
      throw error;
    }
    return groupId;
  }),
});

const EnableScalingGroup: Operation = (input, { engine }) => {
  const id = input.text('LaunchTemplateId');
  const template = id && { id, version: input.text('LaunchTemplateVersion') ?? 'Default' };
  enableGroup(engine, input.require('ScalingGroupId'), template || undefined);
  return {};
};

const DisableScalingGroup: Operation = (input, { engine }) => {
  disableGroup(engine, input.require('ScalingGroupId'));
  return {};
};

const ModifyScalingGroup: Operation = (input, { engine }) => {
  modifyGroup(engine, input.require('ScalingGroupId'), settingsOf(input));
  return {};
};

const DeleteScalingGroup: Operation = (input, { engine }) => {
  deleteGroup(engine, input.require('ScalingGroupId'), input.bool('ForceDelete') ?? false);
  return {};
};

const SetGroupDeletionProtection: Operation = (input, { engine }) => {
  input.require('GroupDeletionProtection');
  modifyGroup(engine, input.require('ScalingGroupId'), {
    deletionProtection: input.bool('GroupDeletionProtection'),
  });
  return {};
};

/** Ids that are not known are left out. */
const DescribeScalingGroups: Operation = (input, { engine }) => {
  const ids = input.list('ScalingGroupIds');
  const names = input.list('ScalingGroupNames');
  const name = input.text('ScalingGroupName');
  const found = essGroups(engine).filter(
    (group) =>
      (ids.length === 0 || ids.includes(group.groupId)) &&
      (names.length === 0 || names.includes(group.name)) &&
      (name === undefined || group.name.includes(name)) &&
      carries(group, input),
  );
  const { items, view } = pageOf(input, found, 50);
  const { NextToken: _, ...page } = view;
  return { ...page, ScalingGroups: items.map((group) => groupView(engine, group)) };
};

const carries = ({ tags }: EssGroup, input: Input): boolean =>
  input
    .objects('Tags')
    .every((wanted) =>
      tags.some(
        ({ key, value }) =>
          key === wanted.text('Key') && (!wanted.has('Value') || value === wanted.text('Value')),
      ),
    );

const AttachVServerGroups: Operation = (input, { engine }) => {
  const force = input.bool('ForceAttach') ?? false;
  attachLinks(engine, input.require('ScalingGroupId'), linksOf(input), force);
  return {};
};

const DetachVServerGroups: Operation = (input, { engine }) => {
  const force = input.bool('ForceDetach') ?? false;
  // The weight says nothing here.
  detachLinks(engine, input.require('ScalingGroupId'), linksOf(input), force);
  return {};
};

const SuspendProcesses: Operation = (input, { engine }) => {
  suspendProcesses(engine, input.require('ScalingGroupId'), input.list('Processes'), true);
  return {};
};

const ResumeProcesses: Operation = (input, { engine }) => {
  suspendProcesses(engine, input.require('ScalingGroupId'), input.list('Processes'), false);
  return {};
};

export const groupOperations: Record<string, Operation> = {
  CreateScalingGroup,
  EnableScalingGroup,
  DisableScalingGroup,
  ModifyScalingGroup,
  DeleteScalingGroup,
  DescribeScalingGroups,
  SetGroupDeletionProtection,
  AttachVServerGroups,
  DetachVServerGroups,
  SuspendProcesses,
  ResumeProcesses,
};
