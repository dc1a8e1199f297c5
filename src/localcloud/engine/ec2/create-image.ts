import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { type ImageRecord, images } from './images.ts';
import { findInstance, type InstanceRecord } from './instance-record.ts';
import type { Tags } from './resources.ts';
import { snapshots } from './snapshots.ts';
import { volumes } from './volumes.ts';

export interface ImageRequest {
  instanceId: string;
  name: string;
  description: string;
  /** Freezes the disk of a running instance as it is, half-written files and all. */
  noReboot: boolean;
  imageTags: Tags;
  snapshotTags: Tags;
}

/**
 * An image in state `pending` with its snapshots. The image machine freezes the disk; a running instance is stopped for it
 * and booted again unless `noReboot`. Throws InvalidAMIName.Malformed, InvalidAMIName.Duplicate, IncorrectInstanceState.
 */
export function createImage(engine: Engine, request: ImageRequest): ImageRecord {
  const instance = findInstance(engine, request.instanceId);
  checkName(engine, request.name);
  if (instance.state !== 'running' && instance.state !== 'stopped') {
    throw new ServiceError(
      'IncorrectInstanceState',
      `Instance '${instance.instanceId}' is not in state running or stopped (${instance.state}).`,
    );
  }
  const imageId = engine.ids.resource('ami');
  const snapshotIds = createSnapshots(engine, instance, imageId, request.snapshotTags);
  return images(engine).put(imageId, {
    imageId,
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
    dataDevices: instance.blockDevices.slice(1).map(({ deviceName }) => deviceName),
    createdAt: engine.clock.now(),
    sourceInstanceId: instance.instanceId,
    noReboot: request.noReboot,
  });
}

/** One snapshot per volume, the root's first. */
function createSnapshots(engine: Engine, instance: InstanceRecord, imageId: string, tags: Tags): string[] {
  return instance.blockDevices.map(({ volumeId }) => {
    const snapshotId = engine.ids.resource('snap');
    const volume = volumes(engine).get(volumeId);
    snapshots(engine).put(snapshotId, {
      snapshotId,
      volumeId,
      state: 'pending',
      layers: [],
      description: `Created by CreateImage(${instance.instanceId}) for ${imageId}`,
      size: volume?.size ?? 8,
      encrypted: volume?.encrypted ?? false,
      kmsKeyId: volume?.kmsKeyId,
      startedAt: engine.clock.now(),
      tags,
    });
    return snapshotId;
  });
}

function checkName(engine: Engine, name: string): void {
  if (!/^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/.test(name)) {
    throw new ServiceError(
      'InvalidAMIName.Malformed',
      `AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'`,
    );
  }
  const owner = images(engine).filter(
    (image) =>
      image.name === name &&
      image.ownerId === engine.account &&
      image.state !== 'deregistered' &&
      image.state !== 'failed',
  )[0];
  if (owner) {
    throw new ServiceError(
      'InvalidAMIName.Duplicate',
      `AMI name ${name} is already in use by AMI ${owner.imageId}`,
    );
  }
}
