import { openCloud } from '../../src/clouds/open.ts';
import { subnets } from '../../src/localcloud/engine/ec2/network.ts';
import { collectGarbage } from '../../src/upkeep/gc.ts';
import { builds } from './builder-scenarios.ts';
import { outcomeOf, type Policy, type Scenario } from './policies.ts';
import { ScriptedWorld } from './scripted-world.ts';

const kind = 'alicloud';
const builder = { instanceProfile: 'builder', instanceTypes: ['ecs.c7.large'] };
const ssh = { communicator: 'ssh', ssh: { user: 'root', source: '127.0.0.1/32' } };
const layer = (inline: string) => [{ name: 'application', provisioners: [{ inline, reboot: true }] }];

const config = (image: object) => ({
  cloud: kind,
  region: 'eu-central-1',
  image: {
    base: { family: 'acs:alibaba_cloud_linux_3_2104_lts_x64' },
    builder,
    layers: layer('first'),
    ...image,
  },
});

/** Two releases, the older one shared; of these one is kept, and the launch templates and groups are asked what they run. */
async function gc(policy: Policy) {
  const world = await ScriptedWorld.start({ kind, policy });
  const { endpoint, region, credentials } = world.local;
  const root = await openCloud({ kind, endpoint, region, credentials, local: true, clock: world.clock });
  try {
    // Nobody else can use what is encrypted with the account's own key.
    const image = {
      builder: { ...builder, rootVolume: { encrypted: false } },
      distribute: { accounts: ['1111222233334444'], regions: ['us-east-1'] },
      publish: { family: 'demo-app' },
      keep: 1,
    };
    return await outcomeOf(world.local, async () => {
      const said: unknown[] = [];
      for (const inline of ['first', 'second']) {
        const built = await world.build(config({ ...image, layers: layer(inline) }));
        said.push(built.events, built.error?.message, built.error?.hint);
      }
      const [newest] = await root.images.findByTags({ 'bake:project': 'demo', 'bake:release': '2' });
      const template = await root.templates.create({
        ...{ token: 'web', name: 'web', description: '', tags: {} },
        settings: {
          ...{ imageId: newest?.id ?? '', instanceType: 'ecs.c7.large', userData: '', tags: {} },
          ...{ securityGroupIds: [], monitoring: false, ebsOptimized: false },
        },
      });
      await root.groups.create({
        ...{ name: 'web', min: 0, max: 1, desired: 0, subnets: [], zones: await root.groups.zones() },
        ...{ template: { id: template.id, version: 1 }, healthCheckType: 'EC2', tags: {} },
        ...{ healthCheckGrace: 0, defaultWarmup: 0, protectFromScaleIn: false, metricsEnabled: false },
      });
      said.push(await collectGarbage(world.run(), world.cloud, world.project(config(image)), {}));
      return said;
    });
  } finally {
    root.close();
    await world.close();
  }
}

export const ramBuilderScenarios: Record<string, Scenario> = {
  'a build of two layers, with a reboot and a test of the image, that is published everywhere': (policy) =>
    builds(
      policy,
      { kind },
      {
        builder: { ...builder, rootVolume: { encrypted: false } },
        test: {},
        distribute: { regions: ['us-east-1'], accounts: ['1111222233334444'] },
        publish: { parameter: '/demo/latest', family: 'demo' },
      },
    ),
  'a build whose image fails its test while it is being copied': (policy) =>
    builds(
      policy,
      {
        kind,
        delays: {
          boot: 20_000,
          cloud: { 'image.pending': 60_000, 'image.copy': 120_000 },
          script: (script) => (script.includes('it-works') ? 60_000 : 1_000),
        },
        answer: (script) => (script.includes('it-works') ? 'fail\tcandidate: it-works\tno\n' : undefined),
      },
      {
        builder,
        test: { checks: [{ command: 'it-works' }] },
        distribute: { regions: ['us-east-1'] },
      },
    ),
  'a build that goes on with the builder that a crashed one has stopped': (policy) =>
    builds(
      policy,
      { kind },
      { builder },
      (world, image) =>
        world
          .crash(config(image), (event) => event.type === 'step.started' && event.step === 'image')
          .catch(() => {}), // It may end before, for want of a permission.
      { resume: true },
    ),
  'a build whose machine never answers, over Cloud Assistant': (policy) =>
    builds(policy, { kind, silent: true }, { builder }),
  'a build whose machine never answers, over SSH': (policy) =>
    builds(policy, { kind, silent: true }, { builder: { ...builder, ...ssh } }),
  'a build in a vSwitch by name, over SSH': (policy) =>
    builds(policy, { kind, silent: true }, (world) => {
      const { subnetId } = subnets(world.local.engine).all()[0]!;
      return { builder: { ...builder, ...ssh, subnets: [subnetId.replace('subnet', 'vsw')] } };
    }),
  'the removal of old releases': gc,
};
