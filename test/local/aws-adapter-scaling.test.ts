import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type {
  GroupSettings,
  LaunchSettings,
  LaunchTemplate,
  RefreshPreferences,
} from '../../src/clouds/cloud.ts';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';

const BASE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

let adapter: AdapterTest;
let settings: LaunchSettings;
beforeAll(async () => {
  adapter = await startAdapter();
  const base = await adapter.cloud.images.resolve({ ssmParameter: BASE });
  settings = {
    imageId: base!.id,
    instanceType: 't3.micro',
    securityGroupIds: [],
    monitoring: true,
    ebsOptimized: true,
    rootVolume: {
      device: base!.rootDevice,
      type: 'gp3',
      sizeGiB: 20,
      iops: 3_000,
      throughput: 125,
      encrypted: true,
    },
    userData: '#!/bin/sh\necho grüß gott\n',
    tags: { 'bake:release': '1' },
  };
});
afterAll(() => adapter.close());

let count = 0;
let name = '';
beforeEach(() => {
  name = `fleet-${++count}`;
});

const createTemplate = (): Promise<LaunchTemplate> =>
  adapter.cloud.templates.create({
    token: `create-${name}`,
    name,
    description: 'release 1',
    settings,
    tags: { 'bake:project': 'demo' },
  });

describe('launch templates', () => {
  test('a template is created once by token, found by name, and gone when it is removed', async () => {
    const { templates } = adapter.cloud;
    const template = await createTemplate();
    expect(await createTemplate()).toEqual(template);
    expect(template).toMatchObject({
      name,
      defaultVersion: 1,
      latestVersion: 1,
      tags: { 'bake:project': 'demo' },
    });
    expect(await templates.findByName(name)).toEqual(template);
    await templates.remove(template.id);
    await templates.remove(template.id);
    expect(await templates.findByName(name)).toBeUndefined();
  });

  test('a version says what was written into it', async () => {
    const template = await createTemplate();
    expect(await adapter.cloud.templates.findVersion(template.id, 1)).toMatchObject({
      version: 1,
      description: 'release 1',
      createdAt: expect.any(Number),
      settings,
    });
    expect(await adapter.cloud.templates.findVersion(template.id, 2)).toBeUndefined();
  });

  test('a new version keeps from its numbered source what it does not name, and is made once by token', async () => {
    const { templates } = adapter.cloud;
    const { id } = await createTemplate();
    await templates.createVersion({
      token: `${name}-2`,
      templateId: id,
      description: '2',
      settings: { ...settings, instanceType: 't3.large' },
    });
    const third = {
      token: `${name}-3`,
      templateId: id,
      source: 1,
      description: 'release 3',
      settings: { userData: 'three', tags: { 'bake:release': '3' } },
    };
    expect(await templates.createVersion(third)).toBe(3);
    expect(await templates.createVersion(third)).toBe(3);
    expect((await templates.findVersion(id, 3))?.settings).toEqual({ ...settings, ...third.settings });
    expect((await templates.versions(id)).map(({ version }) => version)).toEqual([3, 2, 1]);
    expect(await templates.findByName(name)).toMatchObject({ defaultVersion: 1, latestVersion: 3 });
  });
});

async function createGroup(
  more: Partial<GroupSettings> = {},
): Promise<{ template: LaunchTemplate; group: GroupSettings }> {
  const template = await createTemplate();
  const group: GroupSettings = {
    name,
    min: 1,
    max: 4,
    desired: 2,
    template: { id: template.id, version: 1 },
    subnets: [],
    zones: await adapter.cloud.groups.zones(),
    healthCheckType: 'EC2',
    healthCheckGrace: 30_000,
    defaultWarmup: 5_000,
    metricsEnabled: true,
    tags: { 'bake:project': 'demo' },
    ...more,
  };
  await adapter.cloud.groups.create(group);
  return { template, group };
}

const inService = (wanted: number) =>
  adapter.until(`${wanted} in service`, async () => {
    const group = await adapter.cloud.groups.find(name);
    const serving = group?.instances.filter(({ lifecycle, healthy }) => lifecycle === 'InService' && healthy);
    return serving?.length === wanted && group;
  });

describe('scaling groups', () => {
  test('a group that does not exist is undefined, and has no activities', async () => {
    expect(await adapter.cloud.groups.find(name)).toBeUndefined();
    expect(await adapter.cloud.groups.activities(name)).toEqual([]);
  });

  test('a group is created once, as asked for, on a numbered version', async () => {
    const { template, group } = await createGroup();
    await adapter.cloud.groups.create(group);
    const found = await inService(2);
    expect(found).toMatchObject({
      name,
      min: 1,
      max: 4,
      desired: 2,
      template: { id: template.id, name, version: 1 },
      healthCheckType: 'EC2',
      healthCheckGrace: 30_000,
      defaultWarmup: 5_000,
      suspendedProcesses: [],
      metricsEnabled: true,
      tags: { 'bake:project': 'demo' },
      zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
    });
    expect(found.instances[0]).toMatchObject({
      id: expect.stringMatching(/^i-/),
      templateVersion: 1,
      protectedFromScaleIn: false,
    });
    const [instance] = await adapter.cloud.instances.find([found.instances[0]!.id]);
    expect(instance?.tags).toMatchObject({ 'bake:project': 'demo', 'bake:release': '1' });
  });

  test('a name that another group has is refused', async () => {
    const { group } = await createGroup();
    const other = { ...group, tags: { 'bake:project': 'other' } };
    await expect(adapter.cloud.groups.create(other)).rejects.toThrow(
      `there is another scaling group named ${name} already`,
    );
  });

  test('only what is given is changed', async () => {
    const { groups, templates } = adapter.cloud;
    const { template } = await createGroup();
    const version = await templates.createVersion({
      token: `${name}-v2`,
      templateId: template.id,
      source: 1,
      description: '2',
      settings: {},
    });
    await groups.update(name, { desired: 3, template: { id: template.id, version }, metricsEnabled: false });
    const found = await inService(3);
    expect(found).toMatchObject({
      min: 1,
      max: 4,
      desired: 3,
      template: { version: 2 },
      metricsEnabled: false,
    });
    expect(found).toMatchObject({ healthCheckGrace: 30_000, defaultWarmup: 5_000 });
  });

  test('a tag of the group itself is not on its new instances, one that propagates is', async () => {
    const { groups, instances } = adapter.cloud;
    await createGroup({ desired: 1 });
    const before = await inService(1);
    await groups.setTags(name, { own: 'yes' }, { propagate: false });
    await groups.setTags(name, { shared: 'yes' }, { propagate: true });
    await groups.setTags(name, {}, { propagate: true });
    expect((await groups.find(name))?.tags).toEqual({ 'bake:project': 'demo', own: 'yes', shared: 'yes' });
    await groups.update(name, { desired: 2 });
    const after = await inService(2);
    const added = after.instances.find(({ id }) => id !== before.instances[0]?.id);
    const [instance] = await instances.find([added!.id]);
    expect(instance?.tags).toMatchObject({ shared: 'yes' });
    expect(instance?.tags).not.toHaveProperty('own');
  });

  test('an instance that is terminated is replaced, or not, as asked; the activities tell it, newest first', async () => {
    const { groups } = adapter.cloud;
    await createGroup();
    const [first, second] = (await inService(2)).instances;
    await groups.terminateInstance(first!.id, { decrementDesired: false });
    const replaced = await adapter.until('replacement', async () => {
      const group = await groups.find(name);
      const ids = group?.instances.filter(({ lifecycle }) => lifecycle === 'InService').map(({ id }) => id);
      return ids?.length === 2 && !ids.includes(first!.id) && group;
    });
    expect(replaced.desired).toBe(2);
    await groups.terminateInstance(second!.id, { decrementDesired: true });
    expect((await inService(1)).desired).toBe(1);
    const activities = await groups.activities(name);
    expect(activities.length).toBeGreaterThanOrEqual(4);
    const times = activities.map(({ startedAt }) => startedAt);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(activities.at(-1)).toMatchObject({
      state: 'successful',
      description: expect.stringMatching(/Launching/),
    });
    expect(await groups.activities(name, 2)).toEqual(activities.slice(0, 2));
  });

  test('a group is removed with its instances; removing it again succeeds', async () => {
    await createGroup();
    const { instances } = await inService(2);
    await adapter.cloud.groups.remove(name);
    await adapter.until('no group', async () => (await adapter.cloud.groups.find(name)) === undefined);
    await adapter.cloud.groups.remove(name);
    const left = await adapter.cloud.instances.find(instances.map(({ id }) => id));
    expect(left.filter(({ state }) => state === 'running' || state === 'pending')).toEqual([]);
  });
});

describe('instance refresh', () => {
  const preferences: RefreshPreferences = {
    minHealthyPercentage: 100,
    maxHealthyPercentage: 200,
    warmup: 1_000,
    checkpoints: [50, 100],
    checkpointDelay: 60_000,
    skipMatching: true,
    autoRollback: true,
    alarms: [],
    soak: 0,
    scaleInProtected: 'ignore',
    standby: 'ignore',
  };

  async function nextVersion(templateId: string): Promise<number> {
    return adapter.cloud.templates.createVersion({
      token: `${name}-next`,
      templateId,
      source: 1,
      description: 'next',
      settings: { tags: { 'bake:release': '2' } },
    });
  }

  test('without a refresh there is nothing to find, roll back or cancel', async () => {
    const { refreshes } = adapter.cloud;
    await createGroup();
    expect(await refreshes.list(name)).toEqual([]);
    expect(await refreshes.find(name, '00000000-0000-0000-0000-000000000000')).toBeUndefined();
    expect(await refreshes.rollback(name)).toBe(false);
    expect(await refreshes.cancel(name)).toBe(false);
  });

  test('a refresh brings the numbered version to every instance, and the group takes it over at the end', async () => {
    const { refreshes } = adapter.cloud;
    const { template } = await createGroup();
    await inService(2);
    const version = await nextVersion(template.id);
    const id = await refreshes.start(name, { templateId: template.id, version, preferences });
    expect(await refreshes.find(name, id)).toMatchObject({
      id,
      templateVersion: version,
      checkpoints: [50, 100],
    });
    expect((await adapter.cloud.groups.find(name))?.template.version).toBe(1);
    const done = await adapter.until('refresh', async () => {
      const refresh = await refreshes.find(name, id);
      return refresh?.state === 'successful' && refresh;
    });
    expect(done).toMatchObject({ percent: 100, instancesToUpdate: 0 });
    expect(done.endedAt).toBeGreaterThan(done.startedAt!);
    const group = await adapter.until('two left', async () => {
      const found = await adapter.cloud.groups.find(name);
      return found?.instances.length === 2 && found;
    });
    expect(group.template.version).toBe(version);
    expect(group.instances.map(({ templateVersion }) => templateVersion)).toEqual([version, version]);
    expect((await refreshes.list(name)).map((refresh) => refresh.id)).toEqual([id]);
  });

  test('a second refresh is refused while one is active, with the first one named', async () => {
    const { refreshes } = adapter.cloud;
    const { template } = await createGroup();
    await inService(2);
    const version = await nextVersion(template.id);
    const id = await refreshes.start(name, { templateId: template.id, version, preferences });
    await expect(
      refreshes.start(name, { templateId: template.id, version, preferences }),
    ).rejects.toMatchObject({
      message: expect.stringContaining(`the group ${name} is being refreshed already`),
      details: [expect.stringContaining(id)],
    });
  });

  test('a refresh is rolled back: the reason is told and the old version runs again', async () => {
    const { refreshes } = adapter.cloud;
    const { template } = await createGroup();
    await inService(2);
    const version = await nextVersion(template.id);
    const id = await refreshes.start(name, { templateId: template.id, version, preferences });
    await adapter.until('half', async () => ((await refreshes.find(name, id))?.percent ?? 0) >= 50);
    expect(await refreshes.rollback(name)).toBe(true);
    const done = await adapter.until('rollback', async () => {
      const refresh = await refreshes.find(name, id);
      return refresh?.state === 'rollback-successful' && refresh;
    });
    expect(done.rollback?.reason).toBeTruthy();
    expect((await adapter.cloud.groups.find(name))?.template.version).toBe(1);
  });

  test('a refresh is cancelled', async () => {
    const { refreshes } = adapter.cloud;
    const { template } = await createGroup();
    await inService(2);
    const version = await nextVersion(template.id);
    const id = await refreshes.start(name, { templateId: template.id, version, preferences });
    expect(await refreshes.cancel(name)).toBe(true);
    await adapter.until('cancelled', async () => (await refreshes.find(name, id))?.state === 'cancelled');
  });
});
