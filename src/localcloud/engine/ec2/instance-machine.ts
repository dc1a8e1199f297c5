import type { Engine } from '../engine.ts';
import { boot } from './boot.ts';
import { cutBootShort, isBusy, type JobEnd, noteEnd, onRuntime } from './instance-jobs.ts';
import { type InstanceRecord, type InstanceState, instances } from './instance-record.ts';
import { internalReason, ownReason, transition } from './transitions.ts';
import { releaseVolumes } from './volumes.ts';

/** EC2 shows terminated instances for about an hour. Milliseconds. */
const TERMINATED_KEPT = 3_600_000;

/** One step of every instance that is on its way somewhere; returns when to look again. */
export function reconcileInstances(engine: Engine, now: number): number | undefined {
  let next: number | undefined;
  for (const instance of instances(engine).all()) {
    const due = step(engine, instance, now);
    if (due !== undefined) next = Math.min(next ?? due, due);
  }
  return next;
}

function step(engine: Engine, instance: InstanceRecord, now: number): number | undefined {
  if (instance.dueAt === undefined) {
    work(engine, instance);
    return undefined;
  }
  if (instance.dueAt > now) return instance.dueAt;
  arrive(engine, instance, now);
  return undefined;
}

/** What the runtime has to do in a state before its delay begins. */
function work(engine: Engine, instance: InstanceRecord): void {
  const { instanceId: id } = instance;
  const { runtime } = engine;
  if (instance.state === 'pending') {
    onRuntime(
      engine,
      id,
      'boot',
      () => boot(engine, instance),
      (end) => bootEnded(engine, id, end),
    );
  } else if (instance.state === 'running' && instance.restart) {
    const again = async () => {
      if (instance.restart === 'reboot' || instance.restart === 'root-volume') await runtime.shutdown(id);
      if (instance.restart === 'root-volume') await runtime.destroy(id);
      await boot(engine, instance);
    };
    onRuntime(engine, id, instance.restart, again, (end) => restartEnded(engine, id, end));
  } else if (instance.state === 'stopping') {
    const stop = async () => {
      await runtime.shutdown(id);
      await engine.metadata?.close(id);
    };
    onRuntime(engine, id, 'stop', stop, () => wait(engine, id, 'stopping', 'instance.stopping'));
  } else if (instance.state === 'shutting-down') {
    cutBootShort(engine, id);
    // A machine that does not go down in good order is ended all the same.
    const end = async () => {
      await runtime.shutdown(id).catch((error: Error) => engine.log(`shutdown ${id}: ${error.message}`));
      await engine.metadata?.close(id);
      await runtime.destroy(id);
    };
    onRuntime(engine, id, 'terminate', end, () =>
      wait(engine, id, 'shutting-down', 'instance.shutting-down'),
    );
  }
}

/** The delay of a transition begins, if it is still the one under way. */
function wait(
  engine: Engine,
  id: string,
  state: InstanceState,
  latency: 'instance.pending' | 'instance.stopping' | 'instance.shutting-down',
): void {
  if (instances(engine).get(id)?.state !== state) return;
  instances(engine).patch(id, { dueAt: engine.clock.now() + engine.latency.of(latency) });
}

/** The delay is over. */
function arrive(engine: Engine, instance: InstanceRecord, now: number): void {
  const { instanceId: id } = instance;
  if (instance.state === 'pending') transition(engine, id, 'running');
  else if (instance.state === 'stopping') transition(engine, id, 'stopped');
  else if (instance.state === 'shutting-down') {
    releaseVolumes(engine, instance);
    transition(engine, id, 'terminated', undefined, { dueAt: now + TERMINATED_KEPT, blockDevices: [] });
  } else if (instance.state === 'terminated') instances(engine).delete(id);
}

function bootEnded(engine: Engine, id: string, { failure, ended }: JobEnd): void {
  const instance = instances(engine).get(id);
  if (!instance) return;
  // Also when a stop came in between: user data has had its turn.
  instances(engine).patch(id, { booted: instance.booted || !failure, unchanged: undefined });
  if (instance.state !== 'pending') return;
  if (failure) {
    // An instance that had been up goes back to stopped with its disk; a new one is of no use.
    transition(engine, id, instance.booted ? 'stopping' : 'shutting-down', internalReason(failure.message));
    return;
  }
  wait(engine, id, 'pending', 'instance.pending');
  if (ended) endedByItself(engine, id);
}

function restartEnded(engine: Engine, id: string, { failure, ended }: JobEnd): void {
  const instance = instances(engine).get(id);
  if (instance?.state !== 'running') return;
  if (failure) {
    const why =
      instance.restart === 'recovery'
        ? 'instance lost at restart of the local cloud'
        : 'the instance did not come up again';
    transition(engine, id, 'shutting-down', internalReason(`${why}: ${failure.message}`));
    return;
  }
  instances(engine).patch(id, { booted: true, restart: undefined, unchanged: undefined });
  if (ended) endedByItself(engine, id);
}

/** For `runtime.onEnd`: the machine ended without having been told to from here. */
export function machineEnded(engine: Engine, id: string): void {
  if (isBusy(engine, id)) noteEnd(engine, id);
  else endedByItself(engine, id);
  engine.settle();
}

/** Its state follows: stopped or terminated, by its shutdown behaviour. */
export function endedByItself(engine: Engine, id: string): void {
  const instance = instances(engine).get(id);
  if (instance?.state !== 'running' && instance?.state !== 'pending') return;
  transition(engine, id, instance.shutdownBehavior === 'terminate' ? 'shutting-down' : 'stopping', ownReason);
}
