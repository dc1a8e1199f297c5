import { deleteSnapshot, findSnapshot, type SnapshotRecord, snapshots } from '../../engine/ec2/snapshots.ts';
import { findVolume, type VolumeRecord, volumes } from '../../engine/ec2/volumes.ts';
import type { Operation } from '../service.ts';
import { type FilterFields, filtered } from './filters.ts';
import { page } from './paging.ts';
import { tagSet } from './tag-wire.ts';

const snapshotFields: FilterFields<SnapshotRecord> = {
  'snapshot-id': (s) => s.snapshotId,
  'volume-id': (s) => s.volumeId,
  status: (s) => s.state,
  description: (s) => s.description,
  encrypted: (s) => s.encrypted,
  'volume-size': (s) => s.size,
  'start-time': (s) => new Date(s.startedAt).toISOString(),
  progress: (s) => (s.state === 'completed' ? '100%' : '0%'),
};

const DescribeSnapshots: Operation = (input, { engine }) => {
  const ids = input.list('SnapshotId');
  const owners = input.list('Owner');
  const mine = owners.length === 0 || owners.includes('self') || owners.includes(engine.account);
  const known = ids.length > 0 ? ids.map((id) => findSnapshot(engine, id)) : snapshots(engine).all();
  const fields = { ...snapshotFields, 'owner-id': () => engine.account };
  const { items, nextToken } = page(input, filtered(input, mine ? known : [], fields), (s) => s.snapshotId);
  return {
    snapshotSet: items.map((s) => ({
      snapshotId: s.snapshotId,
      volumeId: s.volumeId,
      status: s.state,
      startTime: new Date(s.startedAt),
      progress: s.state === 'completed' ? '100%' : '0%',
      ownerId: engine.account,
      volumeSize: s.size,
      description: s.description,
      encrypted: s.encrypted,
      kmsKeyId: s.kmsKeyId,
      storageTier: 'standard',
      tagSet: tagSet(s.tags),
    })),
    nextToken,
  };
};

const DeleteSnapshot: Operation = (input, { engine }) => {
  deleteSnapshot(engine, input.require('SnapshotId'));
  return { return: true };
};

const volumeFields: FilterFields<VolumeRecord> = {
  'volume-id': (v) => v.volumeId,
  status: (v) => status(v),
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
};

const status = ({ instanceId }: VolumeRecord) => (instanceId ? 'in-use' : 'available');

const DescribeVolumes: Operation = (input, { engine }) => {
  const ids = input.list('VolumeId');
  const known = ids.length > 0 ? ids.map((id) => findVolume(engine, id)) : volumes(engine).all();
  const { items, nextToken } = page(input, filtered(input, known, volumeFields), (v) => v.volumeId);
  return {
    volumeSet: items.map((v) => ({
      volumeId: v.volumeId,
      size: v.size,
      snapshotId: v.snapshotId ?? '',
      availabilityZone: v.zone,
      status: status(v),
      createTime: new Date(v.createdAt),
      attachmentSet: v.instanceId
        ? [
            {
              volumeId: v.volumeId,
              instanceId: v.instanceId,
              device: v.deviceName,
              status: 'attached',
              attachTime: new Date(v.createdAt),
              deleteOnTermination: v.deleteOnTermination,
            },
          ]
        : [],
      tagSet: tagSet(v.tags),
      volumeType: v.type,
      iops: v.iops,
      throughput: v.throughput,
      encrypted: v.encrypted,
      kmsKeyId: v.kmsKeyId,
      multiAttachEnabled: false,
    })),
    nextToken,
  };
};

export const storageOperations: Record<string, Operation> = {
  DescribeSnapshots,
  DeleteSnapshot,
  DescribeVolumes,
};
