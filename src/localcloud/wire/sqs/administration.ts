import { cancelMoveTask, moveTasksOf, startMoveTask } from '../../engine/queues/move-tasks.ts';
import { addPermission, removePermission } from '../../engine/queues/permissions.ts';
import type { Operation } from '../service.ts';
import { queueNameOf } from './queues.ts';

const AddPermission: Operation = (input, { engine }) =>
  addPermission(engine, queueNameOf(input, engine), {
    label: input.require('Label'),
    accounts: input.list('AWSAccountIds'),
    actions: input.list('Actions'),
  });

const RemovePermission: Operation = (input, { engine }) =>
  removePermission(engine, queueNameOf(input, engine), input.require('Label'));

const StartMessageMoveTask: Operation = (input, { engine }) => {
  const { handle } = startMoveTask(engine, {
    sourceArn: input.require('SourceArn'),
    destinationArn: input.text('DestinationArn'),
    perSecond: input.int('MaxNumberOfMessagesPerSecond'),
  });
  return { TaskHandle: handle };
};

/** Up to ten, the newest only unless more are asked for. A handle is shown of a running task only. */
const ListMessageMoveTasks: Operation = (input, { engine }) => {
  const most = Math.min(Math.max(1, input.int('MaxResults') ?? 1), 10);
  return {
    Results: moveTasksOf(engine, input.require('SourceArn'))
      .slice(0, most)
      .map((task) => ({
        TaskHandle: task.status === 'RUNNING' ? task.handle : undefined,
        Status: task.status,
        SourceArn: task.sourceArn,
        DestinationArn: task.destinationArn,
        MaxNumberOfMessagesPerSecond: task.perSecond,
        ApproximateNumberOfMessagesMoved: task.moved,
        ApproximateNumberOfMessagesToMove: task.toMove,
        FailureReason: task.failure,
        StartedTimestamp: task.startedAt,
      })),
  };
};

const CancelMessageMoveTask: Operation = (input, { engine }) => ({
  ApproximateNumberOfMessagesMoved: cancelMoveTask(engine, input.require('TaskHandle')),
});

export const administrationOperations: Record<string, Operation> = {
  AddPermission,
  RemovePermission,
  StartMessageMoveTask,
  ListMessageMoveTasks,
  CancelMessageMoveTask,
};
