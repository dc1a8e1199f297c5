import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { freezeDisk } from './freeze.ts';
import { instances } from './instance-record.ts';
import type { Tags } from './resources.ts';
import { type SnapshotRecord, snapshotIn, snapshots } from './snapshots.ts';
import { findVolume, type VolumeRecord } from './volumes.ts';

/**
 * A snapshot in state `pending`. Of an instance's root volume it freezes the disk as it is, without stopping the instance; other
 * volumes are records only, and have what the snapshot had that they were made of. Throws InvalidVolume.NotFound.
 */
export function createSnapshot(
  engine: Engine,
  request: { volumeId: string; description: string; tags: Tags },
): SnapshotRecord {
  const volume = findVolume(engine, request.volumeId);
  const snapshotId = engine.ids.resource('snap');
  const diskOf = isRoot(engine, volume) ? volume.instanceId : undefined;
  const now = engine.clock.now();
  return snapshots(engine).put(snapshotId, {
    snapshotId,
    region: engine.region,
    volumeId: volume.volumeId,
    state: 'pending',
    layers: snapshots(engine).get(volume.snapshotId ?? '')?.layers ?? [],
    description: request.description,
    size: volume.size,
    encrypted: volume.encrypted,
    kmsKeyId: volume.kmsKeyId,
    public: false,
    startedAt: now,
    diskOf,
    dueAt: diskOf === undefined ? now + engine.latency.of('snapshot.pending') : undefined,
    tags: request.tags,
  });
}

/** A copy, in its own or another region. Throws InvalidSnapshot.NotFound, IncorrectState while the source is not complete. */
export function copySnapshot(
  engine: Engine,
  request: {
    sourceRegion: string;
    sourceSnapshotId: string;
    region: string;
    description: string;
    encrypted?: boolean;
    kmsKeyId?: string;
    tags: Tags;
  },
): SnapshotRecord {
  const source = snapshotIn(engine, request.sourceRegion, request.sourceSnapshotId);
  if (source.state !== 'completed') {
    throw new ServiceError('IncorrectState', `Snapshot (${source.snapshotId}) is in ${source.state} state`);
  }
  const snapshotId = engine.ids.resource('snap');
  const now = engine.clock.now();
  return snapshots(engine).put(snapshotId, {
    snapshotId,
    region: request.region,
    volumeId: 'vol-ffffffff',
    state: 'pending',
    layers: source.layers,
    description: request.description,
    size: source.size,
    encrypted: request.encrypted || request.kmsKeyId !== undefined || source.encrypted,
    kmsKeyId: request.kmsKeyId ?? source.kmsKeyId,
    public: false,
    startedAt: now,
    dueAt: now + engine.latency.of('snapshot.pending'),
    tags: request.tags,
  });
}

const isRoot = (engine: Engine, { instanceId, deviceName }: VolumeRecord) =>
  instanceId !== undefined && instances(engine).get(instanceId)?.rootDeviceName === deviceName;

/** Disks that wait for it are frozen; pending snapshots become complete. */
export function reconcileSnapshots(engine: Engine, now: number): number | undefined {
  let next: number | undefined;
  for (const snapshot of snapshots(engine).filter(({ state }) => state === 'pending')) {
    if (snapshot.diskOf !== undefined) freeze(engine, snapshot, snapshot.diskOf);
    else if (snapshot.dueAt === undefined) continue;
    else if (snapshot.dueAt > now) next = Math.min(next ?? snapshot.dueAt, snapshot.dueAt);
    else snapshots(engine).patch(snapshot.snapshotId, { state: 'completed', dueAt: undefined });
  }
  return next;
}

function freeze(engine: Engine, { snapshotId }: SnapshotRecord, instanceId: string): void {
  const source = instances(engine).get(instanceId);
  if (!source || source.state === 'terminated' || source.state === 'shutting-down') {
    snapshots(engine).patch(snapshotId, { state: 'error', diskOf: undefined });
    return;
  }
  freezeDisk(engine, source, snapshotId, true, ({ chain, failure }) => {
    // It may have been deleted in the meantime.
    if (!snapshots(engine).has(snapshotId)) return;
    const end = failure
      ? { state: 'error' as const }
      : { layers: chain, dueAt: engine.clock.now() + engine.latency.of('snapshot.pending') };
    snapshots(engine).patch(snapshotId, { ...end, diskOf: undefined });
  });
}
