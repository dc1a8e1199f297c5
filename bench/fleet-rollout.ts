import { faultyProxy } from '../test/helpers/faulty-proxy.ts';
import { RolloutWorld } from '../test/helpers/rollout-world.ts';

export interface Measured {
  instances: number;
  /** Of simulated time. */
  minutes: number;
  calls: number;
  callsPerMinute: number;
  /** The most frequent operations, with how often each was called. */
  operations: Record<string, number>;
  /** Of bake and the local cloud together, MiB. */
  memory: number;
}

/** A rolling rollout of a fleet of this size on the process-less runtime, in virtual time, with every request counted on the wire. */
export async function measure(instances: number): Promise<Measured> {
  const counted = new Map<string, number>();
  let proxy: Awaited<ReturnType<typeof faultyProxy>> | undefined;
  const world = await RolloutWorld.start({
    async between(endpoint) {
      proxy = await faultyProxy(endpoint);
      return proxy.endpoint;
    },
  });
  try {
    for (const release of ['1', '2']) world.workers.behaviours.set(release, 'deaf');
    const project = world.project({
      fleet: { size: { min: 1, max: 2 * instances, desired: instances }, warmup: '60s' },
      rollout: { maxHealthyPercentage: 110, checkpoints: [10, 50, 100], checkpointDelay: '2m' },
      smoke: {},
    });
    await world.addRelease(project, '1');
    await world.apply(project);
    await world.addRelease(project, '2');
    proxy?.fail('a 500', (_, operation) => {
      counted.set(operation, (counted.get(operation) ?? 0) + 1);
      return false;
    });
    const startedAt = world.clock.now();
    await world.rollOut(project);
    const minutes = (world.clock.now() - startedAt) / 60_000;
    const calls = [...counted.values()].reduce((sum, times) => sum + times, 0);
    const byNumber = [...counted].sort(([, a], [, b]) => b - a).slice(0, 6);
    return {
      instances,
      minutes: round(minutes),
      calls,
      callsPerMinute: round(calls / minutes),
      operations: Object.fromEntries(byNumber),
      memory: Math.round(process.memoryUsage().rss / 2 ** 20),
    };
  } finally {
    proxy?.close();
    await world.close();
  }
}

const round = (value: number) => Math.round(value * 10) / 10;
