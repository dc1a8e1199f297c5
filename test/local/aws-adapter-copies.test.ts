import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CopiedGroup } from '../../src/clouds/cloud.ts';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { subnets } from '../../src/localcloud/engine/ec2/network.ts';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';
import { type Balancer, makeBalancer } from '../helpers/balancer.ts';
import { type FullGroup, makeFullGroup } from '../helpers/full-group.ts';

let adapter: AdapterTest;
let balancer: Balancer;
let template: string;
beforeAll(async () => {
  adapter = await startAdapter();
  balancer = await makeBalancer(adapter.local, ['blue', 'green']);
  const { templates, queues } = adapter.cloud;
  await queues.create({ name: 'notices', visibilityTimeout: 30_000, tags: {} });
  const settings = {
    imageId: baseImageId(adapter.local.engine),
    instanceType: 't3.micro',
    securityGroupIds: [],
    monitoring: false,
    ebsOptimized: false,
    userData: '',
    tags: {},
  };
  const created = await templates.create({ token: 'web', name: 'web', description: '', settings, tags: {} });
  template = created.id;
  await templates.createVersion({
    token: 'v2',
    templateId: template,
    source: 1,
    description: '',
    settings: {},
  });
});
afterAll(async () => {
  balancer.close();
  await adapter.close();
});

let count = 0;
async function original(options: { mixed?: boolean } = {}): Promise<FullGroup> {
  const all = subnets(adapter.local.engine).all();
  const full: FullGroup = {
    name: `web-${++count}`,
    subnets: all.slice(0, 2).map(({ subnetId }) => subnetId),
    template: { id: template, version: 1 },
    targetGroups: [balancer.targetGroups[0]!],
    now: adapter.clock.now(),
  };
  await makeFullGroup(adapter.local, full, options);
  return full;
}

const green = (full: FullGroup): CopiedGroup => ({
  name: `${full.name}-green`,
  template: { id: template, version: 2 },
  tags: { 'bake:project': 'demo', 'bake:run': 'r1', team: 'search and find' },
  groupOnlyTags: { 'bake:colour': 'back' },
  traffic: false,
});

describe.each([{ mixed: true }, { mixed: false }])(
  'a copy of a group with mixed instances: $mixed',
  (kind) => {
    test('has everything, and is empty', async () => {
      const { copies, groups } = adapter.cloud;
      const full = await original(kind);
      const to = { ...green(full), traffic: true };
      await copies.copy(full.name, to);
      expect(await copies.differences(full.name, to)).toEqual([]);
      expect(await groups.find(to.name)).toMatchObject({
        min: 0,
        max: 6,
        desired: 0,
        template: { id: template, version: 2 },
        instances: [],
      });
    });
  },
);
