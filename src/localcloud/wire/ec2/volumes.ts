import { once } from '../../engine/ec2/client-tokens.ts';
import {
  attachVolume,
  createVolume,
  deleteVolume,
  detachVolume,
  volumeState,
} from '../../engine/ec2/volume-changes.ts';
import { findVolume, type VolumeRecord, volumes } from '../../engine/ec2/volumes.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { VOLUME_FILTERS } from './filter-names.ts';
import { type FilterFields, filtered } from './filters.ts';
import { page } from './paging.ts';
import { tagSet, tagSpecifications } from './tag-wire.ts';
import { viewFields } from './view-fields.ts';
import { zoneId } from './zones.ts';

const fields = (engine: Engine): FilterFields<VolumeRecord> => ({
  'volume-id': (v) => v.volumeId,
  status: (v) => volumeState(engine, v),
  size: (v) => v.size,
  'volume-type': (v) => v.type,
  encrypted: (v) => v.encrypted,
  'snapshot-id': (v) => v.snapshotId,
  'availability-zone': (v) => v.zone,
  'create-time': (v) => new Date(v.createdAt).toISOString(),
  'attachment.instance-id': (v) => v.instanceId,
  'attachment.device': (v) => v.deviceName,
  'attachment.status': (v) => (v.instanceId ? 'attached' : undefined),
  'attachment.delete-on-termination': (v) => (v.instanceId ? v.deleteOnTermination : undefined),
  ...viewFields<VolumeRecord>(VOLUME_FILTERS, (v) => ({
    ...volumeView(engine, v),
    availabilityZoneId: zoneId(engine, v.zone),
    fastRestored: false,
  })),
});

/** The volumes that a request names, or all. */
export function namedVolumes(engine: Engine, input: Input): VolumeRecord[] {
  const ids = input.list('VolumeId');
  return ids.length > 0 ? ids.map((id) => findVolume(engine, id)) : volumes(engine).all();
}

const DescribeVolumes: Operation = (input, { engine }) => {
  const found = filtered(input, namedVolumes(engine, input), fields(engine));
  const { items, nextToken } = page(input, found, (v) => v.volumeId);
  return { volumeSet: items.map((volume) => volumeView(engine, volume)), nextToken };
};

const volumeView = (engine: Engine, v: VolumeRecord) => ({
  volumeId: v.volumeId,
  size: v.size,
  snapshotId: v.snapshotId ?? '',
  availabilityZone: v.zone,
  status: volumeState(engine, v),
  createTime: new Date(v.createdAt),
  attachmentSet: v.instanceId ? [attachmentView(v, 'attached')] : [],
  tagSet: tagSet(v.tags),
  volumeType: v.type,
  iops: v.iops,
  throughput: v.throughput,
  encrypted: v.encrypted,
  kmsKeyId: v.kmsKeyId,
  multiAttachEnabled: false,
});

const attachmentView = (v: VolumeRecord, status: string) => ({
  volumeId: v.volumeId,
  instanceId: v.instanceId,
  device: v.deviceName,
  status,
  attachTime: new Date(v.attachedAt ?? v.createdAt),
  deleteOnTermination: v.deleteOnTermination,
});

const CreateVolume: Operation = (input, { engine }) => {
  const { ClientToken: _token, ...parameters } = input.values;
  const request = {
    zone: input.require('AvailabilityZone'),
    size: input.int('Size'),
    type: input.text('VolumeType'),
    iops: input.int('Iops'),
    throughput: input.int('Throughput'),
    encrypted: input.bool('Encrypted'),
    kmsKeyId: input.text('KmsKeyId'),
    snapshotId: input.text('SnapshotId'),
    tags: tagSpecifications(input, ['volume']).volume ?? {},
  };
  const [volumeId] = once(engine, 'CreateVolume', input.text('ClientToken'), parameters, () => [
    createVolume(engine, request).volumeId,
  ]);
  return volumeView(engine, findVolume(engine, volumeId as string));
};

const DeleteVolume: Operation = (input, { engine }) => {
  deleteVolume(engine, input.require('VolumeId'));
  return { return: true };
};

const AttachVolume: Operation = (input, { engine }) => {
  const volume = attachVolume(engine, {
    volumeId: input.require('VolumeId'),
    instanceId: input.require('InstanceId'),
    device: input.require('Device'),
  });
  return attachmentView(volume, 'attaching');
};

const DetachVolume: Operation = (input, { engine }) => {
  const volume = detachVolume(engine, input.require('VolumeId'), input.text('InstanceId'));
  return attachmentView(volume, 'detaching');
};

export const volumeOperations: Record<string, Operation> = {
  DescribeVolumes,
  CreateVolume,
  DeleteVolume,
  AttachVolume,
  DetachVolume,
};
