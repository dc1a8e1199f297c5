import type { Project } from '../../src/config/schema.ts';
import { answeringRuntime } from './answering-runtime.ts';
import { RolloutWorld } from './rollout-world.ts';

/** A world of queue workers that a command stops and another starts. */
export async function startWorkers(options: { policy?: object } = {}): Promise<RolloutWorld> {
  const world: RolloutWorld = await RolloutWorld.start({
    ...options,
    runtime: answeringRuntime((id, script) => {
      if (script.includes('stop worker')) world.workers.stopped.add(id);
      if (script.includes('start worker')) world.workers.stopped.delete(id);
      return undefined;
    }),
  });
  return world;
}

/** A project whose fleet of workers is rolled out blue-green: `settings` of the strategy, of any rollout, and of the fleet. */
export function blueGreenProject(
  world: RolloutWorld,
  settings: object = {},
  { rollout, fleet, ...rest }: { rollout?: object; fleet?: object; smoke?: object } = {},
): Project {
  const drain = { drainCommand: 'stop worker', resumeCommand: 'start worker' };
  return world.project({
    // Agents answer on instances with a profile only.
    fleet: { instanceProfile: 'worker', ...fleet },
    rollout: { strategy: 'blue-green', blueGreen: { hold: '2m', ...drain, ...settings }, ...rollout },
    ...rest,
  });
}

/** Instances of a group whose workers receive. */
export const receiving = (world: RolloutWorld, group: string): string[] =>
  world.idsIn(group).filter((id) => !world.workers.stopped.has(id));
