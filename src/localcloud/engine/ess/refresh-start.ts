import { findEcsTemplate, findEcsVersion } from '../ecs/templates.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import {
  activeRefresh,
  type EssRefresh,
  essRefreshes,
  findEssGroup,
  hasEnded,
  isLive,
  membersOf,
} from './records.ts';

export interface RefreshRequest {
  groupId: string;
  template?: { id: string; version: string };
  /** Refused where the group has a launch template. */
  imageId?: string;
  minHealthy: number;
  maxHealthy: number;
  skipMatching: boolean;
  checkpoints: number[];
  /** Milliseconds. */
  checkpointPause: number;
}

const refuse = (code: string, message: string, status = 400) => new ServiceError(code, message, status);

/**
 * Source: ESS 2022-02-22, StartInstanceRefresh. Throws IncorrectScalingGroupStatus, InvalidParameter, InstanceRefresh.AlreadyExists,
 * InvalidInstance.NoInstanceNeedBeRefreshed and others, in the service's words.
 */
export function startRefresh(engine: Engine, request: RefreshRequest): EssRefresh {
  const group = findEssGroup(engine, request.groupId);
  if (group.state !== 'Active')
    throw refuse(
      'IncorrectScalingGroupStatus',
      'The current status of the scaling group does not support this operation.',
    );
  if (activeRefresh(engine, group.groupId))
    throw refuse(
      'InstanceRefreshTaskInProgress',
      'An instance refresh task of the scaling group is in progress.',
    );
  if (group.multiAzPolicy !== 'PRIORITY')
    throw refuse(
      'InstanceRefresh.MultiAZPolicyNotSupported',
      'Instance refresh supports the priority policy only.',
    );
  if (/recycle/i.test(group.scalingPolicy))
    throw refuse(
      'InstanceRefresh.ScalingPolicyNotSupported',
      'Instance refresh does not support the recycle modes.',
    );
  if (request.imageId !== undefined)
    throw refuse(
      'InvalidParameter.DesiredConfiguration',
      'The scaling group uses a launch template: DesiredConfiguration.ImageId cannot be used.',
    );
  checkBounds(request);
  const named = request.template ?? { id: group.templateId, version: group.templateVersion };
  const template = findEcsTemplate(engine, { id: named.id });
  const { version } = findEcsVersion(engine, template, named.version);
  const old = membersOf(engine, group.groupId).filter(
    (member) =>
      isLive(member) &&
      !member.attached &&
      member.state !== 'Protected' &&
      !(request.skipMatching && member.templateVersion === version && group.templateId === named.id),
  );
  if (old.length === 0)
    throw refuse(
      'InvalidInstance.NoInstanceNeedBeRefreshed',
      'No instance of the scaling group needs to be refreshed.',
    );
  const taskId = engine.ids.resource('ir');
  return essRefreshes(engine).put(taskId, {
    taskId,
    groupId: group.groupId,
    status: 'Pending',
    template: { id: named.id, version },
    before: { id: group.templateId, version: group.templateVersion },
    minHealthy: request.minHealthy,
    maxHealthy: request.maxHealthy,
    skipMatching: request.skipMatching,
    checkpoints: request.checkpoints,
    checkpointPause: request.checkpointPause,
    reached: 0,
    toUpdate: old.map(({ instanceId }) => instanceId),
    total: old.length,
    startedAt: engine.clock.now(),
    detail: '',
  });
}

function checkBounds({ minHealthy, maxHealthy, checkpoints, checkpointPause }: RefreshRequest): void {
  const bad = (name: string) =>
    refuse(`InvalidParameter.${name}`, `The specified value of parameter ${name} is not valid.`);
  if (minHealthy < 0 || minHealthy > 100) throw bad('MinHealthyPercentage');
  if (maxHealthy < 100 || maxHealthy > 200) throw bad('MaxHealthyPercentage');
  const ascending = checkpoints.every(
    (value, at) => value >= 1 && value <= 100 && (at === 0 || value > checkpoints[at - 1]!),
  );
  if (checkpoints.length > 0 && (!ascending || checkpoints.at(-1) !== 100)) throw bad('Checkpoints');
  if (checkpointPause < 60_000 || checkpointPause > 2_880 * 60_000) throw bad('CheckpointPauseTime');
}

/** The task, to be changed. Throws InvalidInstanceRefreshTaskId.NotFound, IncorrectInstanceRefreshTaskStatus. */
export function changeRefresh(
  engine: Engine,
  { groupId, taskId }: { groupId: string; taskId: string },
  action: 'suspend' | 'resume' | 'rollback' | 'cancel',
): void {
  findEssGroup(engine, groupId);
  const refresh = essRefreshes(engine).get(taskId);
  if (refresh?.groupId !== groupId)
    throw refuse(
      'InvalidInstanceRefreshTaskId.NotFound',
      `The specified instance refresh task ${taskId} does not exist.`,
      404,
    );
  const wrong = () =>
    refuse(
      'IncorrectInstanceRefreshTaskStatus',
      `The status ${refresh.status} of the instance refresh task does not support this operation.`,
    );
  if (hasEnded(refresh) || refresh.status === 'Cancelling') throw wrong();
  const set = (fields: Partial<EssRefresh>) => essRefreshes(engine).patch(taskId, fields);
  const paused = refresh.status === 'Paused' || refresh.status === 'CheckpointPause';
  switch (action) {
    case 'suspend':
      if (refresh.status === 'RollbackInProgress') throw wrong();
      return void set({ status: 'Paused', pausedUntil: undefined });
    case 'resume':
      if (!paused) throw wrong();
      return void set({ status: 'InProgress', pausedUntil: undefined });
    case 'cancel':
      if (refresh.status === 'RollbackInProgress') throw wrong();
      return void set({ status: 'Cancelling', pausedUntil: undefined });
    case 'rollback': {
      if (refresh.status === 'RollbackInProgress') throw wrong();
      if (!/^\d+$/.test(refresh.before.version))
        throw refuse(
          'InstanceRefresh.RollbackNotSupported',
          'The scaling group uses the default or the latest version of its launch template, so there is nothing to roll back to.',
        );
      return void set({ status: 'RollbackInProgress', pausedUntil: undefined, toUpdate: [] });
    }
  }
}
