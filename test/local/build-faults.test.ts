import { describe, expect, it } from 'vitest';
import { type Fault, type FaultyProxy, faultyProxy } from '../helpers/faulty-proxy.ts';
import { BASE, ScriptedWorld } from '../helpers/scripted-world.ts';

const config = {
  image: {
    base: BASE,
    builder: { instanceProfile: 'builder' },
    layers: [
      { name: 'base-os', provisioners: [{ inline: 'dnf -y update' }] },
      { name: 'application', provisioners: [{ inline: 'install-it' }] },
    ],
    test: { checks: [] },
    distribute: { regions: ['us-east-1'], deprecateAfter: '90d', protect: true },
    publish: { parameter: '/demo/latest' },
  },
};

/**
 * One call in so many fails in one build, so that each finds a build that goes on as usual. After throttling the SDK holds back what comes
 * next, in real time: less of it in more builds at the same time is sooner done.
 */
const strideOf = (fault: Fault): number => (fault === 'throttling' ? 12 : 6);
/** Spreads the first calls of all operations over the builds. */
const startOf = (operation: string): number =>
  [...operation].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);

/** Whatever else a build calls, these make or end something. */
const CHANGING = [
  'CopyImage',
  'CreateImage',
  'CreateTags',
  'EnableImageDeprecation',
  'EnableImageDeregistrationProtection',
  'PutParameter',
  'RunInstances',
  'SendCommand',
  'StopInstances',
  'TerminateInstances',
];

/** Builds while the calls at `offset` fail; returns the operations that did. */
async function buildWith(fault: Fault, offset: number): Promise<string[]> {
  let proxy: FaultyProxy | undefined;
  const world = await ScriptedWorld.start({
    between: async (endpoint) => {
      proxy = await faultyProxy(endpoint);
      proxy.fail(fault, (call, operation) => (call + startOf(operation)) % strideOf(fault) === offset);
      return proxy.endpoint;
    },
  });
  try {
    const built = await world.build(config);
    const failed = proxy!.failed;
    const when = `${fault} of ${failed.join(', ')}`;
    expect(built.error, when).toBeUndefined();
    const left = await world.everything();
    expect(left.images, when).toEqual([
      expect.stringMatching(/^demo-base-os-\w+ available$/),
      'demo-r1 available',
      'demo-r1 available', // In the other region.
    ]);
    expect(left, when).toMatchObject({ machines: 0, snapshots: 0 });
    const ran = world.runtime.ran.filter((script) => script.includes('install-it'));
    expect(ran, `scripts run with ${when}`).toHaveLength(1);
    return failed;
  } finally {
    await world.close();
    proxy?.close();
  }
}

describe.concurrent('a build of which every API call fails once', () => {
  it.each<Fault>(['throttling', 'a 500', 'a lost answer'])(
    'with %s still ends with exactly one image, in each region, and nothing else, and no script has run twice',
    async (fault) => {
      // The SDK's pauses after a refusal are in real time: at the same time they pass together.
      const offsets = Array.from({ length: strideOf(fault) }, (_, offset) => offset);
      const failed = await Promise.all(offsets.map((offset) => buildWith(fault, offset)));
      expect(failed.flat()).toEqual(expect.arrayContaining(CHANGING));
      expect(failed.flat().length).toBeGreaterThan(20);
    },
  );
});
