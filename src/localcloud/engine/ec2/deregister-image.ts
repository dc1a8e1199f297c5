import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { isProtected } from './image-uses.ts';
import { images, ownImage } from './images.ts';
import { deleteSnapshot, snapshots } from './snapshots.ts';

/** How long a deregistered image answers `InvalidAMIID.Unavailable` rather than `NotFound`. Milliseconds. */
const DEREGISTERED_KEPT = 3_600_000;

/** What became of a snapshot that was to go with its image: `skipped` where another image has it too. */
export interface DeletedSnapshot {
  snapshotId: string;
  returnCode: 'success' | 'skipped';
}

/**
 * Takes an image away; instances launched from it go on. Returns what became of its snapshots. Throws AuthFailure for
 * another's image, InvalidAMIID.Unavailable when it is gone already, OperationNotPermitted while it is protected.
 */
export function deregisterImage(
  engine: Engine,
  region: string,
  imageId: string,
  withSnapshots: boolean,
): DeletedSnapshot[] {
  const image = ownImage(engine, region, imageId);
  if (isProtected(engine, image)) {
    throw new ServiceError(
      'OperationNotPermitted',
      `Deregistration protection is enabled for the AMI ${imageId}. Disable it, wait for its cooldown to end, and try again.`,
    );
  }
  images(engine).patch(imageId, {
    state: 'deregistered',
    tags: {},
    dueAt: engine.clock.now() + DEREGISTERED_KEPT,
  });
  if (!withSnapshots) return [];
  return image.snapshotIds
    .filter((id) => snapshots(engine).has(id))
    .map((snapshotId) => {
      if (usedElsewhere(engine, snapshotId)) return { snapshotId, returnCode: 'skipped' };
      deleteSnapshot(engine, snapshotId);
      return { snapshotId, returnCode: 'success' };
    });
}

const usedElsewhere = (engine: Engine, snapshotId: string) =>
  images(engine).filter((i) => i.state !== 'deregistered' && i.snapshotIds.includes(snapshotId)).length > 0;
