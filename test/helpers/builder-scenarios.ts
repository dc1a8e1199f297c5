import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { openCloud } from '../../src/clouds/open.ts';
import { planImage } from '../../src/image/plan-text.ts';
import type { BuildOptions } from '../../src/image/prepare.ts';
import { subnets } from '../../src/localcloud/engine/ec2/network.ts';
import { noJournal } from '../../src/run/journal.ts';
import { newRunId, Run } from '../../src/run/run.ts';
import { ownTags, TAG } from '../../src/run/tags.ts';
import { collectGarbage } from '../../src/upkeep/gc.ts';
import { startAdapter } from './adapter.ts';
import { bakeImage, leaveEverything } from './leftovers.ts';
import { keyUnder } from './own-paths.ts';
import { type Outcome, outcomeOf, type Policy, type Scenario } from './policies.ts';
import { testProject } from './project.ts';
import { BASE, ScriptedWorld } from './scripted-world.ts';

const layers = [
  { name: 'base-os', provisioners: [{ inline: 'dnf -y update', reboot: true }] },
  { name: 'application', provisioners: [{ inline: 'install-it' }] },
];
const builder = { instanceProfile: 'builder' };

const CLOUDS = {
  aws: { base: BASE, config: {} },
  alicloud: {
    base: { family: 'acs:alibaba_cloud_linux_3_2104_lts_x64' },
    config: { cloud: 'alicloud', region: 'eu-central-1' },
  },
};

/** All that bake says of builds: their events, and the errors that they ended with. */
export async function builds(
  policy: Policy,
  options: Parameters<typeof ScriptedWorld.start>[0],
  given: object | ((world: ScriptedWorld) => object),
  before: (world: ScriptedWorld, image: object) => Promise<unknown> = async () => {},
  how: BuildOptions = {},
): Promise<Outcome> {
  const world = await ScriptedWorld.start({ ...options, policy });
  try {
    const { base, config } = CLOUDS[options?.kind ?? 'aws'];
    const image = { base, builder, layers, ...(typeof given === 'function' ? given(world) : given) };
    await before(world, image);
    return await outcomeOf(world.local, async () => {
      const project = world.project({ ...config, image });
      await planImage(world.run(), world.cloud, project, {});
      const { events, error } = await world.build({ ...config, image }, how);
      const words = error && [error.message, error.hint, ...error.details];
      return { events, words };
    });
  } finally {
    await world.close();
  }
}

const Bucket = 'staging';

async function makeBucket({ client }: ScriptedWorld['local'], keys: string[] = []): Promise<void> {
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  s3.destroy();
}

/** What a crashed run left, one of everything, and a release that has had its time. */
async function gc(policy: Policy): Promise<Outcome> {
  const project = testProject({
    image: {
      base: { id: 'ami-base' },
      layers,
      builder: { stagingBucket: Bucket, rootVolume: { encrypted: false } },
      keep: 1,
    },
  });
  const adapter = await startAdapter();
  try {
    const { local, clock, cloud: root } = adapter;
    await makeBucket(local, ['bake/testing/20200101-000000-abcdef/1']);
    await leaveEverything(adapter, project, '20260101-000000-aaaaaa', -1_000);
    const imageId = await bakeImage(adapter, project);
    const [image] = await root.images.find([imageId]);
    const release = { [TAG.published]: 'yes', [TAG.expires]: 'never' };
    await root.images.setTags(imageId, release);
    await root.images.setProtection(imageId, true);
    const newer = {
      ...{ token: 'newer', imageId, fromRegion: root.region, name: 'testing-r2', description: '' },
      tags: { ...image!.tags, ...ownTags(project, 'later', { [TAG.release]: '2', ...release }) },
      encrypted: false,
    };
    await root.images.copy(newer);
    await adapter.until(
      'the newer release',
      async () => (await root.images.findByName('testing-r2'))?.state === 'available',
    );
    const credentials = await keyUnder(local, policy);
    const { endpoint, region } = local;
    const cloud = await openCloud({ kind: 'aws', endpoint, region, credentials, local: true, clock });
    const signal = new AbortController().signal;
    const run = new Run({ id: newRunId(clock.now()), journal: noJournal, sink() {}, signal, clock });
    return await outcomeOf(local, () => collectGarbage(run, cloud, project, {})).finally(() => cloud.close());
  } finally {
    await adapter.close();
  }
}

export const builderScenarios: Record<string, Scenario> = {
  'a build of two layers, with a reboot and a test of the image, that is published everywhere': (policy) =>
    builds(
      policy,
      {},
      {
        // Nobody else can use what is encrypted with the account's own key.
        builder: { ...builder, rootVolume: { encrypted: false } },
        test: {},
        distribute: {
          regions: ['us-east-1'],
          accounts: ['111122223333'],
          deprecateAfter: '90d',
          protect: true,
        },
        publish: { parameter: '/demo/latest' },
      },
    ),
  'a build on spot capacity': (policy) => builds(policy, {}, { builder: { ...builder, spot: true } }),
  'a build that goes on with the builder that a crashed one has stopped': (policy) =>
    builds(
      policy,
      {},
      {},
      (world, image) =>
        world
          .crash({ image }, (event) => event.type === 'step.started' && event.step === 'image')
          .catch(() => {}), // It may end before, for want of a permission.
      { resume: true },
    ),
  'a build whose machine never answers, over SSM': (policy) => builds(policy, { silent: true }, {}),
  'a build whose machine never answers, over SSH': (policy) =>
    builds(
      policy,
      { silent: true },
      {
        builder: {
          ...builder,
          communicator: 'ssh',
          ssh: { user: 'root', source: '127.0.0.1/32' },
        },
      },
    ),
  'a build in a subnet by name, over SSH': (policy) =>
    builds(policy, { silent: true }, (world) => ({
      builder: {
        ...builder,
        communicator: 'ssh',
        ssh: { user: 'root', source: '127.0.0.1/32' },
        subnets: [subnets(world.local.engine).all()[0]!.subnetId],
      },
    })),
  'a build with an upload through the staging bucket': (policy) =>
    builds(
      policy,
      {},
      {
        builder: { ...builder, stagingBucket: Bucket },
        layers: [{ name: 'application', provisioners: [{ upload: 'large', to: '/opt/large' }] }],
      },
      async (world) => {
        world.write('large', Array.from({ length: 200_000 }, () => Math.random()).join(' '));
        await makeBucket(world.local);
      },
    ),
  'the removal of what a crashed run left, and of old releases': gc,
};
