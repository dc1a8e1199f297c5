import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import { bake, repository, temporaryDirectory } from '../helpers/cli.ts';
import { addCopiedRelease, BASE } from '../helpers/copied-release.ts';
import { installed } from '../helpers/installed.ts';
import { bakeOnTerminal } from '../helpers/terminal.ts';

/** At its checkpoint it waits for longer than anybody looks on. */
const CONFIG = `project: testing
region: eu-central-1
image:
  base: { ssmParameter: ${BASE} }
  layers: [{ name: application, provisioners: [{ inline: 'true' }] }]
fleet:
  name: workers
  size: { min: 1, max: 4, desired: 2 }
  warmup: 1s
  healthCheck: { gracePeriod: 1s }
rollout:
  maxHealthyPercentage: 200
  checkpoints: [50, 100]
  checkpointDelay: 48h
`;

const program = join(repository, 'dist/cli.js');
let directory: string;
let cloud: Cloud;

beforeAll(async () => {
  directory = temporaryDirectory('interrupt');
  writeFileSync(join(directory, 'bake.yaml'), CONFIG);
  const started = await bake(directory, 'local', 'start', '--runtime', 'none', '--speed', '10', '--json');
  const { endpoint, region, accessKeyId, secretAccessKey } = JSON.parse(started.stdout);
  const credentials = { accessKeyId, secretAccessKey };
  cloud = await openCloud({ kind: 'aws', endpoint, region, credentials, local: true });
  await addCopiedRelease(cloud, '1');
  expect(await bake(directory, 'fleet', 'apply', '--local')).toMatchObject({ code: 0 });
  await addCopiedRelease(cloud, '2');
});
afterAll(async () => {
  cloud?.close();
  await bake(directory, 'local', 'reset');
  rmSync(directory, { recursive: true, force: true });
});

const state = async () => (await cloud.refreshes.list('workers'))[0]?.state;

/** `bake rollout …` until it says that it waits at its checkpoint. */
async function untilCheckpoint(...args: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, '-C', directory, 'rollout', '--local', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { type, step, percent } = JSON.parse(line);
    if (type === 'step.progress' && step === 'rollout.replace' && percent === 50) break;
  }
  child.stdout.resume();
  return child;
}

/** As CI ends a job: asks, and kills what is still there ten seconds later. */
async function interrupt(child: ChildProcess): Promise<number | null> {
  const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
  child.kill('SIGINT');
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(kill);
  return code;
}

it('a CI job that is cancelled leaves its rollout running, and the next one that resumes it and is cancelled takes it back', async () => {
  expect(await interrupt(await untilCheckpoint('--on-interrupt', 'leave'))).toBe(130);
  expect(await state()).toBe('in-progress');
  expect(await interrupt(await untilCheckpoint('--resume', '--on-interrupt', 'rollback'))).toBe(130);
  expect(await state()).toBe('rollback-successful');
  const { instances, template } = (await cloud.groups.find('workers'))!;
  expect(instances.map(({ templateVersion }) => templateVersion)).toEqual([1, 1]);
  expect(template.version).toBe(1);
});

it.skipIf(!installed('script', '--version'))(
  'on a terminal Ctrl-C asks, and does what is answered',
  async () => {
    const terminal = bakeOnTerminal('-C', directory, 'rollout', '--local');
    try {
      await terminal.saw(/50 % ·/);
      terminal.type('\x03');
      await terminal.saw(/What is it to be\? \[rollback\]/);
      expect(await state()).toBe('in-progress');
      terminal.type('perhaps\n');
      await terminal.saw(/One of rollback, leave, cancel/);
      terminal.type('cancel\n');
      expect(await terminal.end()).toBe(130);
    } finally {
      terminal.kill();
    }
    expect(terminal.seen).toMatch(/was cancelled where it was/);
    expect(await state()).toBe('cancelled');
  },
);
