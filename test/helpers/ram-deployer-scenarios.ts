import type { Project } from '../../src/config/schema.ts';
import { essGroups, essMembers } from '../../src/localcloud/engine/ess/records.ts';
import { cutOver } from '../../src/rollout/blue-green/cutover.ts';
import { retireExpired } from '../../src/rollout/blue-green/retire-expired.ts';
import { rollBackFleet } from '../../src/rollout/rollback-fleet.ts';
import { tidyFleet } from '../../src/rollout/tidy.ts';
import { smokeFleet } from '../../src/smoke/fleet.ts';
import { diagnose } from '../../src/upkeep/diagnose/diagnose.ts';
import { readStatus } from '../../src/upkeep/status.ts';
import { callAlibaba } from './alicloud.ts';
import { answeringRuntime } from './answering-runtime.ts';
import { askOwnPath } from './own-paths.ts';
import { type Outcome, outcomeOf, type Policy, type Scenario } from './policies.ts';
import { RolloutWorld } from './rollout-world.ts';
import { makeServerGroup } from './virtual-server-group.ts';

/** What a scenario finds: a fleet of release 1, and machines that answer as it wants. */
interface Stage {
  world: RolloutWorld;
  /** Releases whose smoke test by command fails. */
  broken: Set<string>;
  /** Called when a machine is given a script. */
  asked: () => void;
  /** Words that bake does not say in events. */
  said: string[];
}

type Config = Parameters<RolloutWorld['project']>[0];

const configured = (world: RolloutWorld, config: Config = {}): Project =>
  world.project({ smoke: { commands: [{ run: 'check-worker', timeout: '30s' }] }, ...config });

async function rollouts(
  policy: Policy,
  then: (stage: Stage) => Promise<unknown>,
  config: Config | ((world: RolloutWorld) => Promise<Config>) = {},
): Promise<Outcome> {
  const broken = new Set<string>();
  const runtime = answeringRuntime((_, script) => {
    stage.asked();
    const release = /BAKE_RELEASE='(\d+)'/.exec(script)?.[1] ?? '';
    return broken.has(release) ? { exitCode: 3, stdout: 'no index\n' } : undefined;
  });
  const world = await RolloutWorld.start({ kind: 'alicloud', policy, runtime });
  const stage: Stage = { world, broken, asked() {}, said: [] };
  try {
    const project = configured(world, typeof config === 'function' ? await config(world) : config);
    await world.addRelease(project, '1');
    const outcome = await outcomeOf(world.local, async () => {
      await world.apply(project);
      await then(stage);
    });
    return { ...outcome, said: outcome.said + stage.said.join('\n') + JSON.stringify(world.events) };
  } finally {
    await world.close();
  }
}

const blueGreen = (settings: object = {}) => ({
  rollout: {
    strategy: 'blue-green',
    blueGreen: { hold: '10m', drainCommand: 'stop', resumeCommand: 'start', ...settings },
  },
});

const groupId = ({ local }: RolloutWorld) =>
  essGroups(local.engine).filter(({ name }) => name === 'workers')[0]!.groupId;

/** What only somebody else gives a group: a rule, scheduled tasks, and protection. */
async function settle(world: RolloutWorld): Promise<void> {
  const ScalingGroupId = groupId(world);
  const ess = (action: string, parameters: object) =>
    callAlibaba(world.local, 'ess', action, { RegionId: world.local.region, ...parameters });
  await ess('CreateScalingRule', {
    ...{ ScalingGroupId, ScalingRuleName: 'more', ScalingRuleType: 'SimpleScalingRule' },
    ...{ AdjustmentType: 'QuantityChangeInCapacity', AdjustmentValue: 1 },
  });
  const LaunchTime = `${new Date(world.clock.now() + 86_400_000).toISOString().slice(0, 16)}Z`;
  await ess('CreateScheduledTask', { ScalingGroupId, ScheduledTaskName: 'night', LaunchTime, MinValue: 1 });
  await ess('SetGroupDeletionProtection', { ScalingGroupId, GroupDeletionProtection: true });
}

export const ramDeployerScenarios: Record<string, Scenario> = {
  'a fleet, changed afterwards, and a rollout': (policy) =>
    rollouts(
      policy,
      async ({ world }) => {
        const hooks = (heartbeat: string) => [{ name: 'drain', on: 'terminate', heartbeat }];
        const size = { min: 2, max: 6, desired: 3 };
        await world.apply(configured(world, { fleet: { size, lifecycleHooks: hooks('2m') } }));
        await world.apply(configured(world, { fleet: { size, lifecycleHooks: hooks('3m') } }));
        const project = configured(world, { fleet: { size, lifecycleHooks: [] } });
        await world.apply(project);
        await world.addRelease(project, '2');
        await world.rollOut(project);
        await readStatus(world.cloud, project);
      },
      { fleet: { lifecycleHooks: [{ name: 'drain', on: 'terminate' }] } },
    ),
  'a rollout whose smoke test fails at a checkpoint': (policy) =>
    rollouts(policy, async ({ world, broken }) => {
      const project = configured(world);
      await world.addRelease(project, '2');
      broken.add('2');
      await world.rollOut(project);
    }),
  'a rollout that the cloud cannot roll back': (policy) =>
    rollouts(policy, async ({ world, broken }) => {
      const project = configured(world);
      await world.addRelease(project, '2');
      broken.add('2');
      const code = 'InstanceRefresh.RollbackNotSupported';
      const fault = {
        service: 'ess',
        operation: 'RollbackInstanceRefresh',
        effect: 'error',
        code,
        status: 400,
      };
      await askOwnPath(world.local, 'faults', { body: { requests: [fault] } });
      await world.rollOut(project);
    }),
  'the way back from a rollout that was cut short, to another release': (policy) =>
    rollouts(policy, async ({ world }) => {
      const project = configured(world);
      await world.rollOut(project);
      await world.addRelease(project, '2');
      await world.rollOut(project);
      await world.addRelease(project, '3');
      await world.crash(project, () => world.fleet.includes('3'));
      await rollBackFleet(world.run(), world.cloud, project, { to: '1', forceUnlock: true });
      await tidyFleet(world.run(), world.cloud, project);
    }),
  'a rollout that replaces a straggler': (policy) =>
    rollouts(policy, async ({ world }) => {
      const project = configured(world);
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
  'a rollout to a launch template that is full': (policy) =>
    rollouts(policy, async ({ world }) => {
      const project = configured(world);
      const { template } = (await world.root.groups.find('workers'))!;
      for (let version = 2; version <= 30; version++)
        await world.root.templates.createVersion({
          ...{ token: `v${version}`, templateId: template.id, source: 1, description: '', settings: {} },
        });
      await world.addRelease(project, '2');
      await world.rollOut(project);
    }),
  'two colours that change places, and the end of the one that was kept': (policy) =>
    rollouts(
      policy,
      async ({ world }) => {
        const project = configured(world, blueGreen({ retire: 'later' }));
        await settle(world);
        await world.addRelease(project, '2');
        await world.rollOut(project);
        await cutOver(world.run(), world.cloud, project, { mode: 'emergency' });
        await world.clock.sleep(700_000);
        await retireExpired(world.run(), world.cloud, project);
      },
      blueGreen(),
    ),
  'two colours of which the first one goes, protected as it is': (policy) =>
    rollouts(
      policy,
      async ({ world }) => {
        const project = configured(world, blueGreen({ hold: '2m' }));
        await settle(world);
        await world.addRelease(project, '2');
        await world.rollOut(project);
      },
      blueGreen(),
    ),
  'smoke tests by command, one of them interrupted, and a diagnosis': (policy) =>
    rollouts(policy, async (stage) => {
      const { world } = stage;
      const project = configured(world);
      await smokeFleet(world.run(), world.cloud, project);
      const interrupt = new AbortController();
      stage.asked = () => interrupt.abort();
      await smokeFleet(world.run(interrupt.signal), world.cloud, project).catch(() => {});
      stage.asked = () => {};
      for (const { instanceId } of essMembers(world.local.engine).all().slice(0, 1))
        essMembers(world.local.engine).patch(instanceId, { healthy: false });
      stage.said.push(JSON.stringify(await diagnose(world.run(), world.cloud, project)));
    }),
  'two colours behind a load balancer, shifted by weight': (policy) =>
    rollouts(policy, async ({ world }) => {
      const { id } = await makeServerGroup(world.local);
      const { copies, groups, traffic } = world.cloud;
      const { template } = (await groups.find('workers'))!;
      const [blue, green] = [`${id}:80@workers`, `${id}:80@workers-green`];
      await traffic.attach('workers', [blue]);
      const tags = { 'bake:project': 'testing' };
      await copies.copy('workers', {
        name: 'workers-green',
        template: { id: template.id, version: 1 },
        tags,
        traffic: false,
      });
      await groups.update('workers-green', { min: 1, desired: 1 });
      while (world.serving('workers-green') !== '1') await world.clock.sleep(1_000);
      await traffic.find(blue);
      await traffic.attach('workers-green', [green]);
      await traffic.targets(green);
      for (const forwarding of await traffic.forwardings([blue, green]))
        await traffic.setWeights(forwarding, [
          { targetGroup: blue, weight: 0 },
          { targetGroup: green, weight: 100 },
        ]);
      await traffic.detach('workers', [blue]);
    }),
};
