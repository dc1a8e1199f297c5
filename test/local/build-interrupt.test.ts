import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { type BuildWorld, startBuildWorld, stepsOf } from '../helpers/build-world.ts';

const support = await sandboxSupport(tmpdir());
const suite = support.ok ? 'an interrupted build' : `an interrupted build (skipped: ${support.sentence})`;

/** A text that no build before has had, so that nothing is reused. */
const image = (text: string) => ({
  layers: [
    { name: 'base-os', provisioners: [{ inline: `echo ${text}` }] },
    { name: 'application', provisioners: [{ inline: 'echo app; sleep 0.2' }] },
  ],
});

describe.skipIf(!support.ok).sequential(suite, () => {
  let world: BuildWorld;
  beforeAll(async () => {
    world = await startBuildWorld('interrupt');
  });
  afterAll(() => world?.close());

  it('leaves no builder and no half image, whichever step it was in', async () => {
    const whole = await world.build(image('whole'));
    expect(whole.error).toBeUndefined();
    const steps = stepsOf(whole);
    expect(steps).toEqual([
      'plan',
      'launch',
      'boot',
      'connect',
      'layer-base-os',
      'image-base-os',
      'layer-application',
      'finish',
      'stop',
      'image',
      'terminate',
      'publish',
      'layer-images',
    ]);
    for (const [index, step] of steps.entries()) {
      let seen = -1;
      const built = await world.build(image(`interrupted-${index}`), {
        on(event, abort) {
          if (event.type === 'step.started' && ++seen === index) abort();
        },
      });
      const { machines, images } = await world.leftovers(built.runId);
      expect(machines, `machines after an interrupt in ${step}`).toEqual([]);
      const half = images.filter((name) => !name.endsWith(' available'));
      expect(half, `images after an interrupt in ${step}`).toEqual([]);
      // The image of the release is whole from its own step on; then the build may end as if nothing had been said.
      const released = images.some((name) => name.startsWith('demo-r'));
      expect(released).toBe(index > steps.lastIndexOf('image'));
      if (!released) expect(built.error?.exitCode, `exit code in ${step}`).toBe(130);
    }
  });

  it('ends a script that was running, and its warnings name nothing left', async () => {
    const slow = { layers: [{ name: 'application', provisioners: [{ inline: 'echo on; sleep 600' }] }] };
    const built = await world.build(slow, {
      on(event, abort) {
        if (event.type === 'step.output') abort();
      },
    });
    expect(built.error?.exitCode).toBe(130);
    expect(built.events.filter((event) => event.type === 'warning')).toEqual([]);
    expect(await world.leftovers(built.runId)).toEqual({ machines: [], images: [] });
  });
});
