import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { systemClock } from '../../src/run/clock.ts';
import { poll } from '../../src/run/poll.ts';
import { TAG } from '../../src/run/tags.ts';
import { bake, repository, temporaryDirectory } from '../helpers/cli.ts';

const support = await sandboxSupport(tmpdir());
const suite = support.ok ? 'a build that is killed' : `a build that is killed (skipped: ${support.sentence})`;

/** With everything that a build can leave: a layer's image, the release's, a candidate, a copy. */
const CONFIG = `project: killed
region: eu-central-1
image:
  base:
    ssmParameter: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64
  builder:
    instanceProfile: builder
    timeToLive: \${env.TIME_TO_LIVE:-1h}
  layers:
    - name: base
      provisioners: [{ inline: 'echo "\${env.TEXT:-none}"' }]
    - name: application
      provisioners: [{ inline: 'echo application' }]
  test: { checks: [{ command: 'test -e /etc/bake-release' }] }
  distribute: { regions: [us-east-1] }
`;

/** A moment of a build. */
interface Point {
  name: string;
  at: (soFar: Killed) => boolean;
}

interface Killed {
  runId: string;
  /** Steps that had begun. */
  steps: string[];
  /** Lines of the journal: "intend builder". */
  journal: string[];
  /** Whether it came to its own end first. */
  ended: boolean;
}

describe.skipIf(!support.ok).sequential(suite, () => {
  let directory: string;
  let cloud: Cloud;
  beforeAll(async () => {
    directory = temporaryDirectory('killed');
    writeFileSync(join(directory, 'bake.yaml'), CONFIG);
    const started = await bake(directory, 'local', 'start', '--speed', '10', '--json');
    const { endpoint, region, accessKeyId, secretAccessKey } = JSON.parse(started.stdout);
    const credentials = { accessKeyId, secretAccessKey };
    cloud = await openCloud({ kind: 'aws', endpoint, region, credentials, local: true });
  });
  afterAll(async () => {
    cloud?.close();
    await bake(directory, 'local', 'reset');
    rmSync(directory, { recursive: true, force: true });
  });

  /** Runs `bake build` of something new and sends SIGKILL when the story so far says so. */
  async function build(
    text: string,
    killNow: (soFar: Killed) => boolean,
    timeToLive = '1h',
  ): Promise<Killed> {
    const child = spawn(
      process.execPath,
      [join(repository, 'dist/cli.js'), '-C', directory, 'build', '--local', '--json', '--release', text],
      { env: { ...process.env, TEXT: text, TIME_TO_LIVE: timeToLive }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const soFar: Killed = { runId: '', steps: [], journal: [], ended: false };
    for await (const line of createInterface({ input: child.stdout })) {
      const event = JSON.parse(line);
      soFar.runId = event.run;
      if (event.type === 'step.started') soFar.steps.push(event.step);
      if (event.type === 'run.finished') soFar.ended = true;
      soFar.journal = journalOf(soFar.runId);
      if (child.exitCode === null && killNow(soFar)) child.kill('SIGKILL');
    }
    return soFar;
  }

  function journalOf(runId: string): string[] {
    const file = join(directory, '.bake', 'runs', `${runId}.jsonl`);
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line)).map(({ entry, kind }) => [entry, kind].join(' ').trim());
  }

  /** All that there is of a run, in both regions: machines that have not ended, images, and everything else. */
  async function left(runId: string): Promise<string[]> {
    const tags = { [TAG.run]: runId };
    const there = cloud.inRegion('us-east-1');
    const [machines, ...others] = await Promise.all([
      cloud.instances.findByTags(tags),
      cloud.images.findByTags(tags),
      there.images.findByTags(tags),
      cloud.leftovers.find(['volume', 'snapshot', 'key pair', 'security group'], tags),
      there.leftovers.find(['snapshot'], tags),
    ]);
    const alive = machines.filter(({ state }) => state !== 'terminated');
    return [...alive.map(({ id }) => id), ...others.flat().map(({ id, name }) => `${id} ${name}`)];
  }

  async function isReleased(runId: string): Promise<boolean> {
    const images = await cloud.images.findByTags({ [TAG.run]: runId });
    return images.some(({ tags }) => tags[TAG.published] !== undefined);
  }

  /** Kills a build at each of these points, then lets gc clean up after all of them. */
  async function killAll(points: Point[]): Promise<void> {
    const killed: { name: string; run: Killed }[] = [];
    for (const { name, at } of points) killed.push({ name, run: await build(name, at) });
    const gc = await bake(directory, 'gc', '--local', '--json');
    expect(gc.code, gc.stdout).toBe(0);
    for (const { name, run } of killed) await expectNothingOf(name, run);
  }

  async function expectNothingOf(name: string, killed: Killed): Promise<void> {
    const after = await left(killed.runId);
    // Killed too late, it is a release: here and there, with a snapshot each, and nothing else that is not meant to stay.
    if (await isReleased(killed.runId)) {
      const names = after.map((one) => one.split(' ')[1]);
      const release = names.filter((one) => one?.startsWith('killed-r'));
      const layer = names.filter((one) => one?.startsWith('killed-base-'));
      expect(release, name).toHaveLength(4);
      expect(layer.length, name).toBe(killed.ended ? 2 : layer.length);
      expect(release.length + layer.length, name).toBe(after.length);
    } else expect(after, name).toEqual([]);
  }

  it('at any step, and after any entry of its journal, leaves nothing once `bake gc` has run', async () => {
    const whole = await build('whole', () => false);
    expect(whole.steps.slice(-2)).toEqual(['publish', 'layer-images']);
    const kinds = ['builder', 'image', 'image', 'removed builder', 'candidate', 'image copy'];
    for (const kind of kinds) expect(whole.journal.join('\n')).toContain(kind);
    const points: Point[] = [
      ...whole.steps.map((step, index) => ({
        name: `step-${index}-${step}`,
        at: ({ steps }: Killed) => steps.length > index,
      })),
      ...whole.journal.slice(0, -1).flatMap((entry, index) =>
        /^(made|removed)/.test(entry)
          ? [
              {
                name: `entry-${index}-${entry.replaceAll(' ', '-')}`,
                at: ({ journal }: Killed) => journal.length > index,
              },
            ]
          : [],
      ),
    ];
    // Several at a time: what gc does for some must not touch the others, which go on.
    const walk = async () => {
      while (points.length > 0) await killAll(points.splice(0, 4));
    };
    await Promise.all([walk(), walk(), walk()]);
    // The one that was not killed has everything still.
    expect((await left(whole.runId)).length).toBeGreaterThanOrEqual(6);
  }, 600_000);

  it('and that nobody cleans up after ends its builder by itself when its time to live is over', async () => {
    const killed = await build('alone', ({ steps }) => steps.includes('layer-base'), '8s');
    const machine = async () => (await cloud.instances.findByTags({ [TAG.run]: killed.runId }))[0]?.state;
    expect(killed.ended).toBe(false);
    expect(killed.journal).toContain('made builder');
    await poll(
      async () => {
        const state = await machine();
        return state === 'terminated' || state === undefined
          ? { done: true, value: undefined }
          : { done: false, state };
      },
      { what: 'the builder to end itself', timeout: 60_000, clock: systemClock },
    );
  });
});
