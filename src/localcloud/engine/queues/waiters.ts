import type { Engine } from '../engine.ts';
import { reconcileMoveTasks } from './move-tasks.ts';
import { nextVisible, takeMessages } from './receive.ts';
import { findQueue, type MessageRecord, queues } from './records.ts';

/** A long poll that has found nothing yet. */
interface Waiter {
  queueName: string;
  most: number;
  visibilityTimeout: number | undefined;
  deadline: number;
  done(messages: MessageRecord[]): void;
}

/** Open requests belong to the process, not to the store: clients ask again after a restart. */
const waiting = new WeakMap<Engine, Set<Waiter>>();

/** Wakes long polls when a message arrives or shows itself again, first come, first served. */
export function installQueues(engine: Engine): void {
  const waiters = new Set<Waiter>();
  waiting.set(engine, waiters);
  engine.addReconciler({ name: 'message moves', reconcile: (now) => reconcileMoveTasks(engine, now) });
  engine.addReconciler({
    name: 'queues',
    reconcile(now) {
      let wake: number | undefined;
      for (const waiter of waiters) {
        const queue = queues(engine).get(waiter.queueName);
        const messages = queue ? takeMessages(engine, queue, waiter.most, waiter.visibilityTimeout) : [];
        if (messages.length > 0 || !queue || now >= waiter.deadline) {
          waiters.delete(waiter);
          waiter.done(messages);
        } else {
          const next = Math.min(waiter.deadline, nextVisible(engine, waiter.queueName) ?? waiter.deadline);
          wake = Math.min(wake ?? next, next);
        }
      }
      return wake;
    },
  });
}

/**
 * Receives up to `most` messages; with none there, waits for the first up to `waitSeconds` (not shortened by the engine's
 * speed: it ends as soon as there is something), or until the signal aborts.
 */
export function receiveMessages(
  engine: Engine,
  queueName: string,
  options: { most: number; visibilityTimeout: number | undefined; waitSeconds: number; signal: AbortSignal },
): Promise<MessageRecord[]> {
  const { most, visibilityTimeout, waitSeconds, signal } = options;
  const messages = takeMessages(engine, findQueue(engine, queueName), most, visibilityTimeout);
  if (messages.length > 0 || waitSeconds === 0 || signal.aborted) return Promise.resolve(messages);
  return new Promise((resolve) => {
    const waiters = waiting.get(engine) as Set<Waiter>;
    const leave = () => {
      waiters.delete(waiter);
      resolve([]);
    };
    const waiter: Waiter = {
      queueName,
      most,
      visibilityTimeout,
      deadline: engine.clock.now() + waitSeconds * 1_000,
      done(found) {
        signal.removeEventListener('abort', leave);
        resolve(found);
      },
    };
    waiters.add(waiter);
    signal.addEventListener('abort', leave, { once: true });
    engine.settle();
  });
}
