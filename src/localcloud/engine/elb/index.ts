import type { Engine } from '../engine.ts';
import { targetChecks } from './checks.ts';
import { proxies } from './proxies.ts';
import { publishTraffic } from './traffic.ts';

/** Puts load balancing into an engine that has EC2. */
export function installLoadBalancing(engine: Engine): void {
  engine.addReconciler({ name: 'target health', reconcile: targetChecks(engine) });
  engine.addReconciler({ name: 'load balancer metrics', reconcile: (now) => publishTraffic(engine, now) });
  engine.addReconciler({ name: 'load balancers', reconcile: proxies(engine) });
}
