import type { Engine } from '../engine.ts';
import { reconcileFates } from './instances.ts';
import { installWaits } from './waits.ts';

/** Puts faults into an engine; before EC2. */
export function installFaults(engine: Engine): void {
  installWaits(engine);
  engine.addReconciler({ name: 'faults', reconcile: (now) => reconcileFates(engine, now) });
}
