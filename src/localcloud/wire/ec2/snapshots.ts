import { copySnapshot, createSnapshot } from '../../engine/ec2/create-snapshot.ts';
import { findInstance } from '../../engine/ec2/instance-record.ts';
import { changedPermissions } from '../../engine/ec2/permissions.ts';
import type { Tags } from '../../engine/ec2/resources.ts';
import { deleteSnapshot, type SnapshotRecord, snapshotIn, snapshots } from '../../engine/ec2/snapshots.ts';
import { volumes } from '../../engine/ec2/volumes.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { SNAPSHOT_FILTERS } from './filter-names.ts';
import { type FilterFields, filtered } from './filters.ts';
import { page } from './paging.ts';
import { readSharing, sharingView } from './sharing.ts';
import { tagSet, tagSpecifications } from './tag-wire.ts';
import { viewFields } from './view-fields.ts';

const progress = ({ state }: SnapshotRecord) => (state === 'completed' ? '100%' : '0%');

const fields = (engine: Engine): FilterFields<SnapshotRecord> => ({
  'snapshot-id': (s) => s.snapshotId,
  'volume-id': (s) => s.volumeId,
  status: (s) => s.state,
  description: (s) => s.description,
  encrypted: (s) => s.encrypted,
  'volume-size': (s) => s.size,
  'start-time': (s) => new Date(s.startedAt).toISOString(),
  progress,
  'owner-id': () => engine.account,
  'storage-tier': () => 'standard',
  ...viewFields<SnapshotRecord>(SNAPSHOT_FILTERS, () => undefined),
});

const DescribeSnapshots: Operation = (input, { engine, region }) => {
  const ids = input.list('SnapshotId');
  const owners = input.list('Owner');
  const mine = owners.length === 0 || owners.includes('self') || owners.includes(engine.account);
  const known =
    ids.length > 0
      ? ids.map((id) => snapshotIn(engine, region, id))
      : snapshots(engine).filter((snapshot) => snapshot.region === region && !snapshot.awaited);
  const restorers = input.list('RestorableBy').map((user) => (user === 'self' ? engine.account : user));
  const shown = known.filter(
    (snapshot) =>
      mine &&
      (restorers.length === 0 ||
        restorers.includes(engine.account) ||
        (snapshot.public && restorers.includes('all')) ||
        (snapshot.sharedWith ?? []).some(({ userId }) => restorers.includes(userId ?? ''))),
  );
  const { items, nextToken } = page(input, filtered(input, shown, fields(engine)), (s) => s.snapshotId);
  return { snapshotSet: items.map((snapshot) => snapshotView(engine, snapshot)), nextToken };
};

const snapshotView = (engine: Engine, s: SnapshotRecord) => ({
  snapshotId: s.snapshotId,
  volumeId: s.volumeId,
  status: s.state,
  startTime: new Date(s.startedAt),
  progress: progress(s),
  ownerId: engine.account,
  volumeSize: s.size,
  description: s.description,
  encrypted: s.encrypted,
  kmsKeyId: s.kmsKeyId,
  storageTier: 'standard',
  tagSet: tagSet(s.tags),
});

const CreateSnapshot: Operation = (input, { engine }) => {
  const snapshot = createSnapshot(engine, {
    volumeId: input.require('VolumeId'),
    description: input.text('Description') ?? '',
    tags: tagSpecifications(input, ['snapshot']).snapshot ?? {},
  });
  return snapshotView(engine, snapshot);
};

/** One of each volume of an instance; the element for the state is called otherwise than in all other answers. */
const CreateSnapshots: Operation = (input, { engine }) => {
  const of = input.object('InstanceSpecification') ?? input.replaced({});
  const instance = findInstance(engine, of.require('InstanceId'));
  const left = of.list('ExcludeDataVolumeId');
  const tags = tagSpecifications(input, ['snapshot']).snapshot ?? {};
  const copyTags = input.text('CopyTagsFromSource') === 'volume';
  const made = instance.blockDevices
    .filter(({ deviceName }) => !(of.bool('ExcludeBootVolume') && deviceName === instance.rootDeviceName))
    .filter(({ volumeId }) => !left.includes(volumeId))
    .map(({ volumeId }) => {
      const own: Tags = copyTags ? (volumes(engine).get(volumeId)?.tags ?? {}) : {};
      const description = input.text('Description') ?? '';
      return createSnapshot(engine, { volumeId, description, tags: { ...own, ...tags } });
    });
  return {
    snapshotSet: made.map((snapshot) => {
      const { status, storageTier: _, kmsKeyId: __, ...view } = snapshotView(engine, snapshot);
      return { ...view, state: status };
    }),
  };
};

const CopySnapshot: Operation = (input, { engine, region }) => {
  const { snapshotId, tags } = copySnapshot(engine, {
    sourceRegion: input.require('SourceRegion'),
    sourceSnapshotId: input.require('SourceSnapshotId'),
    region,
    description: input.text('Description') ?? '',
    encrypted: input.bool('Encrypted'),
    kmsKeyId: input.text('KmsKeyId'),
    tags: tagSpecifications(input, ['snapshot']).snapshot ?? {},
  });
  return { snapshotId, tagSet: tagSet(tags) };
};

const DeleteSnapshot: Operation = (input, { engine, region }) => {
  deleteSnapshot(engine, snapshotIn(engine, region, input.require('SnapshotId')).snapshotId);
  return { return: true };
};

const DescribeSnapshotAttribute: Operation = (input, { engine, region }) => {
  const snapshot = snapshotIn(engine, region, input.require('SnapshotId'));
  const attribute = known(input.require('Attribute'));
  const value = attribute === 'productCodes' ? [] : sharingView(snapshot);
  return { snapshotId: snapshot.snapshotId, [attribute]: value };
};

const ModifySnapshotAttribute: Operation = (input, { engine, region }) => {
  const snapshot = snapshotIn(engine, region, input.require('SnapshotId'));
  const change = readSharing(input, 'CreateVolumePermission');
  if (!change) throw new ServiceError('InvalidParameterCombination', 'No attributes specified.');
  snapshots(engine).patch(snapshot.snapshotId, changedPermissions(snapshot, change, 'InvalidParameterValue'));
  return { return: true };
};

const ResetSnapshotAttribute: Operation = (input, { engine, region }) => {
  const { snapshotId } = snapshotIn(engine, region, input.require('SnapshotId'));
  known(input.require('Attribute'));
  snapshots(engine).patch(snapshotId, { public: false, sharedWith: [] });
  return { return: true };
};

function known(attribute: string): string {
  if (attribute === 'createVolumePermission' || attribute === 'productCodes') return attribute;
  throw new ServiceError(
    'InvalidParameterValue',
    `Value (${attribute}) for parameter attribute is invalid. Unknown attribute.`,
  );
}

export const snapshotOperations: Record<string, Operation> = {
  DescribeSnapshots,
  CreateSnapshot,
  CreateSnapshots,
  CopySnapshot,
  DeleteSnapshot,
  DescribeSnapshotAttribute,
  ModifySnapshotAttribute,
  ResetSnapshotAttribute,
};
