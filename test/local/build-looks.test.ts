import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultyProxy, faultyProxy } from '../helpers/faulty-proxy.ts';
import { BASE, type Delays, ScriptedWorld } from '../helpers/scripted-world.ts';

const SECOND = 1_000;
/** What a cloud takes, and what installing takes. */
const SCRIPTS: Record<string, number> = { 'install-base': 90, 'install-dependencies': 60 };
const delays: Delays = {
  boot: 25 * SECOND,
  cloud: { 'instance.pending': 20 * SECOND, 'instance.stopping': 10 * SECOND, 'image.pending': 60 * SECOND },
  script: (script) => (Object.entries(SCRIPTS).find(([name]) => script.includes(name))?.[1] ?? 1) * SECOND,
};
const config = (application: string) => ({
  image: {
    base: BASE,
    builder: { instanceProfile: 'builder' },
    layers: ['install-base', 'install-dependencies', application].map((inline, index) => ({
      name: `layer-${index}`,
      provisioners: [{ inline }],
    })),
  },
});

describe('a build on a cloud that is far away', () => {
  let proxy: FaultyProxy;
  let world: ScriptedWorld;
  beforeEach(async () => {
    const between = async (endpoint: string) => {
      proxy = await faultyProxy(endpoint);
      return proxy.endpoint;
    };
    world = await ScriptedWorld.start({ delays, between, far: true });
  });
  afterEach(async () => {
    await world.close();
    proxy.close();
  });

  const calls = () => [...proxy.calls.values()].reduce((sum, count) => sum + count, 0);
  /** Seconds of the cloud's time, and calls to its API. */
  async function measured(application: string) {
    const [startedAt, before] = [world.clock.now(), calls()];
    const { error } = await world.build(config(application));
    expect(error).toBeUndefined();
    return { seconds: (world.clock.now() - startedAt) / SECOND, calls: calls() - before };
  }

  it('looks seldom and sees soon; from the second time on it knows when to look', async () => {
    const scripts = 6; // prepare, the application's, and the closing work.
    const first = await measured('install-one');
    const own = 25 + 90 + 60 + 10 + 60 + scripts;
    expect(first.seconds).toBeGreaterThan(own);
    expect(first.seconds).toBeLessThan(own * 1.15);
    expect(first.calls).toBeLessThan(75);

    const second = await measured('install-two');
    const least = 25 + 10 + 60 + scripts;
    expect(second.seconds).toBeGreaterThan(least);
    expect(second.seconds).toBeLessThan(least * 1.12);
    expect(second.calls).toBeLessThan(40);
  });
});
