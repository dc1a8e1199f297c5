import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/run/events.ts';
import { BASE, type Delays, ScriptedWorld } from '../helpers/scripted-world.ts';

const config = {
  image: {
    base: BASE,
    builder: { instanceProfile: 'builder' },
    layers: [{ name: 'application', provisioners: [{ inline: 'install-it' }] }],
    test: { checks: [{ command: 'it-works' }] },
    distribute: { regions: ['us-east-1', 'us-west-2'] },
  },
};
const SECOND = 1_000;
const ofCandidate = (script: string) => script.includes('it-works');

/** Minutes that the cloud takes, in which a test of a minute goes on beside copies of two. */
const delays: Delays = {
  boot: 20 * SECOND,
  cloud: { 'image.pending': 60 * SECOND, 'image.copy': 120 * SECOND },
  script: (script) => (ofCandidate(script) ? 60 : 1) * SECOND,
};

describe('copies to other regions', () => {
  let world: ScriptedWorld;
  let verdict: string;
  beforeEach(async () => {
    const answer = (script: string) =>
      ofCandidate(script) ? `${verdict}\tcandidate: it-works\tno\n` : undefined;
    world = await ScriptedWorld.start({ delays, answer });
  });
  afterEach(() => world.close());

  const at = (events: RunEvent[], type: RunEvent['type'], step: string) =>
    Date.parse(events.find((event) => event.type === type && 'step' in event && event.step === step)!.time);

  it('go on beside the candidate test, and are published after both', async () => {
    verdict = 'ok';
    const { events, error } = await world.build(config);
    expect(error).toBeUndefined();
    const copied = at(events, 'step.finished', 'distribute') - at(events, 'step.started', 'distribute');
    const tested = at(events, 'step.finished', 'candidate') - at(events, 'step.started', 'candidate');
    const both = at(events, 'step.started', 'publish') - at(events, 'step.started', 'distribute');
    expect(copied).toBeGreaterThan(120 * SECOND);
    expect(tested).toBeGreaterThan(60 * SECOND);
    expect(both).toBeLessThan(copied + 10 * SECOND);
    for (const region of ['us-east-1', 'us-west-2']) {
      const [copy] = await world.cloud.inRegion(region).images.findByTags({ 'bake:project': 'demo' });
      expect(copy!.tags).toMatchObject({ 'bake:published': expect.anything(), 'bake:expires': 'never' });
    }
  });

  it('of an image that fails its test are given up, and nothing of it is left anywhere', async () => {
    verdict = 'fail';
    const { events, error } = await world.build(config);
    expect(error?.message).toContain('failed its test: candidate: it-works: no');
    expect(events.some((event) => event.type === 'step.started' && event.step === 'distribute')).toBe(true);
    expect(await world.everything()).toMatchObject({ machines: 0, images: [], snapshots: 0 });
    const tooLate = at(events, 'step.failed', 'distribute') - at(events, 'step.failed', 'candidate');
    expect(tooLate).toBeLessThan(SECOND);
  });
});
