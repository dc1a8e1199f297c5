import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { findImage, images } from './images.ts';
import { deleteSnapshot, snapshots } from './snapshots.ts';

/** How long a deregistered image answers `InvalidAMIID.Unavailable` rather than `NotFound`. Milliseconds. */
const DEREGISTERED_KEPT = 3_600_000;

/**
 * Takes an image away; instances launched from it go on. Returns the snapshots that went with it. Throws AuthFailure for
 * another's image, InvalidAMIID.Unavailable when it is gone already.
 */
export function deregisterImage(engine: Engine, imageId: string, withSnapshots: boolean): string[] {
  const image = findImage(engine, imageId);
  if (image.ownerId !== engine.account) {
    throw new ServiceError('AuthFailure', `Not authorized for image:${imageId}`, 403);
  }
  if (image.state === 'deregistered') {
    throw new ServiceError('InvalidAMIID.Unavailable', `The image ID '${imageId}' is no longer available`);
  }
  images(engine).patch(imageId, {
    state: 'deregistered',
    tags: {},
    dueAt: engine.clock.now() + DEREGISTERED_KEPT,
  });
  if (!withSnapshots) return [];
  const gone = image.snapshotIds.filter((id) => snapshots(engine).has(id) && !usedElsewhere(engine, id));
  for (const id of gone) deleteSnapshot(engine, id);
  return gone;
}

const usedElsewhere = (engine: Engine, snapshotId: string) =>
  images(engine).filter((i) => i.state !== 'deregistered' && i.snapshotIds.includes(snapshotId)).length > 0;
