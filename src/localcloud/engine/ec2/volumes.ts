import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import type { ImageRecord } from './images.ts';
import type { InstanceRecord } from './instance-record.ts';
import type { BlockDevice } from './launch-spec.ts';
import { findResource, type Tags } from './resources.ts';
import { setting } from './settings.ts';
import { snapshots } from './snapshots.ts';

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
  attachedAt?: number;
  /** CreateVolume's: `creating` until then. */
  readyAt?: number;
  autoEnableIo?: boolean;
  /** The last ModifyVolume. */
  modification?: { from: VolumeSettings; to: VolumeSettings; startedAt: number; endsAt: number };
  tags: Tags;
}

export type VolumeSettings = Pick<VolumeRecord, 'size' | 'type' | 'iops' | 'throughput'>;

export const volumes = (engine: Engine) => engine.store.table<VolumeRecord>('volumes');

/** Throws InvalidVolume.NotFound. */
export const findVolume = (engine: Engine, id: string) => findResource<VolumeRecord>(engine, 'vol', id);

type PlannedVolume = Pick<VolumeRecord, keyof ReturnType<typeof volumeOf> | 'deleteOnTermination'> & {
  deviceName: string;
};

/**
 * What an instance launched from the image gets: its root volume (8 GiB unless image or launch say otherwise), the image's other
 * devices, and those that the launch asks for. Throws InvalidBlockDeviceMapping for a volume smaller than its snapshot.
 */
export const plannedVolumes = (engine: Engine, image: ImageRecord, devices: BlockDevice[]): PlannedVolume[] =>
  launchDevices(image, devices).map((device) => ({
    ...volumeOf(engine, device),
    deviceName: device.deviceName,
    deleteOnTermination: device.deleteOnTermination ?? true,
  }));

/** Makes the volumes of one instance. */
export function createVolumes(
  engine: Engine,
  launch: { instanceId: string; zone: string; planned: PlannedVolume[]; tags: Tags },
): InstanceRecord['blockDevices'] {
  return launch.planned.map((volume) => {
    const volumeId = engine.ids.resource('vol');
    const attachedAt = engine.clock.now();
    volumes(engine).put(volumeId, {
      ...volume,
      volumeId,
      instanceId: launch.instanceId,
      zone: launch.zone,
      createdAt: attachedAt,
      attachedAt,
      tags: launch.tags,
    });
    const { deviceName, deleteOnTermination } = volume;
    return { deviceName, volumeId, deleteOnTermination, attachedAt };
  });
}

/** The image's devices, the root first, with what the launch says of them on top; then those of the launch alone. */
function launchDevices(image: ImageRecord, asked: BlockDevice[]): BlockDevice[] {
  const names = [image.rootDeviceName, ...image.dataDevices];
  const own = names.map((deviceName, index) => ({
    ...image.deviceSettings?.[deviceName],
    snapshotId: image.snapshotIds[index],
    ...defined(asked.find((device) => device.deviceName === deviceName) ?? {}),
    deviceName,
  }));
  const others = asked.filter(({ deviceName }) => !names.includes(deviceName));
  return [...own, ...others].filter((device: BlockDevice) => !device.noDevice);
}

const defined = (device: Partial<BlockDevice>): Partial<BlockDevice> =>
  Object.fromEntries(Object.entries(device).filter(([, value]) => value !== undefined));

/** Size, type and performance of a volume, from what was asked for and from its snapshot. */
export function volumeOf(
  engine: Engine,
  device: Omit<BlockDevice, 'deviceName'>,
): Pick<VolumeRecord, 'size' | 'type' | 'iops' | 'throughput' | 'encrypted' | 'kmsKeyId' | 'snapshotId'> {
  const snapshot = snapshots(engine).get(device.snapshotId ?? '');
  const size = device.size ?? snapshot?.size ?? 8;
  if (snapshot && size < snapshot.size) {
    throw new ServiceError(
      'InvalidBlockDeviceMapping',
      `Volume of size ${size}GB is smaller than snapshot '${snapshot.snapshotId}', expect size >= ${snapshot.size}GB`,
    );
  }
  const type = device.type ?? 'gp3';
  return {
    size,
    type,
    iops: device.iops ?? (type === 'gp3' ? 3000 : undefined),
    throughput: device.throughput ?? (type === 'gp3' ? 125 : undefined),
    encrypted: isEncrypted(engine, device.encrypted ?? snapshot?.encrypted),
    kmsKeyId: device.kmsKeyId ?? snapshot?.kmsKeyId,
    snapshotId: device.snapshotId,
  };
}

/** Where encryption is the default, nothing that is new goes without. */
const isEncrypted = (engine: Engine, asked: boolean | undefined) =>
  (setting(engine, 'ebsEncryption')?.enabled || asked) ?? false;

/** The instance is gone: its volumes go with it, or are left behind detached. */
export function releaseVolumes(engine: Engine, instance: InstanceRecord): void {
  for (const { volumeId, deleteOnTermination } of instance.blockDevices) {
    if (!volumes(engine).has(volumeId)) continue;
    if (deleteOnTermination) volumes(engine).delete(volumeId);
    else
      volumes(engine).patch(volumeId, {
        instanceId: undefined,
        deviceName: undefined,
        attachedAt: undefined,
      });
  }
}
