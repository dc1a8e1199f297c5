import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Image, LaunchRequest } from '../../src/clouds/cloud.ts';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';

const BASE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

let adapter: AdapterTest;
let base: Image;
beforeAll(async () => {
  adapter = await startAdapter();
  base = (await adapter.cloud.images.resolve({ ssmParameter: BASE }))!;
});
afterAll(() => adapter.close());

let launches = 0;
const request = (more: Partial<LaunchRequest> = {}): LaunchRequest => ({
  token: `token-${++launches}`,
  imageId: base.id,
  instanceType: 't3.micro',
  rootVolume: { type: 'gp3', sizeGiB: 20, encrypted: true },
  userData: '#!/bin/sh\necho grüß gott\n',
  tags: { 'bake:run': `run-${launches}` },
  terminateOnShutdown: true,
  ...more,
});

async function launch(more: Partial<LaunchRequest> = {}): Promise<string> {
  const launched = await adapter.cloud.instances.launch(request(more));
  if ('noCapacity' in launched) throw new Error(launched.noCapacity);
  return launched.instanceId;
}

const stateOf = async (id: string) => (await adapter.cloud.instances.find([id]))[0]?.state;
const reaches = (id: string, state: string) =>
  adapter.until(`${id} ${state}`, async () => (await stateOf(id)) === state);

describe('base images', () => {
  test('a public parameter, an id and a filter lead to the same image', async () => {
    const { images } = adapter.cloud;
    expect(base).toMatchObject({ state: 'available', id: expect.stringMatching(/^ami-/) });
    expect(base.rootDevice).toMatch(/^\/dev\//);
    expect(base.createdAt).toBeGreaterThan(0);
    expect(await images.resolve({ id: base.id })).toEqual(base);
    const filter = { owner: 'amazon', name: base.name, architecture: base.architecture };
    expect(await images.resolve({ filter })).toEqual(base);
    expect(
      await images.resolve({ filter: { owner: 'amazon', name: `${base.name.slice(0, 3)}*` } }),
    ).toBeDefined();
  });

  test('what does not exist is undefined', async () => {
    const { images } = adapter.cloud;
    expect(await images.resolve({ id: 'ami-0123456789abcdef0' })).toBeUndefined();
    expect(await images.resolve({ id: 'nonsense' })).toBeUndefined();
    expect(await images.resolve({ ssmParameter: '/no/such/parameter' })).toBeUndefined();
    expect(await images.resolve({ filter: { owner: 'self', name: 'none*' } })).toBeUndefined();
    expect(await images.findByName('none')).toBeUndefined();
    expect(await images.find([])).toEqual([]);
    expect((await images.find(['ami-0123456789abcdef0', base.id])).map(({ id }) => id)).toEqual([base.id]);
  });
});

describe('instances', () => {
  test('a launch is found by id and by tag, with what was asked for', async () => {
    const { instances } = adapter.cloud;
    const id = await launch({ tags: { 'bake:run': 'find-me', 'bake:odd': 'a*b?' } });
    await reaches(id, 'running');
    const [found] = await instances.find([id, 'i-0123456789abcdef0']);
    expect(found).toMatchObject({
      id,
      imageId: base.id,
      instanceType: 't3.micro',
      tags: { 'bake:run': 'find-me', 'bake:odd': 'a*b?' },
      privateAddress: expect.any(String),
    });
    expect(found?.launchedAt).toBeGreaterThan(0);
    expect(await instances.findByTags({ 'bake:run': 'find-me', 'bake:odd': 'a*b?' })).toEqual([found]);
    expect(await instances.findByTags({ 'bake:run': 'find-*' })).toEqual([]);
    expect(await instances.find(['nonsense'])).toEqual([]);
  });

  test('a launch with the same token twice makes one instance', async () => {
    const once = request({ tags: { 'bake:run': 'once' } });
    const first = await adapter.cloud.instances.launch(once);
    expect(await adapter.cloud.instances.launch(once)).toEqual(first);
    expect(await adapter.cloud.instances.findByTags({ 'bake:run': 'once' })).toHaveLength(1);
  });

  test('it stops, starts again, and terminates; terminating again succeeds', async () => {
    const { instances } = adapter.cloud;
    const id = await launch();
    await instances.stop(id);
    await reaches(id, 'stopped');
    expect((await instances.find([id]))[0]?.reason).toBeTruthy();
    await instances.start(id);
    await reaches(id, 'running');
    await instances.terminate(id);
    await reaches(id, 'terminated');
    await instances.terminate(id);
    await instances.terminate('i-0123456789abcdef0');
  });

  test('stopping what is terminated says why at once', async () => {
    const id = await launch();
    await adapter.cloud.instances.terminate(id);
    await reaches(id, 'terminated');
    await expect(adapter.cloud.instances.stop(id)).rejects.toThrow(/StopInstances: IncorrectInstanceState/);
  });

  test('a place without capacity is told at once, so that the next one can be tried', async () => {
    const capacity = adapter.local.engine.store.table<object>('capacity');
    for (const zone of await adapter.cloud.groups.zones()) {
      capacity.put(`m7i.large/${zone}`, { type: 'm7i.large', zone, available: 0 });
    }
    const refused = await adapter.cloud.instances.launch(request({ instanceType: 'm7i.large' }));
    expect(refused).toEqual({
      noCapacity: expect.stringMatching(/InsufficientInstanceCapacity.*sufficient m7i.large capacity/),
    });
  });

  test('the console of a machine that wrote nothing is empty', async () => {
    expect(await adapter.cloud.instances.console(await launch())).toBe('');
  });

  test('an image that does not exist is named before anything is launched', async () => {
    await expect(launch({ imageId: 'ami-0123456789abcdef0' })).rejects.toThrow(
      'there is no image ami-0123456789abcdef0 here',
    );
  });

  test('the zones of the region are listed', async () => {
    expect(await adapter.cloud.groups.zones()).toEqual(['eu-central-1a', 'eu-central-1b', 'eu-central-1c']);
  });
});

describe('images', () => {
  async function stopped(): Promise<string> {
    const id = await launch();
    await adapter.cloud.instances.stop(id);
    await reaches(id, 'stopped');
    return id;
  }

  const wanted = (instanceId: string, run: string) => ({
    instanceId,
    name: `app-${run}`,
    description: 'made by a test',
    tags: { 'bake:run': run, 'bake:layer': 'app' },
  });

  test('an image is made once by name, tagged from the first moment, found by name and tag, and removed for good', async () => {
    const { images } = adapter.cloud;
    const instanceId = await stopped();
    const id = await images.createFromInstance(wanted(instanceId, 'r1'));
    expect((await images.find([id]))[0]).toMatchObject({ id, name: 'app-r1', tags: wanted('', 'r1').tags });
    expect(await images.createFromInstance(wanted(instanceId, 'r1'))).toBe(id);
    await adapter.until('image', async () => (await images.find([id]))[0]?.state === 'available');
    const image = await images.findByName('app-r1');
    expect(image?.snapshotIds).toHaveLength(1);
    expect(await images.findByTags({ 'bake:run': ['r0', 'r1'], 'bake:layer': 'app' })).toEqual([image]);
    await images.setTags(id, { 'bake:release': '7' });
    expect((await images.find([id]))[0]?.tags['bake:release']).toBe('7');
    await images.remove(id);
    await images.remove(id);
    expect(await images.find([id])).toEqual([]);
    expect(adapter.local.engine.store.table('snapshots').has(image!.snapshotIds[0]!)).toBe(false);
  });

  test('an image that is removed while it is being made leaves no snapshot behind', async () => {
    const { images } = adapter.cloud;
    const before = adapter.local.engine.store.table('snapshots').size;
    const id = await images.createFromInstance(wanted(await stopped(), 'r2'));
    await images.remove(id);
    await adapter.clock.sleep(10_000);
    expect(adapter.local.engine.store.table('snapshots').size).toBe(before);
  });

  test("a name that another run's image has is refused, with that image's id", async () => {
    const { images } = adapter.cloud;
    const instanceId = await stopped();
    const id = await images.createFromInstance(wanted(instanceId, 'r3'));
    const other = { ...wanted(instanceId, 'r3'), tags: { 'bake:run': 'r4' } };
    await expect(images.createFromInstance(other)).rejects.toThrow(
      `the image name app-r3 is taken by ${id}, which was made by run r3`,
    );
  });
});
