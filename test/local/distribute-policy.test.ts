import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import { Steps } from '../../src/image/job.ts';
import { publishRelease } from '../../src/image/publish.ts';
import { noJournal } from '../../src/run/journal.ts';
import { newRunId, Run } from '../../src/run/run.ts';
import { withScope } from '../../src/run/scope.ts';
import { ownTags, TAG } from '../../src/run/tags.ts';
import { collectGarbage } from '../../src/upkeep/gc.ts';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';
import { repository } from '../helpers/cli.ts';
import { bakeImage, leaveEverything } from '../helpers/leftovers.ts';
import { askOwnPath } from '../helpers/own-paths.ts';
import { testProject } from '../helpers/project.ts';

interface Policy {
  Version: string;
  Statement: { Action: string | string[] }[];
}

const project = testProject({
  image: {
    base: { id: 'ami-base' },
    layers: [{ name: 'application', provisioners: [{ inline: 'true' }] }],
    builder: { rootVolume: { encrypted: false } },
    distribute: {
      regions: ['us-east-1'],
      accounts: ['111122223333'],
      deprecateAfter: '90d',
      protect: true,
    },
    publish: { parameter: '/testing/latest' },
    keep: 1,
  },
});

/** The shipped policy, or the same without one action. */
function builderPolicy(without?: string): Policy {
  const policy: Policy = JSON.parse(readFileSync(join(repository, 'policies/iam/builder.json'), 'utf8'));
  const Statement = policy.Statement.map((statement) => ({
    ...statement,
    Action: [statement.Action].flat().filter((action) => action !== without),
  })).filter(({ Action }) => Action.length > 0);
  return { ...policy, Statement };
}

describe("the builder's policy, enforced,", () => {
  let adapter: AdapterTest;
  beforeEach(async () => {
    adapter = await startAdapter();
  });
  afterEach(() => adapter.close());

  /** The cloud as somebody sees it who has this policy and no other. */
  async function cloudUnder(policy: Policy): Promise<Cloud> {
    const { local, clock } = adapter;
    const body = { enforce: true, principals: { builder: { policies: { builder: policy } } } };
    const answer = (await askOwnPath(local, 'policies', { body })) as {
      principals: { builder: { accessKeyId: string; secretAccessKey: string } };
    };
    const { endpoint, region } = local;
    const credentials = answer.principals.builder;
    return openCloud({ kind: 'aws', endpoint, region, credentials, local: true, clock });
  }

  const newRun = () =>
    new Run({
      id: newRunId(adapter.clock.now()),
      journal: noJournal,
      sink: () => {},
      signal: new AbortController().signal,
      clock: adapter.clock,
    });

  async function publish(imageId: string, policy: Policy): Promise<unknown> {
    const cloud = await cloudUnder(policy);
    const run = newRun();
    const [image] = await cloud.images.find([imageId]);
    const job = { run, cloud, project, steps: new Steps(run) };
    return withScope(run, (scope) => publishRelease({ ...job, scope }, image!)).finally(() => cloud.close());
  }

  it('is enough to publish a release everywhere', async () => {
    const imageId = await bakeImage(adapter, project);
    await publish(imageId, builderPolicy());
    expect(await adapter.cloud.parameters.find('/testing/latest')).toBe(imageId);
  });

  it.each([
    'ec2:CopyImage',
    'ec2:ModifyImageAttribute',
    'ec2:EnableImageDeprecation',
    'ec2:EnableImageDeregistrationProtection',
    'ssm:PutParameter',
  ])('does not publish without %s, and says so', async (action) => {
    const imageId = await bakeImage(adapter, project);
    await expect(publish(imageId, builderPolicy(action))).rejects.toMatchObject({
      message: expect.stringContaining(action),
    });
  });

  /** A crashed run's things, and a protected release that has had its time. */
  async function leftovers(): Promise<void> {
    await leaveEverything(adapter, project, '20260101-000000-aaaaaa', -1_000);
    const imageId = await bakeImage(adapter, project);
    const [image] = await adapter.cloud.images.find([imageId]);
    await adapter.cloud.images.setTags(imageId, { [TAG.published]: 'yes', [TAG.expires]: 'never' });
    await adapter.cloud.images.setProtection(imageId, true);
    await adapter.cloud.images.copy({
      token: 'newer',
      imageId,
      fromRegion: adapter.cloud.region,
      name: 'testing-r2',
      description: '',
      tags: {
        ...image!.tags,
        ...ownTags(project, 'later', { [TAG.release]: '2', [TAG.published]: 'yes', [TAG.expires]: 'never' }),
      },
      encrypted: false,
    });
    await adapter.until('the newer release', async () => {
      const image = await adapter.cloud.images.findByName('testing-r2');
      return image?.state === 'available';
    });
  }

  async function gc(policy: Policy): Promise<string> {
    const cloud = await cloudUnder(policy);
    try {
      const { removed, failures } = await collectGarbage(newRun(), cloud, project, {});
      return [...removed.map(({ kind }) => `removed ${kind}`), ...failures].join('\n');
    } catch (error) {
      return String(error);
    } finally {
      cloud.close();
    }
  }

  it('is enough to remove all that a crashed run left, and old releases', async () => {
    await leftovers();
    const said = (await gc(builderPolicy())).split('\n').sort();
    expect(said).toEqual(
      ['image', 'image', 'instance', 'instance', 'key pair', 'security group', 'snapshot', 'volume'].map(
        (kind) => `removed ${kind}`,
      ),
    );
  });

  it.each([
    'ec2:TerminateInstances',
    'ec2:DeregisterImage',
    'ec2:DisableImageDeregistrationProtection',
    'ec2:DescribeVolumes',
    'ec2:DescribeKeyPairs',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeSnapshots',
    'ec2:DeleteVolume',
    'ec2:DeleteSnapshot',
    'ec2:DeleteKeyPair',
    'ec2:DeleteSecurityGroup',
    'ec2:DescribeLaunchTemplateVersions',
    'autoscaling:DescribeAutoScalingGroups',
  ])('does not clean up without %s, and says so', async (action) => {
    await leftovers();
    expect(await gc(builderPolicy(action))).toContain(action);
  });
});
