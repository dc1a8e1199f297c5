import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { blueGreenProject } from '../helpers/blue-green-world.ts';
import { temporaryDirectory } from '../helpers/cli.ts';
import { failure } from '../helpers/failure.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';
import { BASE, ScriptedWorld } from '../helpers/scripted-world.ts';

const told = (directory: string) =>
  existsSync(join(directory, 'told')) ? readFileSync(join(directory, 'told'), 'utf8').trim().split('\n') : [];

/** Every hook writes down when it ran and what it was told. */
const tell = (...facts: string[]) => [
  { run: `echo "$BAKE_HOOK ${facts.map((fact) => `$${fact}`).join(' ')}" >> told` },
];

describe('hooks around builds', () => {
  let world: ScriptedWorld;
  afterEach(() => world.close());

  const image = (script: string) => ({
    base: BASE,
    builder: { instanceProfile: 'builder' },
    layers: [{ name: 'application', provisioners: [{ inline: script }] }],
  });
  const hooks = {
    beforeBuild: tell('BAKE_PROJECT'),
    afterBuild: tell('BAKE_IMAGE_NAME', 'BAKE_RELEASE', 'BAKE_IMAGE'),
    onFailure: tell('BAKE_REASON'),
  };

  it('run before something is built and after it, and not at all where nothing is', async () => {
    world = await ScriptedWorld.start();
    const { results } = await world.build({ image: image('install'), hooks });
    expect(told(world.directory)).toEqual(['beforeBuild demo', `afterBuild  1 ${results![0]!.imageId}`]);
    await world.build({ image: image('install'), hooks });
    expect(told(world.directory)).toHaveLength(2);
  });

  it('run once before several images, and after each', async () => {
    world = await ScriptedWorld.start();
    const { results } = await world.build({ images: { web: image('web'), worker: image('worker') }, hooks });
    const [first, ...others] = told(world.directory);
    expect(first).toBe('beforeBuild demo');
    expect(others.sort()).toEqual(
      ['web', 'worker'].map((name, at) => `afterBuild ${name} 1 ${results![at]!.imageId}`),
    );
  });

  it('stop the build before anything is made when one of them fails, and are told of it', async () => {
    world = await ScriptedWorld.start();
    const { error } = await world.build({
      image: image('install'),
      hooks: { ...hooks, beforeBuild: [{ run: 'echo "no licence" >&2; exit 7' }] },
    });
    expect(error).toMatchObject({ exitCode: 1, details: ['no licence'] });
    expect(told(world.directory)).toEqual([
      expect.stringMatching(/^onFailure hook beforeBuild .*exit code 7$/),
    ]);
    expect(await world.everything()).toMatchObject({ machines: 0, images: [] });
  });
});

describe('hooks around rollouts', () => {
  let world: RolloutWorld;
  afterEach(() => world.close());

  async function start(hooks: object, make = (directory: string) => world.project({ directory })) {
    world = await RolloutWorld.start();
    const made = make(temporaryDirectory('hooks-around'));
    const project: Project = {
      ...made,
      config: { ...made.config, hooks: { ...made.config.hooks, ...hooks } },
    };
    await world.addRelease(project, '1');
    await world.apply(project);
    await world.addRelease(project, '2');
    return project;
  }
  const facts = ['BAKE_STRATEGY', 'BAKE_RELEASE', 'BAKE_VERSION', 'BAKE_GROUP', 'BAKE_PREVIOUS_RELEASE'];
  const hour = (hooks: { run: string }[]) => hooks.map((hook) => ({ ...hook, timeout: 3_600_000 }));
  const all = {
    beforeRollout: hour(tell(...facts)),
    afterRollout: hour(tell(...facts)),
    beforeCutover: hour(tell(...facts, 'BAKE_PREVIOUS_GROUP')),
    afterCutover: hour(tell(...facts, 'BAKE_PREVIOUS_GROUP')),
    onFailure: hour(tell('BAKE_RELEASE', 'BAKE_REASON')),
  };

  it('run before the first instance is replaced and after the fleet is verified; not at all where nothing is to do', async () => {
    const project = await start(all);
    await world.rollOut(project);
    const words = 'rolling 2 2 workers 1';
    expect(told(project.directory)).toEqual([`beforeRollout ${words}`, `afterRollout ${words}`]);
    await world.rollOut(project);
    expect(told(project.directory)).toHaveLength(2);
  });

  it('run around the moment at which the other colour takes over', async () => {
    const project = await start(all, (directory) => ({ ...blueGreenProject(world, {}), directory }));
    await world.rollOut(project, { strategy: 'blue-green' });
    const words = 'blue-green 2 2 workers-green 1';
    expect(told(project.directory)).toEqual([
      `beforeRollout ${words}`,
      `beforeCutover ${words} workers`,
      `afterCutover ${words} workers`,
      `afterRollout ${words}`,
    ]);
  });

  it('stop the rollout before anything is replaced when one of them fails', async () => {
    const project = await start({ ...all, beforeRollout: hour([{ run: 'pg_dump_is_not_there' }]) });
    const error = await failure(world.rollOut(project));
    expect(error.message).toBe('hook beforeRollout `pg_dump_is_not_there` ended with exit code 127');
    expect(await world.cloud.refreshes.list('workers')).toEqual([]);
    expect(world.fleet).toBe('111');
  });

  it('hear of a rollout that failed once it is undone', async () => {
    const project = await start(all);
    world.workers.behaviours.set('2', 'logs errors');
    await failure(world.rollOut(project));
    expect(told(project.directory).at(-1)).toMatch(
      /^onFailure 2 release 2 .*was rolled back: .*back on release 1/,
    );
  });
});
