import { afterEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { readLock } from '../../src/rollout/lock.ts';
import { abortRollout } from '../../src/rollout/rollout.ts';
import { WebWorld } from '../helpers/web-world.ts';

/** After this nobody takes a process that says nothing for alive any more. Milliseconds. */
const LEASE_AND_MORE = 420_000;

let web: WebWorld;
afterEach(() => web.close());

const ways: [string, string[], object][] = [
  ['target group', ['web'], {}],
  [
    'weight',
    ['web', 'web-green'],
    { pairs: [{ blue: 'web', green: 'web-green' }], steps: [50], stepDelay: '10s' },
  ],
];

describe.each(ways)('a rollout that is killed while it moves requests by %s', (_, targetGroups, settings) => {
  async function begin(): Promise<Project> {
    web = await WebWorld.start(targetGroups);
    const project = web.project({ ...settings, hold: '10s' });
    await web.world.addRelease(project, '1');
    await web.world.apply(project);
    await web.world.rollOut(project);
    await web.world.addRelease(project, '2');
    web.load = true;
    return project;
  }

  /** Kills it before its n-th change to traffic, tags or sizes after the copy was made; false when it has no more. */
  async function killAt(project: Project, n: number): Promise<string | undefined> {
    let changes = 0;
    let last: string | undefined;
    const { killed } = await web.world.crash(project, (call) => {
      if (!/^(traffic\.(attach|detach|setWeights)|groups\.(setTags|update|suspend|resume))/.test(call))
        return false;
      if (++changes < n) return false;
      last ??= call;
      return true;
    });
    if (killed) await web.world.clock.sleep(LEASE_AND_MORE);
    return killed ? last : undefined;
  }

  it.each([
    ['gone on with', '2'],
    ['taken back', '1'],
  ])(
    'is %s without a failed request',
    async (how, release) => {
      for (let n = release === '2' ? 1 : 2; ; n += 3) {
        const project = await begin();
        const at = await killAt(project, n);
        if (at === undefined) break;
        if (release === '2') await web.world.rollOut(project, { resume: true });
        else await abortRollout(web.world.run(), web.world.cloud, project);
        await web.rest();
        expect(web.take().failed, `${how}, killed before ${n}: ${at}`).toEqual({});
        web.load = true;
        await web.world.clock.sleep(2_000);
        expect(web.take(), `${how}, killed before ${n}: ${at}`).toEqual({ versions: release, failed: {} });
        const groups = await web.world.cloud.groups.findAll(['workers', 'workers-green']);
        expect(groups).toMatchObject([{ desired: 3, min: 1, max: 6, suspendedProcesses: [] }]);
        expect(await readLock(web.world.cloud, project)).toBeUndefined();
        await web.close();
      }
    },
    300_000,
  );
});
