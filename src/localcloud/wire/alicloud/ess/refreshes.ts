import type { Engine } from '../../../engine/engine.ts';
import { ServiceError } from '../../../engine/errors.ts';
import { type EssRefresh, essRefreshes, findEssGroup } from '../../../engine/ess/records.ts';
import { changeRefresh, startRefresh } from '../../../engine/ess/refresh-start.ts';
import { progressOf } from '../../../engine/ess/refresh-step.ts';
import type { Operation } from '../../service.ts';
import { pageOf, utc } from '../ecs/input.ts';
import { inward } from '../ids.ts';
import { onceFor } from './input.ts';

/** Milliseconds. */
const MINUTE = 60_000;

/** Source: ESS 2022-02-22, StartInstanceRefresh, with its defaults. */
const StartInstanceRefresh: Operation = (input, { engine }) => {
  const desired = input.object('DesiredConfiguration');
  if (desired?.has('ScalingConfigurationId'))
    throw new ServiceError(
      'InvalidScalingConfigurationId.NotFound',
      'The specified scaling configuration does not exist: groups here have launch templates.',
      404,
    );
  const id = desired?.text('LaunchTemplateId');
  const imageId = desired?.text('ImageId');
  return {
    InstanceRefreshTaskId: onceFor(
      engine,
      'StartInstanceRefresh',
      input,
      () =>
        startRefresh(engine, {
          groupId: input.require('ScalingGroupId'),
          template: id ? { id, version: desired?.text('LaunchTemplateVersion') ?? 'Default' } : undefined,
          imageId: imageId && inward(imageId),
          minHealthy: input.int('MinHealthyPercentage') ?? 80,
          maxHealthy: input.int('MaxHealthyPercentage') ?? 120,
          skipMatching: input.bool('SkipMatching') ?? true,
          checkpoints: input.objects('Checkpoints').map((checkpoint) => checkpoint.requireInt('Percentage')),
          checkpointPause: (input.int('CheckpointPauseTime') ?? 60) * MINUTE,
        }).taskId,
    ),
  };
};

function refreshView(engine: Engine, refresh: EssRefresh): object {
  const { template } = refresh;
  return {
    InstanceRefreshTaskId: refresh.taskId,
    ScalingGroupId: refresh.groupId,
    RegionId: engine.region,
    Status: refresh.status,
    Detail: refresh.detail || undefined,
    TotalNeedUpdateCapacity: refresh.total,
    FinishedUpdateCapacity: progressOf(engine, refresh).finished,
    MinHealthyPercentage: refresh.minHealthy,
    MaxHealthyPercentage: refresh.maxHealthy,
    SkipMatching: refresh.skipMatching,
    Checkpoints: refresh.checkpoints.map((Percentage) => ({ Percentage })),
    CheckpointPauseTime: refresh.checkpointPause / MINUTE,
    DesiredConfiguration: {
      LaunchTemplateId: template.id,
      LaunchTemplateVersion: template.named,
    },
    StartTime: utc(refresh.startedAt),
    EndTime: refresh.endedAt === undefined ? undefined : utc(refresh.endedAt),
  };
}

/** Newest first. */
const DescribeInstanceRefreshes: Operation = (input, { engine }) => {
  const { groupId } = findEssGroup(engine, input.require('ScalingGroupId'));
  const ids = input.list('InstanceRefreshTaskIds');
  const found = essRefreshes(engine)
    .filter((refresh) => refresh.groupId === groupId && (ids.length === 0 || ids.includes(refresh.taskId)))
    .reverse();
  const { items, view } = pageOf(input, found, 50);
  return {
    TotalCount: view.TotalCount,
    MaxResults: view.PageSize,
    NextToken: view.NextToken || undefined,
    InstanceRefreshTasks: items.map((refresh) => refreshView(engine, refresh)),
  };
};

const changing =
  (action: Parameters<typeof changeRefresh>[2]): Operation =>
  (input, { engine }) => {
    changeRefresh(
      engine,
      { groupId: input.require('ScalingGroupId'), taskId: input.require('InstanceRefreshTaskId') },
      action,
    );
    return {};
  };

export const refreshOperations: Record<string, Operation> = {
  StartInstanceRefresh,
  DescribeInstanceRefreshes,
  SuspendInstanceRefresh: changing('suspend'),
  ResumeInstanceRefresh: changing('resume'),
  RollbackInstanceRefresh: changing('rollback'),
  CancelInstanceRefresh: changing('cancel'),
};
