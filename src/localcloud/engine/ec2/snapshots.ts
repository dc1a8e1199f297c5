import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { images } from './images.ts';
import { findResource, type Tags } from './resources.ts';

export interface SnapshotRecord {
  snapshotId: string;
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
  tags: Tags;
}

export const snapshots = (engine: Engine) => engine.store.table<SnapshotRecord>('snapshots');

/** Throws InvalidSnapshot.NotFound. */
export const findSnapshot = (engine: Engine, id: string) => findResource<SnapshotRecord>(engine, 'snap', id);

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
