import type { Engine } from '../engine.ts';
import { images } from './images.ts';
import { onRuntime } from './instance-jobs.ts';
import { instances } from './instance-record.ts';
import { snapshots } from './snapshots.ts';

/** A frozen layer that lies on disk. */
export interface LayerRecord {
  layerId: string;
  /** Could not be removed; tried again at no time, so that a broken disk does not keep the engine busy. */
  stuck?: boolean;
}

export const layers = (engine: Engine) => engine.store.table<LayerRecord>('layers');

/** Removes the layers that no image, no snapshot and no instance refers to any more. */
export function reconcileLayers(engine: Engine): undefined {
  if (layers(engine).size === 0) return;
  const used = new Set([
    ...images(engine)
      .filter(({ state }) => state !== 'deregistered' && state !== 'failed')
      .flatMap((image) => image.layers),
    ...snapshots(engine)
      .all()
      .flatMap((snapshot) => snapshot.layers),
    ...instances(engine)
      .filter(({ state }) => state !== 'terminated')
      .flatMap((instance) => instance.layers),
  ]);
  for (const { layerId, stuck } of layers(engine).all()) {
    if (stuck || used.has(layerId)) continue;
    onRuntime(
      engine,
      layerId,
      'remove layer',
      () => engine.runtime.removeLayer(layerId),
      ({ failure }) => {
        if (failure) layers(engine).patch(layerId, { stuck: true });
        else layers(engine).delete(layerId);
      },
    );
  }
}
