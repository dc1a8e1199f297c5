import type { Engine } from '../engine.ts';
import { freezeDisk } from './freeze.ts';
import { type ImageRecord, images } from './images.ts';
import { instances } from './instance-record.ts';
import { snapshots } from './snapshots.ts';

/** Pending images are frozen and become available; deregistered ones are forgotten after their time. */
export function reconcileImages(engine: Engine, now: number): number | undefined {
  let next: number | undefined;
  for (const image of images(engine).all()) {
    if (image.dueAt === undefined) {
      if (image.state === 'pending') freeze(engine, image);
    } else if (image.dueAt > now) next = Math.min(next ?? image.dueAt, image.dueAt);
    else if (image.state === 'pending') settleImage(engine, image, 'available');
    else images(engine).delete(image.imageId);
  }
  return next;
}

function freeze(engine: Engine, image: ImageRecord): void {
  const source = instances(engine).get(image.sourceInstanceId ?? '');
  if (!source || source.state === 'terminated' || source.state === 'shutting-down') {
    settleImage(engine, image, 'failed', 'The instance was terminated before its disk was captured.');
    return;
  }
  // A frozen layer bears the id of the root volume's snapshot.
  freezeDisk(engine, source, image.snapshotIds[0] as string, image.noReboot, ({ chain, failure }) => {
    if (failure) settleImage(engine, image, 'failed', failure.message);
    else capture(engine, image, chain);
  });
}

/** The image has its disk; unless it was deregistered in the meantime, its delay begins. */
function capture(engine: Engine, image: ImageRecord, chain: string[]): void {
  if (images(engine).get(image.imageId)?.state !== 'pending') return;
  for (const id of image.snapshotIds) snapshots(engine).patch(id, { awaited: undefined });
  snapshots(engine).patch(image.snapshotIds[0] as string, { layers: chain });
  images(engine).patch(image.imageId, {
    layers: chain,
    dueAt: engine.clock.now() + engine.latency.of('image.pending'),
  });
}

function settleImage(
  engine: Engine,
  image: ImageRecord,
  state: 'available' | 'failed',
  message?: string,
): void {
  if (images(engine).get(image.imageId)?.state !== 'pending') return;
  images(engine).patch(image.imageId, {
    state,
    dueAt: undefined,
    stateReason: message === undefined ? undefined : { code: 'Server.InternalError', message },
  });
  for (const id of image.snapshotIds) {
    if (!snapshots(engine).has(id)) continue;
    snapshots(engine).patch(id, { state: state === 'available' ? 'completed' : 'error', awaited: undefined });
  }
}
