import { describe, expect, it } from 'vitest';
import { readLock } from '../../src/rollout/lock.ts';
import { type Fault, type FaultyProxy, faultyProxy } from '../helpers/faulty-proxy.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

/**
 * Of each operation that changes something every fourth call fails in one rollout, so that each finds a rollout that goes on as usual; of
 * those that look, of which there are many, fewer. After a throttled call the SDK slows down by itself, in real time: only the first
 * look of each kind is throttled.
 */
const STRIDE = 4;
function fails(
  fault: Fault,
  { call, operation, offset }: { call: number; operation: string; offset: number },
) {
  if (!/^(Describe|Get|Filter|List)/.test(operation)) return call % STRIDE === offset;
  return fault === 'throttling' ? offset + call === 0 : call % (8 * STRIDE) === offset;
}

/** Whatever else a rollout calls, these make, move or end something. */
const CHANGING = {
  works: [
    'CreateLaunchTemplateVersion',
    'CreateOrUpdateTags',
    'PutParameter',
    'ResumeProcesses',
    'SendMessage',
    'StartInstanceRefresh',
    'SuspendProcesses',
  ],
  deaf: ['RollbackInstanceRefresh', 'ResumeProcesses', 'StartInstanceRefresh'],
};

/** Rolls out while the calls at `offset` fail; returns the operations that did. */
async function rollOutWith(fault: Fault, behaviour: 'works' | 'deaf', offset: number): Promise<string[]> {
  let proxy: FaultyProxy | undefined;
  const world = await RolloutWorld.start({
    between: async (endpoint) => {
      proxy = await faultyProxy(endpoint);
      return proxy.endpoint;
    },
  });
  try {
    const { logGroup } = world.workers;
    const project = world.project({
      fleet: { size: { min: 1, max: 4, desired: 2 } },
      rollout: { maxHealthyPercentage: 150, checkpoints: [50, 100], checkpointDelay: '30s' },
      smoke: { sqs: { queue: 'jobs', message: 'job ${smoke.id}', logGroup, timeout: '20s' } },
    });
    await world.addRelease(project, '1');
    await world.apply(project);
    await world.addRelease(project, '2');
    world.workers.behaviours.set('2', behaviour);
    proxy!.fail(fault, (call, operation) => fails(fault, { call, operation, offset }));
    const error = await world.rollOut(project).then(
      () => undefined,
      (thrown: Error) => thrown.message,
    );
    const when = `${fault} of ${proxy!.failed.join(', ')}`;
    if (behaviour === 'works') expect(error, when).toBeUndefined();
    else expect(error, when).toMatch(/the smoke test at 50 %: .*The fleet is back on release 1/);
    const version = behaviour === 'works' ? 2 : 1;
    const group = (await world.root.groups.find('workers'))!;
    expect(world.fleet, when).toBe(String(version).repeat(2));
    expect(group.template.version, when).toBe(version);
    expect(group.suspendedProcesses, when).toEqual([]);
    expect(await world.root.refreshes.list('workers'), when).toHaveLength(1);
    expect((await world.root.templates.findByName('workers'))?.latestVersion, when).toBe(2);
    expect(await readLock(world.root, project), when).toBeUndefined();
    return proxy!.failed;
  } finally {
    await world.close();
    proxy?.close();
  }
}

describe.concurrent('a rollout of which every API call fails once', () => {
  it.each(
    (['throttling', 'a 500', 'a lost answer'] as const).flatMap((fault) =>
      (['works', 'deaf'] as const).map((behaviour) => [fault, behaviour] as const),
    ),
  )('with %s, of a release that is %s, ends as it would have without', async (fault, behaviour) => {
    // The SDK's pauses after a refusal are in real time: at the same time they pass together.
    const offsets = behaviour === 'works' ? [0, 1, 2, 3] : [0, 1];
    const failed = await Promise.all(offsets.map((offset) => rollOutWith(fault, behaviour, offset)));
    expect(failed.flat()).toEqual(expect.arrayContaining(CHANGING[behaviour]));
    expect(failed.flat().length).toBeGreaterThan(15);
  });
});
