import type { Engine } from '../engine.ts';
import { reconcilePolicies } from './policies/reconcile.ts';
import { publishGroupMetrics } from './publish-metrics.ts';
import { reconcileGroups } from './reconcile.ts';
import { reconcileRefreshes } from './refresh/reconcile.ts';
import { reconcileSchedules } from './schedules/reconcile.ts';

/** Puts Auto Scaling into an engine that has EC2. */
export function installAutoScaling(engine: Engine): void {
  engine.addReconciler({ name: 'group metrics', reconcile: (now) => publishGroupMetrics(engine, now) });
  engine.addReconciler({ name: 'scaling policies', reconcile: () => reconcilePolicies(engine) });
  engine.addReconciler({ name: 'scheduled actions', reconcile: (now) => reconcileSchedules(engine, now) });
  engine.addReconciler({ name: 'instance refreshes', reconcile: (now) => reconcileRefreshes(engine, now) });
  engine.addReconciler({ name: 'scaling groups', reconcile: (now) => reconcileGroups(engine, now) });
}
