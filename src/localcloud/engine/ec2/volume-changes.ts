import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { findInstance, type InstanceRecord, instances } from './instance-record.ts';
import type { BlockDevice } from './launch-spec.ts';
import { zones } from './network.ts';
import type { Tags } from './resources.ts';
import { snapshotIn } from './snapshots.ts';
import { findVolume, type VolumeRecord, type VolumeSettings, volumeOf, volumes } from './volumes.ts';

/**
 * A volume of its own. It is a record: nothing is mounted anywhere. Throws InvalidZone.NotFound, MissingParameter without size
 * and snapshot, InvalidSnapshot.NotFound.
 */
export function createVolume(
  engine: Engine,
  request: Omit<BlockDevice, 'deviceName'> & { zone: string; tags: Tags },
): VolumeRecord {
  const { zone, tags, ...device } = request;
  if (!zones(engine).includes(zone)) {
    throw new ServiceError('InvalidZone.NotFound', `The zone '${zone}' does not exist.`);
  }
  if (device.size === undefined && device.snapshotId === undefined) {
    throw new ServiceError('MissingParameter', 'The request must contain the parameter size/snapshot');
  }
  if (device.snapshotId !== undefined) snapshotIn(engine, engine.region, device.snapshotId);
  const volumeId = engine.ids.resource('vol');
  const now = engine.clock.now();
  return volumes(engine).put(volumeId, {
    // The API's own default, other than a launch's.
    ...volumeOf(engine, { ...device, type: device.type ?? 'gp2' }),
    volumeId,
    deleteOnTermination: false,
    zone,
    createdAt: now,
    readyAt: now + engine.latency.of('volume.creating'),
    tags,
  });
}

export const volumeState = (engine: Engine, { instanceId, readyAt }: VolumeRecord) =>
  instanceId !== undefined ? 'in-use' : (readyAt ?? 0) > engine.clock.now() ? 'creating' : 'available';

/** Throws VolumeInUse while it is attached. */
export function deleteVolume(engine: Engine, volumeId: string): void {
  const { instanceId } = findVolume(engine, volumeId);
  if (instanceId !== undefined) {
    throw new ServiceError('VolumeInUse', `Volume ${volumeId} is currently attached to ${instanceId}`);
  }
  volumes(engine).delete(volumeId);
}

/** Throws VolumeInUse, IncorrectState, InvalidVolume.ZoneMismatch, InvalidParameterValue for a device name that is taken. */
export function attachVolume(
  engine: Engine,
  request: { volumeId: string; instanceId: string; device: string },
): VolumeRecord {
  const volume = findVolume(engine, request.volumeId);
  const instance = findInstance(engine, request.instanceId);
  const { volumeId } = volume;
  const state = volumeState(engine, volume);
  if (state === 'in-use') {
    throw new ServiceError('VolumeInUse', `${volumeId} is already attached to an instance`);
  }
  if (state !== 'available') {
    throw new ServiceError('IncorrectState', `Volume '${volumeId}' is in the '${state}' state.`);
  }
  usable(instance);
  if (instance.zone !== volume.zone) {
    throw new ServiceError(
      'InvalidVolume.ZoneMismatch',
      `The volume '${volumeId}' is not in the same availability zone as instance '${instance.instanceId}'`,
    );
  }
  if (instance.blockDevices.some(({ deviceName }) => deviceName === request.device)) {
    throw new ServiceError(
      'InvalidParameterValue',
      `Invalid value '${request.device}' for unixDevice. Attachment point ${request.device} is already in use`,
    );
  }
  const attachedAt = engine.clock.now();
  const entry = { deviceName: request.device, volumeId, deleteOnTermination: false, attachedAt };
  instances(engine).patch(instance.instanceId, { blockDevices: [...instance.blockDevices, entry] });
  return volumes(engine).patch(volumeId, {
    instanceId: instance.instanceId,
    deviceName: request.device,
    deleteOnTermination: false,
    attachedAt,
  });
}

function usable({ instanceId, state }: InstanceRecord): void {
  if (state !== 'running' && state !== 'stopped') {
    throw new ServiceError('IncorrectState', `Instance '${instanceId}' is not 'running'.`);
  }
}

/**
 * Returns the volume as it was attached. Throws IncorrectState when it is not, InvalidAttachment.NotFound when it is attached to
 * another instance, OperationNotPermitted for a root volume: the disk of an instance cannot be parted from it here.
 */
export function detachVolume(engine: Engine, volumeId: string, instanceId?: string): VolumeRecord {
  const volume = findVolume(engine, volumeId);
  if (volume.instanceId === undefined) {
    throw new ServiceError('IncorrectState', `Volume '${volumeId}' is in the 'available' state.`);
  }
  if (instanceId !== undefined && instanceId !== volume.instanceId) {
    throw new ServiceError(
      'InvalidAttachment.NotFound',
      `The volume '${volumeId}' is not attached to instance '${instanceId}'.`,
    );
  }
  const instance = findInstance(engine, volume.instanceId);
  if (volume.deviceName === instance.rootDeviceName) {
    throw new ServiceError(
      'OperationNotPermitted',
      `Unable to detach root volume '${volumeId}' from instance '${instance.instanceId}'`,
    );
  }
  instances(engine).patch(instance.instanceId, {
    blockDevices: instance.blockDevices.filter((device) => device.volumeId !== volumeId),
  });
  volumes(engine).patch(volumeId, {
    instanceId: undefined,
    deviceName: undefined,
    attachedAt: undefined,
    deleteOnTermination: false,
  });
  return volume;
}

/** Throws InvalidParameterValue for a smaller size, IncorrectModificationState while the last change is under way. */
export function modifyVolume(
  engine: Engine,
  volumeId: string,
  change: Partial<VolumeSettings>,
): NonNullable<VolumeRecord['modification']> {
  const { size, type, iops, throughput, modification: last } = findVolume(engine, volumeId);
  const now = engine.clock.now();
  if (change.size !== undefined && change.size < size) {
    throw new ServiceError('InvalidParameterValue', 'New size cannot be smaller than existing size');
  }
  if (last && last.endsAt > now) {
    throw new ServiceError(
      'IncorrectModificationState',
      `The volume '${volumeId}' is currently being modified.`,
    );
  }
  const from = { size, type, iops, throughput };
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const to = { ...from, ...given };
  const modification = { from, to, startedAt: now, endsAt: now + engine.latency.of('volume.creating') };
  volumes(engine).patch(volumeId, { ...to, modification });
  return modification;
}
