import { planFleet } from '../../src/fleet/plan.ts';
import { setHealth } from '../../src/localcloud/engine/autoscaling/health.ts';
import { membersOf } from '../../src/localcloud/engine/autoscaling/members.ts';
import { readLastRun } from '../../src/rollout/lock.ts';
import { rollBackFleet } from '../../src/rollout/rollback-fleet.ts';
import { findSetback } from '../../src/rollout/setback.ts';
import { tidyFleet } from '../../src/rollout/tidy.ts';
import { readStatus } from '../../src/upkeep/status.ts';
import { putAlarm } from './alarms.ts';
import { makeBalancer } from './balancer.ts';
import { coloursScenario } from './deployer-colours.ts';
import { copyScenario } from './deployer-copies.ts';
import { smokeScenario } from './deployer-smoke.ts';
import { askOwnPath } from './own-paths.ts';
import { type Outcome, outcomeOf, type Policy, type Scenario } from './policies.ts';
import { RolloutWorld } from './rollout-world.ts';
import { THREE_FILES } from './scaling-fleet.ts';
import { scriptedRuntime } from './scripted-runtime.ts';

/** Brings release 1, and whatever `then` does after it. */
async function rollouts(
  policy: Policy,
  then: (world: RolloutWorld) => Promise<unknown>,
  config: Parameters<RolloutWorld['project']>[0] = {},
): Promise<Outcome> {
  const world = await RolloutWorld.start({ policy, runtime: scriptedRuntime() });
  try {
    const project = world.project(config);
    await world.addRelease(project, '1');
    const outcome = await outcomeOf(world.local, async () => {
      await world.apply(project);
      await then(world);
    });
    return { ...outcome, said: outcome.said + JSON.stringify(world.events) };
  } finally {
    await world.close();
  }
}

const withProfile = (fleet: object = {}) => ({ fleet: { instanceProfile: 'worker', ...fleet } });

export const deployerScenarios: Record<string, Scenario> = {
  'another colour, its traffic and its end': copyScenario,
  'two colours that change places': coloursScenario,
  'smoke tests of every kind, and a diagnosis': smokeScenario,
  'a fleet, changed afterwards, and a rollout': (policy) =>
    rollouts(
      policy,
      async (world) => {
        const project = world.project(withProfile({ metrics: false, size: { min: 2, max: 6, desired: 3 } }));
        await world.apply(project);
        await world.addRelease(project, '2');
        await world.rollOut(project);
        await readStatus(world.cloud, project);
      },
      withProfile(),
    ),
  'a fleet that scales by itself and gets requests, and no more': (policy) =>
    rollouts(policy, async (world) => {
      const balancer = await makeBalancer(world.local, ['web', 'admin']);
      const lifecycleHooks = [{ name: 'drain', on: 'terminate' }];
      const fleet = { scaling: THREE_FILES, lifecycleHooks, targetGroups: ['web'] };
      await world.apply(world.project({ fleet }));
      await planFleet(world.run(), world.cloud, world.project());
      await world.apply(world.project({ fleet: { targetGroups: ['admin'] } }));
      balancer.close();
    }),
  'a rollout of a release that logs errors': (policy) =>
    rollouts(policy, async (world) => {
      const project = world.project(withProfile());
      await world.addRelease(project, '2');
      world.workers.behaviours.set('2', 'logs errors');
      await world.rollOut(project);
    }),
  'a rollout whose last smoke test fails': (policy) =>
    rollouts(policy, async (world) => {
      const project = world.project({ rollout: { checkpoints: [], checkpointDelay: '1m' } });
      await world.addRelease(project, '2');
      world.workers.behaviours.set('2', 'deaf');
      await world.rollOut(project);
    }),
  'the way back from a rollout that was cut short, to another release': (policy) =>
    rollouts(policy, async (world) => {
      const project = world.project();
      await world.addRelease(project, '2');
      await world.rollOut(project);
      await world.addRelease(project, '3');
      await world.crash(project, () => world.fleet.includes('3'));
      await findSetback(world.cloud, project, await readLastRun(world.cloud, project));
      await rollBackFleet(world.run(), world.cloud, project, { to: '1', forceUnlock: true });
      await tidyFleet(world.run(), world.cloud, project);
    }),
  'a rollout that is watched by an alarm': (policy) =>
    rollouts(policy, async (world) => {
      await putAlarm(world.local, 'errors');
      const project = world.project({ rollout: { alarms: ['errors'] } });
      await world.addRelease(project, '2');
      await world.rollOut(project);
    }),
  'a rollout that replaces a straggler': (policy) =>
    rollouts(policy, async (world) => {
      const project = world.project();
      await world.addRelease(project, '2');
      await world.rollOut(project);
      // Somebody points the group at the old version for a moment; what ends then comes back as the old one.
      const { groups } = world.root;
      const { template, instances } = (await groups.find('workers'))!;
      await groups.update('workers', { template: { id: template.id, version: 1 } });
      await groups.terminateInstance(instances[0]!.id, { decrementDesired: false });
      while (world.fleet !== '122') await world.clock.sleep(1_000);
      await groups.update('workers', { template: { id: template.id, version: 2 } });
      await world.rollOut(project);
    }),
  'a rollout that the cloud cannot roll back': (policy) =>
    rollouts(policy, async (world) => {
      const project = world.project();
      await world.addRelease(project, '2');
      world.workers.behaviours.set('2', 'logs errors');
      // As the cloud says where the way back is to a template that names its image by a parameter.
      const requests = [
        {
          service: 'autoscaling',
          operation: 'RollbackInstanceRefresh',
          effect: 'error',
          code: 'IrreversibleInstanceRefresh',
          status: 400,
        },
      ];
      await askOwnPath(world.local, 'faults', { body: { requests } });
      await world.rollOut(project);
    }),
  'a rollout whose instances never become healthy': (policy) =>
    rollouts(policy, async (world) => {
      const project = world.project({ rollout: { progressDeadline: '5m' } });
      await world.addRelease(project, '2');
      const { engine } = world.local;
      world.meanwhile = () => {
        for (const { instanceId, state, template } of membersOf(engine, 'workers'))
          if (state === 'InService' && template?.version === '2')
            setHealth(engine, instanceId, 'Unhealthy', false);
        engine.settle();
      };
      await world.rollOut(project);
    }),
};
