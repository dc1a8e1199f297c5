import type { Engine } from '../engine.ts';
import { serverChecks } from './health.ts';
import { clbProxies } from './proxies.ts';

/** Puts the load balancers of CLB into the engine. */
export function installClb(engine: Engine): void {
  engine.addReconciler({ name: 'clb health', reconcile: serverChecks(engine) });
  engine.addReconciler({ name: 'clb', reconcile: clbProxies(engine) });
}
