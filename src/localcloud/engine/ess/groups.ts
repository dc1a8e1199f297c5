import { addServers, removeServer } from '../clb/servers.ts';
import { findSubnet } from '../ec2/network.ts';
import { findEcsTemplate, findEcsVersion } from '../ecs/templates.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { checkLinks } from './links.ts';
import {
  activeRefresh,
  type EssGroup,
  essActivities,
  essGroups,
  findEssGroup,
  isServing,
  membersOf,
  type ServerGroupLink,
} from './records.ts';

const refuse = (code: string, message: string, status = 400) => new ServiceError(code, message, status);

/** What a request may say of a group; what it leaves out stays as it is. */
export type GroupSettings = Partial<
  Pick<
    EssGroup,
    | 'name'
    | 'min'
    | 'max'
    | 'desired'
    | 'templateId'
    | 'templateVersion'
    | 'subnetIds'
    | 'multiAzPolicy'
    | 'healthCheckType'
    | 'scalingPolicy'
    | 'removalPolicies'
    | 'cooldown'
    | 'deletionProtection'
  >
>;

/**
 * A new group is inactive and launches nothing. Source: ESS 2022-02-22, CreateScalingGroup. Throws InvalidScalingGroupName.Duplicate,
 * InvalidParameter.Conflict, InvalidVSwitchId.NotFound, InvalidLaunchTemplate.NotFound, InvalidVServerGroupId.NotFound.
 */
export function createGroup(
  engine: Engine,
  settings: GroupSettings & Pick<EssGroup, 'name' | 'min' | 'max' | 'tags' | 'links'>,
): EssGroup {
  const groupId = engine.ids.resource('asg');
  const now = engine.clock.now();
  const group: EssGroup = {
    groupId,
    state: 'Inactive',
    templateId: '',
    templateVersion: 'Default',
    subnetIds: [],
    multiAzPolicy: 'PRIORITY',
    healthCheckType: 'ECS',
    scalingPolicy: 'release',
    removalPolicies: ['OldestScalingConfiguration', 'OldestInstance'],
    cooldown: 300,
    suspended: [],
    deletionProtection: false,
    createdAt: now,
    modifiedAt: now,
    ...settings,
    desired: settings.desired ?? settings.min,
  };
  checkGroup(engine, group);
  checkLinks(engine, group.links);
  return essGroups(engine).put(groupId, group);
}

/** Does not touch the instances that are there. Throws IncorrectScalingGroupStatus and what `createGroup` throws. */
export function modifyGroup(engine: Engine, groupId: string, settings: GroupSettings): void {
  const before = findEssGroup(engine, groupId);
  if (before.state === 'Deleting') throw wrongStatus();
  const group = { ...before, ...settings };
  // Bounds that are moved take the capacity with them, unless the request names it.
  if (settings.desired === undefined)
    group.desired = Math.min(Math.max(before.desired, group.min), group.max);
  checkGroup(engine, group);
  essGroups(engine).put(groupId, {
    ...group,
    modifiedAt: engine.clock.now(),
    launchAfter: undefined,
  });
}

function checkGroup(engine: Engine, group: EssGroup): void {
  const { name, min, max, desired } = group;
  if (!/^[\p{L}\d][\p{L}\d_.-]{1,63}$/u.test(name))
    throw refuse('InvalidScalingGroupName.Malformed', 'The specified scaling group name is not valid.');
  const twin = essGroups(engine).filter((one) => one.name === name && one.groupId !== group.groupId);
  if (twin.length > 0)
    throw refuse('InvalidScalingGroupName.Duplicate', 'The specified scaling group name already exists.');
  if (min < 0 || max > 2_000 || min > max)
    throw refuse('InvalidParameter.Conflict', 'The value of MinSize and MaxSize are conflict.');
  if (desired < min || desired > max)
    throw refuse(
      'InvalidParameter.Conflict',
      `The value of DesiredCapacity ${desired} is not between MinSize ${min} and MaxSize ${max}.`,
    );
  if (group.subnetIds.length === 0)
    throw refuse('MissingParameter.VSwitchIds', 'VSwitchIds is mandatory for this action.');
  for (const subnetId of group.subnetIds) findSubnet(engine, subnetId);
  if (group.templateId !== '')
    findEcsVersion(engine, findEcsTemplate(engine, { id: group.templateId }), group.templateVersion);
  if (group.healthCheckType === 'LOAD_BALANCER' && group.links.length > 0)
    throw refuse(
      'InvalidParameter.Conflict',
      'HealthCheckType LOAD_BALANCER does not work with classic load balancers.',
    );
}

const wrongStatus = () =>
  refuse(
    'IncorrectScalingGroupStatus',
    'The current status of the specified scaling group does not support this action.',
  );

/** Throws MissingActiveScalingConfiguration, IncorrectScalingGroupStatus. */
export function enableGroup(
  engine: Engine,
  groupId: string,
  template?: { id: string; version: string },
): void {
  const group = findEssGroup(engine, groupId);
  if (group.state !== 'Inactive') throw wrongStatus();
  const { id, version } = template ?? { id: group.templateId, version: group.templateVersion };
  if (id === '')
    throw refuse(
      'MissingActiveScalingConfiguration',
      'An active scaling configuration or a launch template is required for the specified scaling group.',
    );
  findEcsVersion(engine, findEcsTemplate(engine, { id }), version);
  essGroups(engine).patch(groupId, { state: 'Active', templateId: id, templateVersion: version });
}

/** Its instances stay as they are. Throws IncorrectScalingGroupStatus, ScalingActivityInProgress. */
export function disableGroup(engine: Engine, groupId: string): void {
  requireActive(findEssGroup(engine, groupId));
  requireRest(engine, groupId);
  essGroups(engine).patch(groupId, { state: 'Inactive' });
}

/** Throws IncorrectScalingGroupStatus. */
export function requireActive(group: EssGroup): EssGroup {
  if (group.state !== 'Active') throw wrongStatus();
  return group;
}

/** One thing at a time. Throws ScalingActivityInProgress. */
export function requireRest(engine: Engine, groupId: string): void {
  const active = essActivities(engine).filter(
    (activity) => activity.groupId === groupId && activity.status === 'InProgress',
  );
  if (active.length > 0 || activeRefresh(engine, groupId))
    throw refuse(
      'ScalingActivityInProgress',
      'The specified scaling group is currently executing a scaling activity.',
    );
}

/** With its instances only by force. Throws InstanceInUse, InvalidOperation.DeletionProtection. */
export function deleteGroup(engine: Engine, groupId: string, force: boolean): void {
  const group = findEssGroup(engine, groupId);
  if (group.deletionProtection)
    throw refuse(
      'InvalidOperation.DeletionProtection',
      'The scaling group is protected against deletion.',
      403,
    );
  if (!force && membersOf(engine, groupId).length > 0)
    throw refuse('InstanceInUse', 'There are still instances in the specified scaling group.');
  essGroups(engine).patch(groupId, { state: 'Deleting', desired: 0, min: 0 });
}

const isOf = (link: ServerGroupLink) => (other: ServerGroupLink) =>
  other.serverGroupId === link.serverGroupId && other.port === link.port;

/** `force`: also the instances that are there, at once. Throws InvalidVServerGroupId.NotFound, IncorrectLoadBalancerHealthCheck. */
export function attachLinks(engine: Engine, groupId: string, links: ServerGroupLink[], force: boolean): void {
  const group = requireActiveOrInactive(findEssGroup(engine, groupId));
  checkLinks(engine, links);
  const kept = group.links.filter((link) => !links.some(isOf(link)));
  essGroups(engine).patch(groupId, { links: [...kept, ...links] });
  if (!force) return;
  for (const member of membersOf(engine, groupId)) {
    if (!isServing(member) && member.state !== 'Standby') continue;
    for (const { serverGroupId, port, weight } of links)
      addServers(engine, serverGroupId, [
        { serverId: member.instanceId, port, weight: member.state === 'Standby' ? 0 : weight },
      ]);
  }
}

/** `force`: the instances that are there leave at once, else they stay in. */
export function detachLinks(engine: Engine, groupId: string, links: ServerGroupLink[], force: boolean): void {
  const group = requireActiveOrInactive(findEssGroup(engine, groupId));
  const gone = group.links.filter((link) => links.some(isOf(link)));
  essGroups(engine).patch(groupId, { links: group.links.filter((link) => !gone.includes(link)) });
  if (!force) return;
  for (const { instanceId } of membersOf(engine, groupId))
    for (const { serverGroupId, port } of gone) removeServer(engine, serverGroupId, instanceId, port);
}

function requireActiveOrInactive(group: EssGroup): EssGroup {
  if (group.state === 'Deleting') throw wrongStatus();
  return group;
}
