import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Roster } from '../../src/fleet/roster.ts';
import { membersOf } from '../../src/localcloud/engine/autoscaling/members.ts';
import { instances } from '../../src/localcloud/engine/ec2/instances.ts';
import { smokeFleet } from '../../src/smoke/fleet.ts';
import { readBaseline, runSmokeTests } from '../../src/smoke/run.ts';
import { answeringRuntime } from '../helpers/answering-runtime.ts';
import { type Balancer, makeBalancer } from '../helpers/balancer.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

const PORT = 8_080;
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** Three instances behind a load balancer that answer with their launch template version, one of them of version 2. */
async function mixedFleet(http: object[]) {
  const world = await RolloutWorld.start({ runtime: answeringRuntime(() => '') });
  opened.push(world);
  const balancer: Balancer = await makeBalancer(world.local, ['web'], { port: PORT });
  opened.push(balancer);
  const project = world.project({ smoke: { http } });
  await world.addRelease(project, '1');
  const { template } = await world.apply(project);
  const { groups, templates } = world.cloud;
  await templates.createVersion({
    token: 't',
    templateId: template.id,
    source: 1,
    description: '',
    settings: {},
  });
  const { instances: old } = (await groups.find('workers'))!;
  await groups.update('workers', { template: { id: template.id, version: 2 } });
  await groups.terminateInstance(old[0]!.id, { decrementDesired: false });
  while (world.fleet !== '112') await world.clock.sleep(1_000);
  for (const { instanceId, template } of membersOf(world.local.engine, 'workers')) {
    const { address } = instances(world.local.engine).get(instanceId)!;
    const server = createServer((request, response) => {
      if (request.url === '/broken' && template?.version === '2') response.writeHead(500);
      response.end(`version ${template?.version}`);
    }).listen(PORT, address);
    await once(server, 'listening');
    opened.push(server);
  }
  await world.cloud.traffic.attach('workers', balancer.targetGroups);
  const healthy = async () =>
    (await world.cloud.traffic.targets(balancer.targetGroups[0]!)).filter(({ state }) => state === 'healthy');
  while ((await healthy()).length < 3) await world.clock.sleep(1_000);
  return { world, project };
}

async function test(http: object[], wanted: { version: number; share?: number }) {
  const { world, project } = await mixedFleet(http);
  const roster = new Roster(world.cloud, 'workers');
  const run = world.run();
  const baseline = await readBaseline(world.cloud, project.config.smoke);
  const { checks } = await run.step('test', 'test', (step) =>
    runSmokeTests(run, world.cloud, project, {
      roster,
      release: String(wanted.version),
      since: run.clock.now(),
      step,
      baseline,
      ...wanted,
    }),
  );
  return checks[0];
}

const through = 'load-balancer';

describe('a request through the load balancer', () => {
  it('passes when an answer is seen that only the new release gives', async () => {
    const check = await test([{ through, body: 'version ${smoke.release}$' }], { version: 2 });
    expect(check).toMatchObject({ name: 'http', verdict: 'passed' });
    expect(check!.summary).toMatch(
      /through the load balancer: \d+ of \d+ requests answered 200, \d+ by the new release/,
    );
  });

  it('without a body to tell the releases apart, wants so many right answers that the new one must be among them', async () => {
    const check = await test([{ through }], { version: 2 });
    const right = Number(/(\d+) of/.exec(check!.summary)?.[1]);
    expect(check!.verdict).toBe('passed');
    expect(right).toBeGreaterThanOrEqual(8);
  });

  it('fails when a part of the answers is wrong until the deadline', async () => {
    const check = await test([{ through, path: '/broken', timeout: '10s' }], { version: 2 });
    expect(check).toMatchObject({ verdict: 'failed' });
    expect(check!.summary).toMatch(
      /only \d+ of \d+ requests answered 200 within 10 s \(answered 500 \(\d+ times\)\)/,
    );
  });

  it('fails when the new release never answers though it should have had its share', async () => {
    const check = await test([{ through, body: 'version 3', timeout: '10s' }], { version: 2 });
    expect(check).toMatchObject({ verdict: 'failed' });
    expect(check!.summary).toMatch(/none of \d+ answers within 10 s was release 2's \(\/version 3\/\)/);
  });

  it('is left out while the new release has no traffic', async () => {
    expect(await test([{ through }], { version: 2, share: 0 })).toBeUndefined();
  });
});

it('a test through a load balancer is refused before anything is touched where the fleet has none', async () => {
  const world = await RolloutWorld.start();
  opened.push(world);
  const project = world.project({ smoke: { http: [{ through }] } });
  await world.addRelease(project, '1');
  await world.apply(project);
  await world.addRelease(project, '2');
  const refusal = {
    exitCode: 2,
    message: 'a smoke test goes through the load balancer, but no target group sends to workers',
  };
  await expect(smokeFleet(world.run(), world.cloud, project)).rejects.toMatchObject(refusal);
  await expect(world.rollOut(project)).rejects.toMatchObject(refusal);
  expect((await world.cloud.templates.findByName('workers'))?.latestVersion).toBe(1);
});
