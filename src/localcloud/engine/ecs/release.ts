import { instances, terminateInstances } from '../ec2/instances.ts';
import type { Engine } from '../engine.ts';
import { ecsInstances } from './records.ts';

/** Releases instances whose time has come (AutoReleaseTime). */
export function installRelease(engine: Engine): void {
  engine.addReconciler({ name: 'ecs-release', reconcile: (now) => release(engine, now) });
}

function release(engine: Engine, now: number): number | undefined {
  let wake: number | undefined;
  for (const { instanceId, releaseAt } of ecsInstances(engine).all()) {
    const state = instances(engine).get(instanceId)?.state;
    if (state === undefined || state === 'terminated' || state === 'shutting-down') {
      ecsInstances(engine).delete(instanceId);
    } else if (releaseAt !== undefined) {
      if (releaseAt <= now) terminateInstances(engine, [instanceId], 'Automatic release');
      else wake = Math.min(wake ?? releaseAt, releaseAt);
    }
  }
  return wake;
}
