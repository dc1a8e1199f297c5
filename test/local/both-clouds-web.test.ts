import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { cutOver } from '../../src/rollout/blue-green/cutover.ts';
import { readStatus } from '../../src/upkeep/status.ts';
import { failure } from '../helpers/failure.ts';
import { WebWorld } from '../helpers/web-world.ts';

let web: WebWorld;
/** What both colours share: target groups on AWS, parts of one virtual server group on Alibaba Cloud. */
let pair: { blue: string; green: string };
let shared: string;

async function start(kind: Cloud['kind']): Promise<void> {
  if (kind === 'aws') {
    web = await WebWorld.start(['blue', 'green']);
    pair = { blue: 'blue', green: 'green' };
    shared = 'blue';
  } else {
    const { web: made, port } = await WebWorld.startOnAlibaba();
    web = made;
    pair = { blue: `${port}@workers`, green: `${port}@workers-green` };
    shared = port;
  }
}

const weighed = (blueGreen: object = {}) =>
  web.project(
    { pairs: [pair], steps: [50, 100], stepDelay: '30s', ...blueGreen },
    {
      fleet: { targetGroups: [], healthCheck: { type: 'ec2' } },
      smoke: { http: [{ path: '/', through: 'load-balancer', body: 'version ${smoke.release}$' }] },
    },
  );

describe.each<Cloud['kind']>(['aws', 'alicloud'])('web servers behind a load balancer on %s', (kind) => {
  beforeEach(() => start(kind));
  afterEach(() => web.close());

  it('get a release by weights, step by step, and no request is lost', async () => {
    const project = weighed();
    await web.world.addRelease(project, '1');
    await web.world.apply(project);
    expect(await web.world.apply(project)).toMatchObject({ changes: [] });
    await web.world.addRelease(project, '2');
    web.load = true;
    const result = await web.world.rollOut(project);
    expect(result).toMatchObject({ group: 'workers-green', release: '2' });
    expect(web.world.said('step.finished')).toMatch(/rollout\.gate\.traffic-50/);
    await web.rest();
    expect(web.take()).toEqual({ versions: '12', failed: {} });
    web.load = true;
    await web.world.clock.sleep(5_000);
    await web.rest();
    expect(web.take()).toEqual({ versions: '2', failed: {} });
    const [target] = (await readStatus(web.world.cloud, project)).targets ?? [];
    expect(target?.states).toEqual({ healthy: 3 });
  });

  it('go back where the release fails behind the load balancer', async () => {
    const project = weighed();
    await web.world.addRelease(project, '1');
    await web.world.apply(project);
    await web.world.addRelease(project, '2');
    web.broken.add('2');
    const error = await failure(web.world.rollOut(project));
    expect(error.message).toMatch(/was taken back: the smoke test at 50 % of the requests/);
    expect(web.world.fleet).toBe('111');
    web.load = true;
    await web.world.clock.sleep(5_000);
    await web.rest();
    expect(web.take()).toEqual({ versions: '1', failed: {} });
  });

  it('are cut over to the other colour and lose no request', async () => {
    const project = weighed({ hold: '1h', retire: 'later' });
    await web.world.addRelease(project, '1');
    await web.world.apply(project);
    await web.world.addRelease(project, '2');
    await web.world.rollOut(project);
    web.load = true;
    await cutOver(web.world.run(), web.world.cloud, project, { mode: 'planned' });
    await web.rest();
    expect(web.take()).toEqual({ versions: '12', failed: {} });
    web.load = true;
    await web.world.clock.sleep(5_000);
    await web.rest();
    expect(web.take()).toEqual({ versions: '1', failed: {} });
  });

  it('change places where both groups are in the same target group', async () => {
    const config = { fleet: { targetGroups: [shared], healthCheck: { type: 'ec2' } } };
    const project = web.project({}, config);
    await web.world.addRelease(project, '1');
    await web.world.apply(project);
    await web.world.addRelease(project, '2');
    web.load = true;
    expect(await web.world.rollOut(project)).toMatchObject({ group: 'workers-green' });
    await web.rest();
    expect(web.take().versions).toBe('12');
    web.load = true;
    await web.world.clock.sleep(5_000);
    await web.rest();
    expect(web.take()).toEqual({ versions: '2', failed: {} });
  });
});
