import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/run/events.ts';
import { BASE, type ScriptedBuild, ScriptedWorld } from '../helpers/scripted-world.ts';

const config = (application = 'install-application') => ({
  image: {
    base: BASE,
    builder: { instanceProfile: 'builder' },
    layers: [
      { name: 'base-os', provisioners: [{ inline: 'install-base' }] },
      { name: 'application', provisioners: [{ inline: application }] },
    ],
  },
});
const at = (step: string) => (event: RunEvent) => event.type === 'step.started' && event.step === step;
const steps = ({ events }: ScriptedBuild) =>
  events.flatMap((event) => (event.type === 'step.started' ? [event.step] : []));
const notes = ({ events }: ScriptedBuild) =>
  events.flatMap((event) => (event.type === 'note' ? [event.message] : []));

describe('a build that is resumed', () => {
  let world: ScriptedWorld;
  beforeEach(async () => {
    world = await ScriptedWorld.start();
  });
  afterEach(() => world.close());

  const timesRun = (script: string) => world.runtime.ran.filter((job) => job.includes(script)).length;
  const expectOneImage = async () => {
    const { machines, images } = await world.everything();
    expect(machines).toBe(0);
    expect(images).toEqual([expect.stringMatching(/^demo-base-os-\w+ available$/), 'demo-r1 available']);
  };

  it.each(['finish', 'image'])(
    'after a crash in step %s goes on with the builder whose provisioning succeeded',
    async (step) => {
      const crashed = await world.crash(config(), at(step));
      const built = await world.build(config(), { resume: true });
      expect(built.error).toBeUndefined();
      expect(steps(built)).not.toContain('launch');
      expect(steps(built)).toContain('take-up');
      expect(timesRun('install-base')).toBe(1);
      expect(timesRun('install-application')).toBe(1);
      const [machine] = await world.cloud.instances.findByTags({ 'bake:run': crashed });
      expect(machine, 'its tags say whose it is now').toBeUndefined();
      await expectOneImage();
    },
  );

  it('between two layers makes the image of the lower one, and goes on with the upper one', async () => {
    await world.crash(config(), at('image-base-os'));
    const built = await world.build(config(), { resume: true });
    expect(built.error).toBeUndefined();
    expect(steps(built)).toEqual(expect.arrayContaining(['take-up', 'image-base-os', 'layer-application']));
    expect(timesRun('install-base')).toBe(1);
    await expectOneImage();
  });

  it('keeps the image of a layer that the crashed build had made', async () => {
    await world.crash(config(), at('finish'));
    const built = await world.build(config(), { resume: true });
    const [layer] = await world.cloud.images.findByTags({ 'bake:layer': 'base-os' });
    expect(layer!.tags).toMatchObject({ 'bake:expires': 'never', 'bake:run': built.runId });
  });

  it('while its image was pending waits for that image, and ends the builder', async () => {
    await world.crash(
      config(),
      (event) =>
        event.type === 'step.progress' && event.step === 'image' && event.message.endsWith('pending'),
    );
    const built = await world.build(config(), { resume: true });
    expect(built.results).toMatchObject([{ release: '1', built: [] }]);
    expect(notes(built).join('\n')).toMatch(/builder i-\w+ of run \S+ is ended: it is not needed any more/);
    await expectOneImage();
  });

  it.each([
    ['within a layer', at('layer-application'), config(), 'layer application is half done'],
    ['before any layer', at('connect'), config(), 'no layer of it was finished'],
    ['and a change', at('finish'), config('install-other'), 'layer application has changed since'],
  ])('after a crash %s ends the builder and takes a new one', async (_, where, now, why) => {
    await world.crash(config(), where);
    const built = await world.build(now, { resume: true });
    expect(built.error).toBeUndefined();
    expect(notes(built).join('\n')).toContain(`is ended: ${why}`);
    expect(steps(built)).toContain('launch');
    await expectOneImage();
  });

  it('is resumed again after another crash, also one that left nothing', async () => {
    await world.crash(config(), at('finish'));
    await world.crash(config(), at('image'), { resume: true });
    await world.crash(config(), at('launch'));
    const built = await world.build(config(), { resume: true });
    expect(built.error).toBeUndefined();
    expect(steps(built)).toContain('take-up');
    expect(timesRun('install-application')).toBe(1);
    await expectOneImage();
  });

  it('where nothing was left builds as ever; an unknown run is an error', async () => {
    const built = await world.build(config(), { resume: true });
    expect(built.results).toMatchObject([{ built: ['base-os', 'application'] }]);
    expect(notes(built)).toContain('there is no builder of a crashed build to take up');
    const unknown = await world.build(config('other'), { resume: '20260101-000000-abcdef' });
    expect(unknown.error).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('no journal of run'),
    });
  });
});
