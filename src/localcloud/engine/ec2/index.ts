import type { Engine } from '../engine.ts';
import { reconcileSnapshots } from './create-snapshot.ts';
import { reconcileImages } from './image-machine.ts';
import { baseImageId } from './images.ts';
import { machineEnded, reconcileInstances } from './instance-machine.ts';
import { reconcileLayers } from './layers.ts';
import { firstVpc } from './network.ts';
import { reconcileRootTasks } from './replace-root.ts';
import { reconcileSpot } from './spot-machine.ts';

export { resumeInstances } from './recovery.ts';

/** Puts EC2 into an engine: its default network and base image, its state machines, its ears on the runtime. */
export function installEc2(engine: Engine): void {
  firstVpc(engine);
  baseImageId(engine);
  engine.addReconciler({ name: 'instances', reconcile: (now) => reconcileInstances(engine, now) });
  engine.addReconciler({ name: 'root volume tasks', reconcile: () => reconcileRootTasks(engine) });
  engine.addReconciler({ name: 'spot requests', reconcile: (now) => reconcileSpot(engine, now) });
  engine.addReconciler({ name: 'images', reconcile: (now) => reconcileImages(engine, now) });
  engine.addReconciler({ name: 'snapshots', reconcile: (now) => reconcileSnapshots(engine, now) });
  engine.addReconciler({ name: 'layers', reconcile: () => reconcileLayers(engine) });
  engine.runtime.onEnd((instanceId) => machineEnded(engine, instanceId));
}
