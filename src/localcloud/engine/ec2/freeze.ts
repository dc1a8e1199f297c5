import type { Engine } from '../engine.ts';
import { onRuntime } from './instance-jobs.ts';
import { type InstanceRecord, instances } from './instance-record.ts';
import { layers } from './layers.ts';

/** The layers that the disk consisted of at that moment, topmost first; or why it could not be had. */
type Frozen = { chain: string[]; failure?: undefined } | { chain?: undefined; failure: Error };

/**
 * Freezes an instance's disk as the layer `layerId` and says so to `done`. A running instance is stopped for it and booted
 * again unless `noReboot`. Does nothing while the instance is on its way up or down, or at work: the reconciler asks again.
 */
export function freezeDisk(
  engine: Engine,
  source: InstanceRecord,
  layerId: string,
  noReboot: boolean,
  done: (frozen: Frozen) => void,
): void {
  if (!isQuiet(source)) return;
  if (source.unchanged) {
    done({ chain: source.layers });
    return;
  }
  const live = source.state === 'running' && noReboot;
  const work = async () => {
    if (source.state === 'running' && !live) await engine.runtime.shutdown(source.instanceId);
    await engine.runtime.freeze(source.instanceId, layerId, { live });
  };
  onRuntime(engine, source.instanceId, `freeze ${layerId} from`, work, ({ failure }) => {
    const chain = [layerId, ...source.layers];
    if (!failure) layers(engine).put(layerId, { layerId });
    if (!live) afterFreeze(engine, source.instanceId, failure ? undefined : chain);
    done(failure ? { failure } : { chain });
  });
}

/** What was frozen now lies under the instance, which has a fresh layer above it; one that ran goes up again. */
function afterFreeze(engine: Engine, instanceId: string, chain: string[] | undefined): void {
  const instance = instances(engine).get(instanceId);
  if (!instance) return;
  if (chain) instances(engine).patch(instanceId, { layers: chain, unchanged: true });
  if (instance.state === 'running') instances(engine).patch(instanceId, { restart: 'image' });
}

/** Neither on its way up nor down. */
const isQuiet = ({ state, restart }: InstanceRecord) =>
  (state === 'running' || state === 'stopped') && restart === undefined;
