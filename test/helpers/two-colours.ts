import type { Project } from '../../src/config/schema.ts';
import { Roster } from '../../src/fleet/roster.ts';
import { readBaseline, runSmokeTests } from '../../src/smoke/run.ts';
import type { RolloutWorld } from './rollout-world.ts';

/** Two colours that share the queue: blue with release 1, and green with release 2 of the same launch template. */
export async function twoColours(world: RolloutWorld, config: Project, green: number): Promise<void> {
  await world.addRelease(config, '1');
  await world.apply(config);
  const { cloud } = world;
  const blue = (await cloud.groups.find('workers'))!;
  const image = await world.addRelease(config, '2');
  const version = await cloud.templates.createVersion({
    token: 'green',
    templateId: blue.template.id,
    source: 1,
    description: 'release 2',
    settings: { imageId: image, tags: { 'bake:release': '2' } },
  });
  await cloud.groups.create({
    ...blue,
    name: 'workers-green',
    template: { id: blue.template.id, version },
    min: 0,
    desired: green,
    defaultWarmup: 0,
    tags: {},
  });
  const inService = async () =>
    (await cloud.groups.find('workers-green'))!.instances.filter(
      ({ lifecycle }) => lifecycle === 'InService',
    );
  while ((await inService()).length < green) await world.clock.sleep(1_000);
}

/** The smoke tests of green, as blue-green runs them while blue serves. `ago`: how long the rollout has gone on, milliseconds. */
export async function testGreen(world: RolloutWorld, config: Project, ago = 0) {
  const run = world.run();
  const baseline = await readBaseline(world.cloud, config.config.smoke);
  const roster = new Roster(world.cloud, 'workers-green', 'workers');
  return run.step('test', 'test', (step) =>
    runSmokeTests(run, world.cloud, config, {
      roster,
      version: 2,
      release: '2',
      since: run.clock.now() - ago,
      step,
      baseline,
    }),
  );
}
