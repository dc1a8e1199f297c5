import type { Engine } from '../engine.ts';
import { type ImageRecord, images } from './images.ts';
import { onRuntime } from './instance-jobs.ts';
import { type InstanceRecord, instances } from './instance-record.ts';
import { layers } from './layers.ts';
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
  if (!isQuiet(source)) return;
  // A frozen layer bears the id of the root volume's snapshot.
  const layerId = image.snapshotIds[0] as string;
  const live = source.state === 'running' && image.noReboot;
  const work = async () => {
    if (source.state === 'running' && !live) await engine.runtime.shutdown(source.instanceId);
    await engine.runtime.freeze(source.instanceId, layerId, { live });
  };
  onRuntime(engine, source.instanceId, `freeze ${layerId} from`, work, ({ failure }) => {
    const instance = instances(engine).get(source.instanceId) ?? source;
    if (instance.state === 'running' && !live) {
      instances(engine).patch(instance.instanceId, { restart: 'image' });
    }
    if (failure) {
      settleImage(engine, image, 'failed', failure.message);
      return;
    }
    layers(engine).put(layerId, { layerId });
    const chain = [layerId, ...source.layers];
    // A copy leaves the instance's own layer as it was; a frozen one now lies under a fresh one.
    if (!live && instances(engine).has(source.instanceId)) {
      instances(engine).patch(source.instanceId, { layers: chain });
    }
    snapshots(engine).patch(layerId, { layers: chain });
    images(engine).patch(image.imageId, {
      layers: chain,
      dueAt: engine.clock.now() + engine.latency.of('image.pending'),
    });
  });
}

/** Neither on its way up nor down. */
const isQuiet = ({ state, restart }: InstanceRecord) =>
  (state === 'running' || state === 'stopped') && restart === undefined;

function settleImage(
  engine: Engine,
  image: ImageRecord,
  state: 'available' | 'failed',
  message?: string,
): void {
  images(engine).patch(image.imageId, {
    state,
    dueAt: undefined,
    stateReason: message === undefined ? undefined : { code: 'Server.InternalError', message },
  });
  for (const id of image.snapshotIds) {
    if (!snapshots(engine).has(id)) continue;
    snapshots(engine).patch(id, { state: state === 'available' ? 'completed' : 'error' });
  }
}
