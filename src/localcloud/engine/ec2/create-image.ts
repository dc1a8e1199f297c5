import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { checkImageName } from './image-names.ts';
import { type ImageRecord, images } from './images.ts';
import { findInstance, type InstanceRecord } from './instance-record.ts';
import type { BlockDevice } from './launch-spec.ts';
import { deviceSettings } from './register-image.ts';
import type { Tags } from './resources.ts';
import { snapshots } from './snapshots.ts';
import { volumes } from './volumes.ts';

export interface ImageRequest {
  instanceId: string;
  name: string;
  description: string;
  /** Freezes the disk of a running instance as it is, half-written files and all. */
  noReboot: boolean;
  /** Settings of volumes that differ from the instance's; a `noDevice` is left out of the image. */
  devices: BlockDevice[];
  imageTags: Tags;
  snapshotTags: Tags;
}

/**
 * An image in state `pending` with its snapshots. The image machine freezes the disk; a running instance is stopped for it
 * and booted again unless `noReboot`. Throws InvalidAMIName.Malformed, InvalidAMIName.Duplicate, IncorrectInstanceState.
 */
export function createImage(engine: Engine, request: ImageRequest): ImageRecord {
  const instance = findInstance(engine, request.instanceId);
  checkImageName(engine, engine.region, request.name);
  if (instance.state !== 'running' && instance.state !== 'stopped') {
    throw new ServiceError(
      'IncorrectInstanceState',
      `Instance '${instance.instanceId}' is not in state running or stopped (${instance.state}).`,
    );
  }
  const imageId = engine.ids.resource('ami');
  const left = request.devices.filter(({ noDevice }) => noDevice).map(({ deviceName }) => deviceName);
  const [root, ...others] = instance.blockDevices;
  const data = others.filter(({ deviceName }) => !left.includes(deviceName));
  const devices = root ? [root, ...data] : data;
  const awaited = request.noReboot && instance.state === 'running';
  const more = { tags: request.snapshotTags, awaited: awaited || undefined };
  const snapshotIds = createSnapshots(engine, instance, devices, imageId, more);
  return images(engine).put(imageId, {
    imageId,
    region: engine.region,
    name: request.name,
    description: request.description,
    state: 'pending',
    layers: [],
    ownerId: engine.account,
    public: false,
    tags: request.imageTags,
    architecture: instance.architecture,
    rootDeviceName: instance.rootDeviceName,
    snapshotIds,
    dataDevices: data.map(({ deviceName }) => deviceName),
    deviceSettings: { ...settingsOf(engine, instance), ...deviceSettings(request.devices) },
    createdAt: engine.clock.now(),
    imdsSupport: images(engine).get(instance.imageId)?.imdsSupport,
    sourceInstanceId: instance.instanceId,
    noReboot: request.noReboot,
  });
}

/** One snapshot per volume, the root's first. */
function createSnapshots(
  engine: Engine,
  instance: InstanceRecord,
  devices: InstanceRecord['blockDevices'],
  imageId: string,
  more: { tags: Tags; awaited?: boolean },
): string[] {
  return devices.map(({ volumeId }) => {
    const snapshotId = engine.ids.resource('snap');
    const volume = volumes(engine).get(volumeId);
    snapshots(engine).put(snapshotId, {
      snapshotId,
      region: engine.region,
      volumeId,
      state: 'pending',
      layers: [],
      description: `Created by CreateImage(${instance.instanceId}) for ${imageId}`,
      size: volume?.size ?? 8,
      encrypted: volume?.encrypted ?? false,
      kmsKeyId: volume?.kmsKeyId,
      public: false,
      startedAt: engine.clock.now(),
      ...more,
    });
    return snapshotId;
  });
}

/** The volumes made from the image are like those that it was made of. */
const settingsOf = (engine: Engine, instance: InstanceRecord) =>
  Object.fromEntries(
    instance.blockDevices.map(({ deviceName, volumeId, deleteOnTermination }) => {
      const { size, type, iops, throughput } = volumes(engine).get(volumeId) ?? {};
      return [deviceName, { size, type, iops, throughput, deleteOnTermination }];
    }),
  );
