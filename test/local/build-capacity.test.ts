import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { capacity } from '../../src/localcloud/engine/ec2/capacity.ts';
import { instances } from '../../src/localcloud/engine/ec2/instances.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { type BuildWorld, startBuildWorld } from '../helpers/build-world.ts';
import { type FaultyProxy, faultyProxy } from '../helpers/faulty-proxy.ts';
import { BASE, type ScriptedBuild, ScriptedWorld } from '../helpers/scripted-world.ts';

const layers = [
  { name: 'base-os', provisioners: [{ inline: 'touch /etc/base-os' }] },
  { name: 'application', provisioners: [{ inline: 'test -e /etc/base-os; touch /etc/application' }] },
];
const config = (builder: object) => ({
  image: { base: BASE, builder: { instanceProfile: 'builder', ...builder }, layers },
});
const launched = ({ events, error }: ScriptedBuild) => {
  expect(error).toBeUndefined();
  return events.flatMap((event) =>
    event.type === 'step.finished' && event.step === 'launch' ? [event.summary] : [],
  );
};

describe('a builder for which there is no room', () => {
  let world: ScriptedWorld;
  let proxy: FaultyProxy;
  beforeEach(async () => {
    world = await ScriptedWorld.start({
      between: async (endpoint) => {
        proxy = await faultyProxy(endpoint);
        return proxy.endpoint;
      },
    });
  });
  afterEach(async () => {
    await world.close();
    proxy.close();
  });

  const fill = (type: string) => {
    for (const letter of ['a', 'b', 'c']) {
      const zone = `eu-central-1${letter}`;
      capacity(world.local.engine).put(`${type}/${zone}`, { type, zone, available: 0 });
    }
  };

  it('is launched as the next type', async () => {
    fill('t3.small');
    const built = await world.build(config({ instanceTypes: ['t3.small', 't3.medium'] }));
    expect(launched(built)).toEqual(['t3.medium in the default VPC']);
  });

  it('as spot capacity is launched on demand, after every type was tried as spot', async () => {
    proxy.fail('no capacity', (call, operation) => operation === 'RunInstances' && call < 2);
    const built = await world.build(config({ instanceTypes: ['t3.small', 't3.medium'], spot: true }));
    expect(launched(built)).toEqual(['t3.small in the default VPC']);
    expect(proxy.failed).toEqual(['RunInstances', 'RunInstances']);
    const [machine] = instances(world.local.engine).all();
    expect(machine).toMatchObject({ instanceType: 't3.small' });
  });

  it('anywhere ends the build with every refusal, and nothing was made', async () => {
    fill('t3.small');
    const built = await world.build(config({ spot: true }));
    expect(built.error).toMatchObject({
      exitCode: 1,
      message: 'the cloud has no room for a machine to build on',
      details: [
        expect.stringContaining('t3.small (spot) in the default VPC: '),
        expect.stringContaining('t3.small in the default VPC: '),
      ],
    });
    expect(await world.everything()).toMatchObject({ machines: 0, images: [], volumes: 0 });
  });
});

const support = await sandboxSupport(tmpdir());
const suite = support.ok ? 'a spot builder' : `a spot builder (skipped: ${support.sentence})`;

describe.skipIf(!support.ok)(suite, () => {
  let world: BuildWorld;
  beforeAll(async () => {
    world = await startBuildWorld('spot');
  });
  afterAll(() => world?.close());

  it('which cannot be stopped is rebooted for the image of the release only, and leaves nothing', async () => {
    const built = await world.build({ layers, builder: { spot: true } });
    expect(built.error).toBeUndefined();
    const begun = built.events.flatMap((event) => (event.type === 'step.started' ? [event.step] : []));
    expect(begun).not.toContain('stop');
    expect(built.result).toMatchObject({ built: ['base-os', 'application'] });
    expect(await world.inside(built.result!.imageId, 'ls /etc/base-os /etc/application')).toBe(
      '/etc/application\n/etc/base-os',
    );
    expect(await world.leftovers(built.runId)).toMatchObject({ machines: [] });
  });
});
