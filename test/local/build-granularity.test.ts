import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BASE, type ScriptedBuild, ScriptedWorld } from '../helpers/scripted-world.ts';

const image = (base: object = BASE) => ({
  image: {
    base,
    builder: { instanceProfile: 'builder' },
    layers: [
      { name: 'base-os', provisioners: [{ script: 'provisioners/base.sh' }] },
      { name: 'dependencies', provisioners: [{ upload: 'requirements.txt', to: '/opt/requirements.txt' }] },
      { name: 'application', provisioners: [{ upload: 'src', to: '/opt/app' }] },
    ],
  },
});

const builtBy = ({ error, results }: ScriptedBuild) => {
  expect(error).toBeUndefined();
  return results![0]!.built;
};
const reasons = ({ events }: ScriptedBuild) =>
  events.flatMap((event) =>
    event.type === 'step.finished' && event.step.startsWith('layer-') && event.summary?.includes(';')
      ? [event.summary]
      : [],
  );

describe.sequential('a build after a change', () => {
  let world: ScriptedWorld;
  let first: string;
  beforeAll(async () => {
    world = await ScriptedWorld.start();
    world.write('provisioners/base.sh', 'dnf -y update\n');
    world.write('requirements.txt', 'boto3==1.40\n');
    world.write('src/worker.py', 'print(1)\n');
    world.write('README.md', '# Worker\n');
    const built = await world.build(image());
    expect(builtBy(built)).toEqual(['base-os', 'dependencies', 'application']);
    first = built.results![0]!.imageId;
  });
  afterAll(() => world?.close());

  it('of an application file builds one layer', async () => {
    world.write('src/worker.py', 'print(2)\n');
    const built = await world.build(image());
    expect(builtBy(built)).toEqual(['application']);
    expect(reasons(built)).toEqual(['1 provisioner; src/worker.py changed']);
  });

  it('of a dependency builds that layer and those above it', async () => {
    world.write('requirements.txt', 'boto3==1.41\n');
    expect(builtBy(await world.build(image()))).toEqual(['dependencies', 'application']);
  });

  it('of a comment in an unrelated file builds nothing', async () => {
    world.write('README.md', '# Worker\n<!-- a comment -->\n');
    world.write('docs/notes.md', 'more\n');
    const machines = world.runtime.ran.length;
    expect(builtBy(await world.build(image()))).toEqual([]);
    expect(world.runtime.ran).toHaveLength(machines);
  });

  it('of the base image builds all', async () => {
    const built = await world.build(image({ id: first }));
    expect(builtBy(built)).toEqual(['base-os', 'dependencies', 'application']);
    expect(reasons(built)[0]).toMatch(/; the base image changed \(ami-\w+ -> ami-\w+\)$/);
  });

  it('that was taken back finds the image of before', async () => {
    world.write('requirements.txt', 'boto3==1.40\n');
    world.write('src/worker.py', 'print(1)\n');
    const built = await world.build(image());
    expect(builtBy(built)).toEqual([]);
    expect(built.results![0]!.imageId).toBe(first);
  });

  it('with --from builds that layer and those above it, although nothing changed', async () => {
    const built = await world.build(image(), { from: 'dependencies' });
    expect(builtBy(built)).toEqual(['dependencies', 'application']);
    expect(reasons(built)).toEqual([
      '1 provisioner; built anew (--from dependencies)',
      '1 provisioner; a layer below it is built anew',
    ]);
    const unknown = await world.build(image(), { from: 'applicaton' });
    expect(unknown.error).toMatchObject({ exitCode: 2, message: 'there is no layer "applicaton"' });
  });
});
