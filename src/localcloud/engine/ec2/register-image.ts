import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { checkImageName } from './image-names.ts';
import { type DeviceSettings, type ImageRecord, images } from './images.ts';
import type { BlockDevice } from './launch-spec.ts';
import type { Tags } from './resources.ts';
import { type SnapshotRecord, snapshotIn } from './snapshots.ts';

export interface RegisterRequest {
  region: string;
  name: string;
  description: string;
  architecture: string;
  rootDeviceName: string;
  devices: BlockDevice[];
  imdsSupport?: 'v2.0';
  bootMode?: string;
  tags: Tags;
}

/**
 * An image of snapshots that are there already. Throws InvalidAMIName.*, InvalidBlockDeviceMapping without a snapshot for the
 * root device, InvalidSnapshot.NotFound, IncorrectState for one that is not complete.
 */
export function registerImage(engine: Engine, request: RegisterRequest): ImageRecord {
  checkImageName(engine, request.region, request.name);
  const found = request.devices
    .filter(({ snapshotId }) => snapshotId !== undefined)
    .map((device) => ({ device, snapshot: complete(engine, request.region, device) }));
  const root = found.find(({ device }) => device.deviceName === request.rootDeviceName);
  if (!root) {
    throw new ServiceError(
      'InvalidBlockDeviceMapping',
      `A snapshot ID must be specified for the root device ${request.rootDeviceName}.`,
    );
  }
  const data = found.filter((entry) => entry !== root);
  const imageId = engine.ids.resource('ami');
  const now = engine.clock.now();
  return images(engine).put(imageId, {
    imageId,
    region: request.region,
    name: request.name,
    description: request.description,
    state: 'pending',
    layers: root.snapshot.layers,
    ownerId: engine.account,
    public: false,
    tags: request.tags,
    architecture: request.architecture,
    rootDeviceName: request.rootDeviceName,
    snapshotIds: [root, ...data].map(({ snapshot }) => snapshot.snapshotId),
    dataDevices: data.map(({ device }) => device.deviceName),
    deviceSettings: deviceSettings(request.devices),
    createdAt: now,
    imdsSupport: request.imdsSupport,
    bootMode: request.bootMode,
    noReboot: false,
    dueAt: now + engine.latency.of('image.pending'),
  });
}

function complete(engine: Engine, region: string, device: BlockDevice): SnapshotRecord {
  const snapshot = snapshotIn(engine, region, device.snapshotId as string);
  if (snapshot.state !== 'completed') {
    throw new ServiceError(
      'IncorrectState',
      `Snapshot (${snapshot.snapshotId}) is in ${snapshot.state} state`,
    );
  }
  return snapshot;
}

/** What a block device mapping says of the volumes to be made, by device name. */
export const deviceSettings = (devices: BlockDevice[]): Record<string, DeviceSettings> =>
  Object.fromEntries(
    devices.map(({ deviceName, size, type, iops, throughput, deleteOnTermination }) => [
      deviceName,
      { size, type, iops, throughput, deleteOnTermination },
    ]),
  );
