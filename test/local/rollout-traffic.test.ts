import { afterEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { type CutoverMode, cutOver } from '../../src/rollout/blue-green/cutover.ts';
import { rollBackFleet } from '../../src/rollout/rollback-fleet.ts';
import { failure } from '../helpers/failure.ts';
import { WebWorld } from '../helpers/web-world.ts';

let web: WebWorld;
afterEach(() => web.close());

/** A fleet of release 1 that clients use, and an image of release 2. */
async function start(targetGroups: string[], project: () => Project): Promise<Project> {
  web = await WebWorld.start(targetGroups);
  const made = project();
  await web.world.addRelease(made, '1');
  await web.world.apply(made);
  await web.world.addRelease(made, '2');
  while ((await healthy(targetGroups[0]!)) < 3) await web.world.clock.sleep(1_000);
  web.load = true;
  return made;
}

const healthy = async (name: string): Promise<number> => {
  const group = await web.world.cloud.traffic.find(name);
  return (await web.world.cloud.traffic.targets(group!.arn)).filter(({ state }) => state === 'healthy')
    .length;
};

const cutOverNow = (project: Project, mode: CutoverMode) =>
  cutOver(web.world.run(), web.world.cloud, project, { mode });

const colours: [string, string[], object][] = [
  ['in one target group', ['web'], {}],
  [
    'in a target group each',
    ['web', 'web-green'],
    { pairs: [{ blue: 'web', green: 'web-green' }], steps: [20, 50], stepDelay: '30s' },
  ],
];

describe.each(colours)('two colours %s', (_, targetGroups, settings) => {
  it('change places by a rollout without a failed request, of quick and of slow ones', async () => {
    const project = await start(targetGroups, () => web.project(settings));
    const result = await web.world.rollOut(project);
    expect(result).toMatchObject({ group: 'workers-green', release: '2', replaced: 3 });
    await web.rest();
    expect(web.sent).toBeGreaterThan(100);
    expect(web.take()).toEqual({ versions: '12', failed: {} });
    web.load = true;
    await web.world.clock.sleep(5_000);
    expect(web.take()).toEqual({ versions: '2', failed: {} });
    expect(await healthy(targetGroups.at(-1)!)).toBe(3);
  });

  it('change places by a cutover and a rollback without a failed request, and in an emergency with those that were answered wrong before', async () => {
    const project = await start(targetGroups, () =>
      web.project({ ...settings, retire: 'later', hold: '1h' }),
    );
    await web.world.rollOut(project);
    await cutOverNow(project, 'planned');
    await web.rest();
    expect(web.take()).toEqual({ versions: '12', failed: {} });

    web.load = true;
    await cutOverNow(project, 'planned');
    const { version, group, ways } = await rollBackFleet(web.world.run(), web.world.cloud, project, {});
    expect({ version, group, ways }).toEqual({ version: 1, group: 'workers', ways: ['cutover'] });
    await web.rest();
    expect(web.take()).toEqual({ versions: '12', failed: {} });

    web.load = true;
    web.broken.add('1');
    await web.world.clock.sleep(1_000);
    const before = web.world.clock.now();
    await cutOverNow(project, 'emergency');
    expect(web.world.clock.now() - before).toBeLessThan(60_000);
    await web.rest();
    expect(Object.keys(web.take().failed)).toEqual(['500']);
    web.load = true;
    await web.world.clock.sleep(5_000);
    expect(web.take()).toEqual({ versions: '2', failed: {} });
  });

  it('change back without a failed request when the new one fails after the switch', async () => {
    const http = [
      { through: 'load-balancer', body: 'version ${smoke.release}$', timeout: '2m' },
      { through: 'load-balancer', path: '/late', body: 'version 1$', timeout: '10s' },
    ];
    const project = await start(targetGroups, () => web.project(settings, { smoke: { http } }));
    const error = await failure(web.world.rollOut(project));
    expect(error.message).toMatch(/was taken back: the smoke test .*workers serves with release 1/);
    await web.rest();
    expect(web.take()).toEqual({ versions: '12', failed: {} });
    web.load = true;
    await web.world.clock.sleep(5_000);
    expect(web.take()).toEqual({ versions: '1', failed: {} });
    expect(await web.world.cloud.groups.find('workers-green')).toBeUndefined();
    expect(await web.world.cloud.groups.find('workers')).toMatchObject({ suspendedProcesses: [] });
  });
});
