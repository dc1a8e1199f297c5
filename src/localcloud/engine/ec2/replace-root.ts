import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { imageIn, images } from './images.ts';
import { findInstance, type InstanceRecord, instances } from './instance-record.ts';
import { findResource, type Tags } from './resources.ts';
import { snapshotIn } from './snapshots.ts';
import { volumes } from './volumes.ts';

/** A running instance gets another root volume, and keeps everything else. */
export interface RootTaskRecord {
  taskId: string;
  instanceId: string;
  state: 'in-progress' | 'succeeded' | 'failed';
  imageId?: string;
  snapshotId?: string;
  deleteReplaced: boolean;
  startedAt: number;
  completedAt?: number;
  tags: Tags;
}

export const rootTasks = (engine: Engine) => engine.store.table<RootTaskRecord>('replaceRootVolumeTasks');

/** Throws InvalidReplaceRootVolumeTaskId.NotFound. */
export const findRootTask = (engine: Engine, id: string) =>
  findResource<RootTaskRecord>(engine, 'replacevol', id);

/**
 * The instance goes down and comes up on the disk of the image or the snapshot, or as it was launched; user data runs again. Throws
 * IncorrectInstanceState unless it runs and is at rest, InvalidAMIID.*, InvalidSnapshot.NotFound.
 */
export function replaceRootVolume(
  engine: Engine,
  request: { instanceId: string; imageId?: string; snapshotId?: string; deleteReplaced: boolean; tags: Tags },
): RootTaskRecord {
  const { instanceId, imageId, snapshotId, deleteReplaced } = request;
  const instance = findInstance(engine, instanceId);
  if (instance.state !== 'running' || instance.restart !== undefined) {
    throw new ServiceError(
      'IncorrectInstanceState',
      `The instance '${instanceId}' is not in a state in which its root volume can be replaced.`,
    );
  }
  const layers =
    snapshotId !== undefined
      ? snapshotIn(engine, engine.region, snapshotId).layers
      : imageId !== undefined
        ? imageIn(engine, engine.region, imageId).layers
        : (images(engine).get(instance.imageId)?.layers ?? instance.layers);
  instances(engine).patch(instanceId, {
    imageId: imageId ?? instance.imageId,
    layers,
    booted: false,
    restart: 'root-volume',
    blockDevices: newRoot(engine, instance, snapshotId, deleteReplaced),
  });
  const taskId = engine.ids.resource('replacevol');
  return rootTasks(engine).put(taskId, {
    taskId,
    instanceId,
    state: 'in-progress',
    imageId,
    snapshotId,
    deleteReplaced,
    startedAt: engine.clock.now(),
    tags: request.tags,
  });
}

/** The old root volume is left behind, or goes; the new one is like it. */
function newRoot(
  engine: Engine,
  instance: InstanceRecord,
  snapshotId: string | undefined,
  deleteReplaced: boolean,
): InstanceRecord['blockDevices'] {
  const attachedAt = engine.clock.now();
  return instance.blockDevices.map((device) => {
    const old = volumes(engine).get(device.volumeId);
    if (device.deviceName !== instance.rootDeviceName || !old) return device;
    const volumeId = engine.ids.resource('vol');
    volumes(engine).put(volumeId, { ...old, volumeId, snapshotId, createdAt: attachedAt, attachedAt });
    if (deleteReplaced) volumes(engine).delete(old.volumeId);
    else volumes(engine).patch(old.volumeId, { instanceId: undefined, deviceName: undefined });
    return { ...device, volumeId, attachedAt };
  });
}

/** A task ends when its instance is up again, or will not be. */
export function reconcileRootTasks(engine: Engine): undefined {
  for (const { taskId, instanceId } of rootTasks(engine).filter(({ state }) => state === 'in-progress')) {
    const instance = instances(engine).get(instanceId);
    if (instance?.restart === 'root-volume') continue;
    const state = instance?.state === 'running' ? 'succeeded' : 'failed';
    rootTasks(engine).patch(taskId, { state, completedAt: engine.clock.now() });
  }
}
