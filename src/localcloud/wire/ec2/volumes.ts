import { findVolume, type VolumeRecord, volumes } from '../../engine/ec2/volumes.ts';
import type { Operation } from '../service.ts';
import { type FilterFields, filtered } from './filters.ts';
import { page } from './paging.ts';
import { tagSet } from './tag-wire.ts';

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

export const volumeOperations: Record<string, Operation> = { DescribeVolumes };
