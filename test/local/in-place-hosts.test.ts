import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { inPlaceSchema } from '../../src/config/schema-in-place.ts';
import { findHosts } from '../../src/rollout/in-place/find-hosts.ts';
import { failure } from '../helpers/failure.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

const config = (where: object) =>
  inPlaceSchema.parse({ source: 'app', root: '/srv/app', service: 'app', ...where });

describe.each<Cloud['kind']>(['aws', 'alicloud'])('servers of a group on %s', (kind) => {
  let world: RolloutWorld;
  beforeEach(async () => {
    world = await RolloutWorld.start({ kind });
    const project = world.project({ smoke: {} });
    await world.addRelease(project, '1');
    await world.apply(project);
  });
  afterEach(() => world.close());

  it('are found by their group and by their tags, with the addresses that the cloud knows', async () => {
    const group = (await world.cloud.groups.find('workers'))!;
    const members = await world.cloud.instances.find(group.instances.map(({ id }) => id));
    const expected = members.map(({ id, privateAddress }) => `${id} ${privateAddress} deploy 22`).sort();
    const found = async (where: object) =>
      (await findHosts(config(where), () => world.cloud)).map(
        ({ name, address, user, port }) => `${name} ${address} ${user} ${port}`,
      );
    expect(await found({ group: 'workers' })).toEqual(expected);
    expect(await found({ tags: { 'bake:project': 'testing', 'bake:release': '1' } })).toEqual(expected);
    const error = await failure(found({ group: 'nobody' }));
    expect(error).toMatchObject({ exitCode: 2, message: 'there is no group nobody in eu-central-1' });
  });
});
