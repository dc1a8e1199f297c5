import type { Engine } from '../engine.ts';
import { reconcileGroups } from './reconcile.ts';
import { reconcileRefreshes } from './refresh/reconcile.ts';

/** Puts Auto Scaling into an engine that has EC2. */
export function installAutoScaling(engine: Engine): void {
  engine.addReconciler({ name: 'instance refreshes', reconcile: (now) => reconcileRefreshes(engine, now) });
  engine.addReconciler({ name: 'scaling groups', reconcile: (now) => reconcileGroups(engine, now) });
}
