import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { images } from './images.ts';
import type { Shared } from './permissions.ts';
import { findResource, type Tags } from './resources.ts';

export interface SnapshotRecord extends Shared {
  snapshotId: string;
  region: string;
  volumeId: string;
  state: 'pending' | 'completed' | 'error';
  /** The layers that its disk is made of, topmost first; a layer frozen from an instance bears its snapshot's id. */
  layers: string[];
  description: string;
  /** GiB */
  size: number;
  encrypted: boolean;
  kmsKeyId?: string;
  startedAt: number;
  /** CreateSnapshot's: the instance whose disk is to be frozen for it; gone when that is done. */
  diskOf?: string;
  /** End of the pending state; undefined while the disk is not frozen yet, or an image's machine sees to it. */
  dueAt?: number;
  /** CreateImage's of a running instance: it is not to be seen before its disk is frozen, as what it holds is settled then. */
  awaited?: boolean;
  tags: Tags;
}

export const snapshots = (engine: Engine) => engine.store.table<SnapshotRecord>('snapshots');

/** Throws InvalidSnapshot.NotFound. */
export const findSnapshot = (engine: Engine, id: string) => findResource<SnapshotRecord>(engine, 'snap', id);

/** Throws InvalidSnapshot.NotFound for one of another region. */
export function snapshotIn(engine: Engine, region: string, id: string): SnapshotRecord {
  const snapshot = findSnapshot(engine, id);
  if (snapshot.region !== region) {
    throw new ServiceError('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
  }
  return snapshot;
}

/** Throws InvalidSnapshot.InUse while an image is registered with it. */
export function deleteSnapshot(engine: Engine, snapshotId: string): void {
  findSnapshot(engine, snapshotId);
  const user = images(engine).filter(
    ({ snapshotIds, state }) => state !== 'deregistered' && snapshotIds.includes(snapshotId),
  )[0];
  if (user) {
    throw new ServiceError(
      'InvalidSnapshot.InUse',
      `The snapshot ${snapshotId} is currently in use by ${user.imageId}`,
    );
  }
  snapshots(engine).delete(snapshotId);
}
