import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImages, imagesOf } from '../../src/image/images.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import type { BakeError } from '../../src/run/errors.ts';
import { type BuildWorld, startBuildWorld } from '../helpers/build-world.ts';
import { BASE, ScriptedWorld } from '../helpers/scripted-world.ts';

const support = await sandboxSupport(tmpdir());
const because = support.ok ? '' : ` (skipped: ${support.sentence})`;

const config = {
  image: {
    base: BASE,
    builder: { instanceProfile: 'builder' },
    layers: [
      { name: 'base-os', provisioners: [{ inline: 'install-base' }] },
      { name: 'application', provisioners: [{ inline: 'install-it' }] },
    ],
  },
};

/** Builds on a new cloud until the step of this number begins, and interrupts there; says how that ended and what is left. */
async function interruptedAt(number: number) {
  const world = await ScriptedWorld.start();
  const interrupt = new AbortController();
  const steps: string[] = [];
  const run = world.run([], { signal: interrupt.signal }).part({
    pass(event) {
      if (event.type === 'step.started' && steps.push(event.step) > number) interrupt.abort();
      return true;
    },
  });
  try {
    const error = await buildImages(run, world.cloud, imagesOf(world.project(config)), {}).then(
      () => undefined,
      (failure: BakeError) => failure,
    );
    return { steps, error, ...(await world.everything()) };
  } finally {
    await world.close();
  }
}

describe('an interrupted build', () => {
  it('leaves no builder and no half image, whichever step it was in', async () => {
    const { steps, error } = await interruptedAt(Number.POSITIVE_INFINITY);
    expect(error).toBeUndefined();
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
      const { error, machines, images, snapshots } = await interruptedAt(index);
      expect({ machines, snapshots }, `after an interrupt in ${step}`).toEqual({ machines: 0, snapshots: 0 });
      const half = images.filter((name) => !name.endsWith(' available'));
      expect(half, `images after an interrupt in ${step}`).toEqual([]);
      // The image of the release is whole from its own step on; then the build may end as if nothing had been said.
      const released = images.some((name) => name.startsWith('demo-r'));
      expect(released, step).toBe(index > steps.indexOf('image'));
      if (!released) expect(error?.exitCode, `exit code in ${step}`).toBe(130);
    }
  });
});

describe.skipIf(!support.ok).sequential(`an interrupted build with real processes${because}`, () => {
  let world: BuildWorld;
  beforeAll(async () => {
    world = await startBuildWorld('interrupt');
  });
  afterAll(() => world?.close());

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
