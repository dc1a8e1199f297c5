import { findEcsTemplate, findEcsVersion } from '../ecs/templates.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import {
  activeRefresh,
  type EssMember,
  type EssRefresh,
  essGroups,
  essRefreshes,
  findEssGroup,
  isLive,
  membersOf,
} from './records.ts';
import { isRefreshed } from './refresh-bounds.ts';

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
  const { version } = findEcsVersion(engine, findEcsTemplate(engine, { id: named.id }), named.version);
  // By number, not by content.
  const matches = ({ template }: EssMember) => template?.id === named.id && template.version === version;
  const old = membersOf(engine, group.groupId).filter(
    (member) => isLive(member) && isRefreshed(member) && !(request.skipMatching && matches(member)),
  );
  if (old.length === 0)
    throw refuse(
      'InvalidInstance.NoInstanceNeedBeRefreshed',
      'No instance of the scaling group needs to be refreshed.',
    );
  const taskId = engine.ids.resource('ir');
  essGroups(engine).patch(group.groupId, { launchAfter: undefined });
  return essRefreshes(engine).put(taskId, {
    taskId,
    groupId: group.groupId,
    status: 'Pending',
    template: { id: named.id, version, named: named.version },
    before: { id: group.templateId, version: group.templateVersion },
    minHealthy: request.minHealthy,
    maxHealthy: request.maxHealthy,
    skipMatching: request.skipMatching,
    checkpoints: request.checkpoints,
    checkpointPause: request.checkpointPause,
    reached: 0,
    toUpdate: old.map(({ instanceId }) => instanceId),
    total: old.length,
    finished: 0,
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

/** Throws InvalidInstanceRefreshTaskId.NotFound. */
function findRefresh(engine: Engine, groupId: string, taskId: string): EssRefresh {
  findEssGroup(engine, groupId);
  const refresh = essRefreshes(engine).get(taskId);
  if (refresh?.groupId === groupId) return refresh;
  throw refuse(
    'InvalidInstanceRefreshTaskId.NotFound',
    `The specified instance refresh task ${taskId} does not exist.`,
    404,
  );
}

const MOVING = ['Pending', 'InProgress', 'CheckpointPause'];

/** Which states each action starts from. A rollback can be neither paused nor cancelled. */
const FROM: Record<string, readonly string[]> = {
  suspend: MOVING,
  resume: ['Paused', 'CheckpointPause'],
  cancel: [...MOVING, 'Paused'],
  rollback: [...MOVING, 'Paused'],
};

/** Throws InvalidInstanceRefreshTaskId.NotFound, IncorrectInstanceRefreshTaskStatus, InstanceRefresh.RollbackNotSupported. */
export function changeRefresh(
  engine: Engine,
  { groupId, taskId }: { groupId: string; taskId: string },
  action: 'suspend' | 'resume' | 'rollback' | 'cancel',
): void {
  const refresh = findRefresh(engine, groupId, taskId);
  if (!FROM[action]!.includes(refresh.status))
    throw refuse(
      'IncorrectInstanceRefreshTaskStatus',
      `The status ${refresh.status} of the instance refresh task does not support this operation.`,
    );
  if (action === 'rollback') checkRollback(refresh);
  const status = {
    suspend: 'Paused',
    resume: 'InProgress',
    cancel: 'Cancelling',
    rollback: 'RollbackInProgress',
  } as const;
  essRefreshes(engine).patch(taskId, { status: status[action], pausedUntil: undefined });
  essGroups(engine).patch(groupId, { launchAfter: undefined });
}

/** Names that move lead nowhere back. */
function checkRollback({ before, template }: EssRefresh): void {
  if (/^\d+$/.test(before.version) && /^\d+$/.test(template.named)) return;
  throw refuse(
    'InstanceRefresh.RollbackNotSupported',
    'A launch template version that is Default or Latest cannot be rolled back.',
  );
}
