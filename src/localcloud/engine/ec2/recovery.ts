import type { Engine } from '../engine.ts';
import { openMetadata } from './boot.ts';
import { onRuntime } from './instance-jobs.ts';
import { endedByItself } from './instance-machine.ts';
import { instances } from './instance-record.ts';

/**
 * Takes up the instances after a restart of the daemon; call it when `engine.endpoint` is
 * set and before the first settle. Machines that still run are
 * kept; those that should run and do not are booted again with their disk, address and id; what was under way goes on.
 */
export async function resumeInstances(engine: Engine): Promise<void> {
  const known = instances(engine).filter(({ state }) => state !== 'terminated' && state !== 'stopped');
  const gone = new Set(await engine.runtime.recover(known.map(({ instanceId }) => instanceId)));
  for (const instance of known) {
    const { instanceId, state } = instance;
    const lives = !gone.has(instanceId);
    if (lives && state !== 'shutting-down') {
      const open = async () => void (await openMetadata(engine, instance));
      onRuntime(engine, instanceId, 'metadata of', open, ({ ended }) => {
        if (ended) endedByItself(engine, instanceId);
      });
    }
    if (state === 'running' && !lives) instances(engine).patch(instanceId, { restart: 'recovery' });
    // It came up, or the daemon died while it waited for the delay's end: either way the rest is the delay.
    if (state === 'pending') {
      instances(engine).patch(
        instanceId,
        lives ? { booted: true, dueAt: engine.clock.now() } : { dueAt: undefined },
      );
    }
  }
}
