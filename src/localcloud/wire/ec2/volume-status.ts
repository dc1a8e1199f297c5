import { modifyVolume } from '../../engine/ec2/volume-changes.ts';
import { findVolume, type VolumeRecord, volumes } from '../../engine/ec2/volumes.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { MODIFICATION_FILTERS, VOLUME_STATUS_FILTERS } from './filter-names.ts';
import { filtered } from './filters.ts';
import { page } from './paging.ts';
import { viewFields } from './view-fields.ts';
import { namedVolumes } from './volumes.ts';

const ModifyVolume: Operation = (input, { engine }) => {
  const volumeId = input.require('VolumeId');
  modifyVolume(engine, volumeId, {
    size: input.int('Size'),
    type: input.text('VolumeType'),
    iops: input.int('Iops'),
    throughput: input.int('Throughput'),
  });
  return { volumeModification: modificationView(engine, findVolume(engine, volumeId)) };
};

const DescribeVolumesModifications: Operation = (input, { engine }) => {
  const modified = namedVolumes(engine, input).filter(({ modification }) => modification !== undefined);
  const found = filtered(input, modified, {
    'volume-id': (v) => v.volumeId,
    'modification-state': (v) => modificationView(engine, v)?.modificationState,
    'target-size': (v) => v.modification?.to.size,
    'target-volume-type': (v) => v.modification?.to.type,
    'original-size': (v) => v.modification?.from.size,
    'original-volume-type': (v) => v.modification?.from.type,
    ...viewFields<VolumeRecord>(MODIFICATION_FILTERS, (v) => modificationView(engine, v)),
  });
  const { items, nextToken } = page(input, found, (v) => v.volumeId);
  return { volumeModificationSet: items.map((volume) => modificationView(engine, volume)), nextToken };
};

function modificationView(engine: Engine, { volumeId, modification }: VolumeRecord) {
  if (!modification) return undefined;
  const { from, to, startedAt, endsAt } = modification;
  const ended = endsAt <= engine.clock.now();
  return {
    volumeId,
    modificationState: ended ? 'completed' : 'modifying',
    targetSize: to.size,
    targetIops: to.iops,
    targetVolumeType: to.type,
    targetThroughput: to.throughput,
    targetMultiAttachEnabled: false,
    originalSize: from.size,
    originalIops: from.iops,
    originalVolumeType: from.type,
    originalThroughput: from.throughput,
    originalMultiAttachEnabled: false,
    progress: ended ? 100 : 0,
    startTime: new Date(startedAt),
    endTime: ended ? new Date(endsAt) : undefined,
  };
}

const DescribeVolumeStatus: Operation = (input, { engine }) => {
  const found = filtered(input, namedVolumes(engine, input), {
    'volume-id': (v) => v.volumeId,
    'availability-zone': (v) => v.zone,
    'volume-status.status': () => 'ok',
    'volume-status.details-name': () => ['io-enabled', 'io-performance'],
    'volume-status.details-status': () => ['passed', 'not-applicable'],
    // Nothing ever happens to a volume here.
    ...viewFields<VolumeRecord>(VOLUME_STATUS_FILTERS, () => undefined),
  });
  const { items, nextToken } = page(input, found, (v) => v.volumeId, 5);
  return {
    volumeStatusSet: items.map(({ volumeId, zone }) => ({
      volumeId,
      availabilityZone: zone,
      volumeStatus: {
        status: 'ok',
        details: [
          { name: 'io-enabled', status: 'passed' },
          { name: 'io-performance', status: 'not-applicable' },
        ],
      },
      actionsSet: [],
      eventsSet: [],
    })),
    nextToken,
  };
};

const DescribeVolumeAttribute: Operation = (input, { engine }) => {
  const { volumeId, autoEnableIo } = findVolume(engine, input.require('VolumeId'));
  const attribute = input.require('Attribute');
  if (attribute === 'autoEnableIO') return { volumeId, autoEnableIO: { value: autoEnableIo ?? false } };
  if (attribute === 'productCodes') return { volumeId, productCodes: [] };
  throw new ServiceError('InvalidParameterValue', `Value (${attribute}) for parameter attribute is invalid.`);
};

const ModifyVolumeAttribute: Operation = (input, { engine }) => {
  const { volumeId } = findVolume(engine, input.require('VolumeId'));
  const autoEnableIo = input.object('AutoEnableIO')?.bool('Value');
  if (autoEnableIo === undefined) {
    throw new ServiceError('InvalidParameterCombination', 'No attributes specified.');
  }
  volumes(engine).patch(volumeId, { autoEnableIo });
  return { return: true };
};

export const volumeStatusOperations: Record<string, Operation> = {
  ModifyVolume,
  DescribeVolumesModifications,
  DescribeVolumeStatus,
  DescribeVolumeAttribute,
  ModifyVolumeAttribute,
};
