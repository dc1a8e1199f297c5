import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { Story } from '../../src/report/html/story.ts';
import { cutOver } from '../../src/rollout/blue-green/cutover.ts';
import { rollBackFleet } from '../../src/rollout/rollback-fleet.ts';
import { blueGreenProject } from '../helpers/blue-green-world.ts';
import { repository } from '../helpers/cli.ts';
import { strangeIn } from '../helpers/event-fields.ts';
import { failure } from '../helpers/failure.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld;
afterEach(() => world.close());

async function start(make: () => Project): Promise<Project> {
  world = await RolloutWorld.start();
  const project = make();
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.addRelease(project, '2');
  world.events.length = 0;
  return project;
}

const keeping = () => blueGreenProject(world, { retire: 'later', hold: '1h' });

/** What a run is that is told by its events. */
const WORK: Record<string, () => Promise<unknown>> = {
  'a rolling rollout': async () => {
    const project = await start(() => world.project());
    await world.rollOut(project);
  },
  'a rolling rollout that goes back': async () => {
    const project = await start(() => world.project());
    world.workers.behaviours.set('2', 'logs errors');
    await failure(world.rollOut(project));
  },
  'a blue-green rollout': async () => {
    const project = await start(() => blueGreenProject(world, {}));
    await world.rollOut(project);
  },
  'a cutover': async () => {
    const project = await start(keeping);
    await world.rollOut(project);
    await cutOver(world.run(), world.cloud, project, { mode: 'planned' });
  },
  'a rollback': async () => {
    const project = await start(() => world.project());
    await world.rollOut(project, { release: '1' });
    await world.rollOut(project);
    await rollBackFleet(world.run(), world.cloud, project, {});
  },
};

/** Names and patterns (`N`, `WAY`, `MOMENT`) of the page's table of steps. */
function documentedSteps(): RegExp {
  const page = readFileSync(join(repository, 'docs/events.md'), 'utf8');
  const names = [...page.split(/^## Steps/m)[1]!.matchAll(/`([a-z]+\.[A-Za-z.-]+)`/g)].map(([, name]) =>
    name!.replaceAll('.', '\\.').replace(/\b[A-Z]{1,6}\b/g, '[\\w-]+'),
  );
  return new RegExp(`^(${names.join('|')})$`);
}

describe.each(Object.keys(WORK))('the events of %s', (work) => {
  it('are as documented, end every step that they begin, and know every instance from its coming to its going', async () => {
    await WORK[work]!();
    expect(strangeIn(world.events)).toEqual([]);
    const steps = world.events.flatMap((event) => ('step' in event ? [event.step] : []));
    const known = documentedSteps();
    expect([...new Set(steps)].filter((name) => !known.test(name))).toEqual([]);

    const story = new Story('any');
    for (const event of world.events) story.add(event);
    expect(story.steps.filter(({ state }) => state === 'running')).toEqual([]);
    const serving = ['workers', 'workers-green'].flatMap((group) => world.serving(group).split(''));
    const working = story.fleet.lives.filter((life) => {
      const last = life.stretches.at(-1)!;
      return last.phase === 'working' && last.to === undefined;
    });
    expect(working).toHaveLength(serving.length);
    expect(story.fleet.kinds.every((kind) => /^release \d$/.test(kind))).toBe(true);
  });
});
