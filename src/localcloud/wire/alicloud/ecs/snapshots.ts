import { images } from '../../../engine/ec2/images.ts';
import { deleteSnapshot, type SnapshotRecord, snapshots } from '../../../engine/ec2/snapshots.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { Operation } from '../../service.ts';
import { inward, outward } from '../ids.ts';
import { carries, jsonList, pageOf, tagViews, utc } from './input.ts';

const STATUS = { pending: 'progressing', completed: 'accomplished', error: 'failed' } as const;

function view(engine: Engine, snapshot: SnapshotRecord): object {
  const used =
    images(engine).filter(
      ({ state, snapshotIds }) => state !== 'deregistered' && snapshotIds.includes(snapshot.snapshotId),
    ).length > 0;
  return {
    SnapshotId: outward(snapshot.snapshotId),
    SnapshotName: outward(snapshot.snapshotId),
    Description: snapshot.description,
    Status: STATUS[snapshot.state],
    Progress: snapshot.state === 'completed' ? '100%' : '50%',
    Usage: used ? 'image' : 'none',
    SourceDiskSize: String(snapshot.size),
    SourceDiskId: outward(snapshot.volumeId),
    Encrypted: snapshot.encrypted,
    CreationTime: utc(snapshot.startedAt),
    Tags: tagViews(snapshot.tags),
  };
}

const DescribeSnapshots: Operation = (input, { engine, region }) => {
  const ids = jsonList(input, 'SnapshotIds')?.map(inward);
  const found = snapshots(engine).filter(
    (snapshot) =>
      snapshot.region === region &&
      (ids === undefined || ids.includes(snapshot.snapshotId)) &&
      carries(snapshot.tags, input),
  );
  const { items, view: page } = pageOf(input, found, 100);
  return { ...page, Snapshots: { Snapshot: items.map((snapshot) => view(engine, snapshot)) } };
};

const DeleteSnapshot: Operation = (input, { engine }) => {
  deleteSnapshot(engine, inward(input.require('SnapshotId')));
  return {};
};

export const snapshotOperations: Record<string, Operation> = { DescribeSnapshots, DeleteSnapshot };
