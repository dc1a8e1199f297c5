import { afterEach, describe, expect, it } from 'vitest';
import { answeringRuntime } from '../helpers/answering-runtime.ts';
import { type Fault, type FaultyProxy, faultyProxy } from '../helpers/faulty-proxy.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';
import { ScriptedWorld } from '../helpers/scripted-world.ts';
import { WebWorld } from '../helpers/web-world.ts';

const image = {
  cloud: 'alicloud',
  region: 'eu-central-1',
  image: {
    base: { family: 'acs:alibaba_cloud_linux_3_2104_lts_x64' },
    builder: { instanceTypes: ['ecs.c7.large'] },
    layers: [
      { name: 'base-os', provisioners: [{ inline: 'dnf -y update' }] },
      { name: 'application', provisioners: [{ inline: 'install-it' }] },
    ],
  },
};

/** Nobody completes it: it ends by itself. */
const lifecycleHooks = [{ name: 'leaving', on: 'terminate', heartbeat: '30s' }];

/** Of each operation every fourth call fails in one run, so that each finds a run that goes on as usual. */
const STRIDE = 4;

/** A proxy that lets these calls fail, to be put before a cloud. */
function faulty(fault: Fault, offset: number) {
  let proxy: FaultyProxy | undefined;
  return {
    between: async (endpoint: string) => {
      proxy = await faultyProxy(endpoint);
      proxy.fail(fault, (call) => call % STRIDE === offset);
      return proxy.endpoint;
    },
    failed: () => proxy!.failed,
    close: () => proxy?.close(),
  };
}

const FAULTS: Fault[] = ['throttling', 'a 500', 'a lost answer'];
const OFFSETS = Array.from({ length: STRIDE }, (_, offset) => offset);
const CASES = FAULTS.flatMap((fault) => OFFSETS.map((offset) => [fault, offset] as const));

const struck = new Map<string, Set<string>>();
const note = (work: string, failed: string[]) => {
  const all = struck.get(work) ?? new Set();
  for (const operation of failed) all.add(operation);
  struck.set(work, all);
};

let opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened) await one.close();
  opened = [];
});

describe('with Alibaba Cloud failing once in every operation', () => {
  it.each(CASES)('a build ends with one image, its script run once: %s, offset %i', async (fault, offset) => {
    const proxy = faulty(fault, offset);
    const world = await ScriptedWorld.start({ kind: 'alicloud', between: proxy.between });
    opened.push(world, proxy);
    const built = await world.build(image);
    const when = `${fault} of ${proxy.failed().join(', ')}`;
    expect(built.error, when).toBeUndefined();
    await world.clock.sleep(60_000);
    const left = await world.everything();
    expect(left.images, when).toEqual([
      expect.stringMatching(/^demo-base-os-\w+ available$/),
      'demo-r1 available',
    ]);
    expect(left, when).toMatchObject({ machines: 0, snapshots: 0 });
    expect(world.runtime.ran.filter((script) => script.includes('install-it'))).toHaveLength(1);
    note('build', proxy.failed());
  });

  it.each(CASES)(
    'a rolling rollout and the way back end where they should: %s, offset %i',
    async (fault, offset) => {
      const proxy = faulty(fault, offset);
      let broken = false;
      const runtime = answeringRuntime(() => (broken ? { exitCode: 1 } : undefined));
      const world = await RolloutWorld.start({ kind: 'alicloud', runtime, between: proxy.between });
      opened.push(world, proxy);
      const smoke = { commands: [{ run: 'check', timeout: '30s' }] };
      const project = world.project({ smoke, fleet: { lifecycleHooks } });
      await world.addRelease(project, '1');
      await world.apply(project);
      await world.addRelease(project, '2');
      await world.rollOut(project);
      expect(world.fleet).toBe('222');
      await world.addRelease(project, '3');
      broken = true;
      await expect(world.rollOut(project)).rejects.toThrow('was rolled back');
      expect(world.fleet).toBe('222');
      const group = await world.root.groups.find('workers');
      expect(group).toMatchObject({ template: { version: 2 }, suspendedProcesses: [] });
      expect(await world.root.templates.versions(group!.template.id)).toHaveLength(3);
      note('rolling', proxy.failed());
    },
  );

  it.each(CASES)('a blue-green rollout by weights ends in front: %s, offset %i', async (fault, offset) => {
    const proxy = faulty(fault, offset);
    const { web, port } = await WebWorld.startOnAlibaba({ between: proxy.between });
    opened.push(web, proxy);
    const pair = { blue: `${port}@workers`, green: `${port}@workers-green` };
    const project = web.project(
      { pairs: [pair], steps: [50, 100], stepDelay: '10s' },
      { fleet: { targetGroups: [], healthCheck: { type: 'ec2' }, lifecycleHooks } },
    );
    const { world } = web;
    await world.addRelease(project, '1');
    await world.apply(project);
    await world.addRelease(project, '2');
    await world.rollOut(project);
    expect(world.serving('workers-green')).toBe('222');
    expect(await world.root.groups.find('workers')).toBeUndefined();
    expect(await world.root.groups.find('workers-green')).toMatchObject({ suspendedProcesses: [], min: 1 });
    const weights = (await world.root.traffic.forwardings([pair.green])).flatMap((one) => one.weights);
    expect(weights).toEqual([{ targetGroup: pair.green, weight: 100 }]);
    note('blue-green', proxy.failed());
  });

  it('what changes something was among what failed', () => {
    const build = ['RunInstances', 'RunCommand', 'StopInstance', 'CreateImage', 'DeleteInstance'];
    expect([...struck.get('build')!]).toEqual(expect.arrayContaining(build));
    expect([...struck.get('rolling')!]).toEqual(
      expect.arrayContaining([
        ...[
          'CreateLaunchTemplate',
          'CreateLaunchTemplateVersion',
          'CreateScalingGroup',
          'EnableScalingGroup',
          'CreateLifecycleHook',
        ],
        ...['StartInstanceRefresh', 'SuspendInstanceRefresh', 'ResumeInstanceRefresh'],
        ...['RollbackInstanceRefresh', 'TagResources', 'CreateParameter', 'UpdateParameter', 'RunCommand'],
      ]),
    );
    expect([...struck.get('blue-green')!]).toEqual(
      expect.arrayContaining([
        ...['CreateScalingGroup', 'ModifyScalingGroup', 'DeleteScalingGroup', 'SuspendProcesses'],
        ...['ResumeProcesses', 'UntagResources', 'AttachVServerGroups', 'SetVServerGroupAttribute'],
      ]),
    );
  });
});
