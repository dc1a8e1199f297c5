import { CreateRuleCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { subnets } from '../../src/localcloud/engine/ec2/network.ts';
import { makeBalancer } from './balancer.ts';
import { type FullGroup, makeFullGroup } from './full-group.ts';
import { outcomeOf, type Scenario } from './policies.ts';
import { RolloutWorld } from './rollout-world.ts';

/** Another colour of a group with everything, behind a load balancer: copied, compared, shifted to, and removed. */
export const copyScenario: Scenario = async (policy) => {
  const world = await RolloutWorld.start({ policy });
  const balancer = await makeBalancer(world.local, ['blue', 'green']);
  try {
    const [blue, green] = balancer.targetGroups as [string, string];
    const rule = { Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } };
    await balancer.client.send(
      new CreateRuleCommand({
        ListenerArn: balancer.listenerArn,
        Priority: 1,
        Conditions: [rule],
        Actions: [{ Type: 'forward', TargetGroupArn: blue }],
      }),
    );
    const full = await originalIn(world, blue);
    return await outcomeOf(world.local, async () => {
      const { copies, traffic } = world.cloud;
      const to = {
        name: 'web-green',
        template: { id: full.template.id, version: 2 },
        tags: { 'bake:project': 'demo' },
        traffic: false,
      };
      await copies.copy(full.name, to);
      await copies.differences(full.name, to);
      await traffic.find('blue');
      await traffic.attach(to.name, [green]);
      await traffic.targets(green);
      for (const forwarding of await traffic.forwardings([blue]))
        await traffic.setWeights(forwarding, [{ targetGroup: green, weight: 1 }]);
      await traffic.detach(to.name, [green]);
      await copies.remove(to.name);
    });
  } finally {
    balancer.close();
    await world.close();
  }
};

async function originalIn({ local, root, clock }: RolloutWorld, targetGroup: string): Promise<FullGroup> {
  await root.queues.create({ name: 'notices', visibilityTimeout: 30_000, tags: {} });
  const settings = {
    imageId: baseImageId(local.engine),
    instanceType: 't3.micro',
    securityGroupIds: [],
    monitoring: false,
    ebsOptimized: false,
    userData: '',
    tags: {},
  };
  const create = { token: 't', name: 'web', description: '', settings, tags: {} };
  const { id } = await root.templates.create(create);
  await root.templates.createVersion({
    token: 'v2',
    templateId: id,
    source: 1,
    description: '',
    settings: {},
  });
  const full: FullGroup = {
    name: 'web',
    subnets: subnets(local.engine)
      .all()
      .map(({ subnetId }) => subnetId),
    template: { id, version: 1 },
    targetGroups: [targetGroup],
    now: clock.now(),
  };
  await makeFullGroup(local, full, { warmPool: true });
  return full;
}
