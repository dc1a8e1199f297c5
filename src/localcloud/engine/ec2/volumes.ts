import type { Engine } from '../engine.ts';
import type { ImageRecord } from './images.ts';
import type { InstanceRecord } from './instance-record.ts';
import type { BlockDevice } from './launch-spec.ts';
import { findResource, type Tags } from './resources.ts';

export interface VolumeRecord {
  volumeId: string;
  instanceId?: string;
  deviceName?: string;
  deleteOnTermination: boolean;
  zone: string;
  /** GiB */
  size: number;
  type: string;
  iops?: number;
  /** MiB/s */
  throughput?: number;
  encrypted: boolean;
  kmsKeyId?: string;
  snapshotId?: string;
  createdAt: number;
  tags: Tags;
}

export const volumes = (engine: Engine) => engine.store.table<VolumeRecord>('volumes');

/** Throws InvalidVolume.NotFound. */
export const findVolume = (engine: Engine, id: string) => findResource<VolumeRecord>(engine, 'vol', id);

/** What an instance launched from the image gets: its root volume (8 GiB unless asked otherwise) and those it asks for. */
export function createVolumes(
  engine: Engine,
  launch: { instanceId: string; zone: string; image: ImageRecord; devices: BlockDevice[]; tags: Tags },
): InstanceRecord['blockDevices'] {
  const rootName = launch.image.rootDeviceName;
  const asked = launch.devices.find(({ deviceName }) => deviceName === rootName);
  const root = { ...asked, deviceName: rootName, deleteOnTermination: asked?.deleteOnTermination ?? true };
  const others = launch.devices.filter(({ deviceName }) => deviceName !== rootName);
  return [root, ...others].map((device) => {
    const volumeId = engine.ids.resource('vol');
    const type = device.type ?? 'gp3';
    const attachedAt = engine.clock.now();
    const deleteOnTermination = device.deleteOnTermination ?? true;
    volumes(engine).put(volumeId, {
      volumeId,
      instanceId: launch.instanceId,
      deviceName: device.deviceName,
      deleteOnTermination,
      zone: launch.zone,
      size: device.size ?? 8,
      type,
      iops: device.iops ?? (type === 'gp3' ? 3000 : undefined),
      throughput: device.throughput ?? (type === 'gp3' ? 125 : undefined),
      encrypted: device.encrypted ?? false,
      kmsKeyId: device.kmsKeyId,
      snapshotId: device.snapshotId ?? (device === root ? launch.image.snapshotIds[0] : undefined),
      createdAt: attachedAt,
      tags: launch.tags,
    });
    return { deviceName: device.deviceName, volumeId, deleteOnTermination, attachedAt };
  });
}

/** The instance is gone: its volumes go with it, or are left behind detached. */
export function releaseVolumes(engine: Engine, instance: InstanceRecord): void {
  for (const { volumeId, deleteOnTermination } of instance.blockDevices) {
    if (!volumes(engine).has(volumeId)) continue;
    if (deleteOnTermination) volumes(engine).delete(volumeId);
    else volumes(engine).patch(volumeId, { instanceId: undefined, deviceName: undefined });
  }
}
