import { once } from '../../engine/ec2/client-tokens.ts';
import {
  findRootTask,
  type RootTaskRecord,
  replaceRootVolume,
  rootTasks,
} from '../../engine/ec2/replace-root.ts';
import type { Operation } from '../service.ts';
import { filtered } from './filters.ts';
import { page } from './paging.ts';
import { tagSet, tagSpecifications } from './tag-wire.ts';

const TYPE = 'replace-root-volume-task';

const time = (at: number | undefined) => at && new Date(at).toISOString();

const view = (task: RootTaskRecord) => ({
  replaceRootVolumeTaskId: task.taskId,
  instanceId: task.instanceId,
  taskState: task.state,
  startTime: time(task.startedAt),
  completeTime: time(task.completedAt),
  imageId: task.imageId,
  snapshotId: task.snapshotId,
  deleteReplacedRootVolume: task.deleteReplaced,
  tagSet: tagSet(task.tags),
});

const CreateReplaceRootVolumeTask: Operation = (input, { engine }) => {
  const { ClientToken: _token, ...parameters } = input.values;
  const request = {
    instanceId: input.require('InstanceId'),
    imageId: input.text('ImageId'),
    snapshotId: input.text('SnapshotId'),
    deleteReplaced: input.bool('DeleteReplacedRootVolume') ?? false,
    tags: tagSpecifications(input, [TYPE])[TYPE] ?? {},
  };
  const token = input.text('ClientToken');
  const [id] = once(engine, 'CreateReplaceRootVolumeTask', token, parameters, () => [
    replaceRootVolume(engine, request).taskId,
  ]);
  return { replaceRootVolumeTask: view(findRootTask(engine, id as string)) };
};

const DescribeReplaceRootVolumeTasks: Operation = (input, { engine }) => {
  const ids = input.list('ReplaceRootVolumeTaskId');
  const known = ids.length > 0 ? ids.map((id) => findRootTask(engine, id)) : rootTasks(engine).all();
  const found = filtered(input, known, { 'instance-id': (t) => t.instanceId, 'task-state': (t) => t.state });
  const { items, nextToken } = page(input, found, (t) => t.taskId);
  return { replaceRootVolumeTaskSet: items.map(view), nextToken };
};

export const replaceRootOperations: Record<string, Operation> = {
  CreateReplaceRootVolumeTask,
  DescribeReplaceRootVolumeTasks,
};
