import type { Engine } from '../engine.ts';
import { evaluateComposites } from './composite.ts';
import { evaluateAlarms } from './evaluate-alarms.ts';
import { publishQueueMetrics } from './queue-metrics.ts';

/** Puts CloudWatch into an engine that has queues. */
export function installCloudWatch(engine: Engine): void {
  engine.addReconciler({ name: 'queue metrics', reconcile: (now) => publishQueueMetrics(engine, now) });
  engine.addReconciler({
    name: 'alarms',
    reconcile(now) {
      const next = evaluateAlarms(engine, now);
      evaluateComposites(engine);
      return next;
    },
  });
}
