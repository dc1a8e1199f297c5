import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import { ownTags, TAG } from '../../src/run/tags.ts';
import { bake, repository, temporaryDirectory } from '../helpers/cli.ts';
import { installed } from '../helpers/installed.ts';
import { testProject } from '../helpers/project.ts';

const BASE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
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
  await addRelease('1');
  expect(await bake(directory, 'fleet', 'apply', '--local')).toMatchObject({ code: 0 });
  await addRelease('2');
});
afterAll(async () => {
  cloud?.close();
  await bake(directory, 'local', 'reset');
  rmSync(directory, { recursive: true, force: true });
});

async function addRelease(release: string): Promise<void> {
  const base = await cloud.images.resolve({ ssmParameter: BASE });
  const imageId = await cloud.images.copy({
    token: `release-${release}`,
    imageId: base!.id,
    fromRegion: cloud.region,
    name: `testing-${release}`,
    description: '',
    tags: ownTags(testProject(), 'build', { [TAG.release]: release, [TAG.published]: 'yes' }),
    encrypted: true,
  });
  while ((await cloud.images.find([imageId]))[0]?.state !== 'available');
}

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
    const command = `stty cols 120 rows 40; ${process.execPath} ${program} -C ${directory} rollout --local`;
    const env = { ...process.env, CI: undefined, TERM: 'xterm' };
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let seen = '';
    const saw = (what: RegExp) =>
      new Promise<void>((resolve) => {
        const look = (chunk = '') => {
          seen += chunk;
          if (what.test(seen)) resolve();
        };
        look();
        child.stdout.setEncoding('utf8').on('data', look);
      });
    try {
      await saw(/50 % ·/);
      child.stdin.write('\x03');
      await saw(/What is it to be\? \[rollback\]/);
      expect(await state()).toBe('in-progress');
      child.stdin.write('perhaps\n');
      await saw(/One of rollback, leave, cancel/);
      child.stdin.write('cancel\n');
      const [code] = await once(child, 'exit');
      expect(code).toBe(130);
    } finally {
      child.kill();
    }
    expect(seen).toMatch(/was cancelled where it was/);
    expect(await state()).toBe('cancelled');
  },
);
