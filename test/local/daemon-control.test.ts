import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  localCloudStatus,
  resetLocalCloud,
  startLocalCloud,
  stopLocalCloud,
} from '../../src/localcloud/control.ts';
import {
  isAlive,
  LocalCloudError,
  type LocalCloudInfo,
  localCloudFiles,
  readInfo,
  startTimeOf,
  writeInfo,
} from '../../src/localcloud/control-info.ts';

const program = fileURLToPath(new URL('../../dist/localcloud/daemon.js', import.meta.url));
const directories: string[] = [];
const newDirectory = () => {
  const directory = mkdtempSync(join(tmpdir(), 'bake-daemon-'));
  directories.push(directory);
  return directory;
};

let directory: string;
beforeEach(() => {
  directory = newDirectory();
});
afterEach(async () => {
  for (const one of directories.splice(0)) {
    await stopLocalCloud(one);
    rmSync(one, { recursive: true, force: true });
  }
});

const start = (where = directory, more = {}) => startLocalCloud(where, { runtime: 'none', ...more }, program);

async function withSqs<T>(info: LocalCloudInfo, work: (client: SQSClient) => Promise<T>): Promise<T> {
  const { endpoint, region, accessKeyId, secretAccessKey } = info;
  const client = new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}
const queues = (info: LocalCloudInfo) =>
  withSqs(info, async (client) => (await client.send(new ListQueuesCommand({}))).QueueUrls ?? []);

/** Ends a daemon the hard way and waits until it is gone. */
async function kill(info: LocalCloudInfo): Promise<void> {
  process.kill(info.pid, 'SIGKILL');
  await expect.poll(() => isAlive(info), { interval: 5 }).toBe(false);
}

test('started, it answers clients that sign with its key, and only its owner can read the key', async () => {
  const info = await start();
  expect(info).toMatchObject({ started: true, runtime: 'none', region: 'eu-central-1' });
  expect(info.endpoint).toBe(`http://127.0.0.1:${info.port}`);
  expect(await queues(info)).toEqual([]);
  await expect(queues({ ...info, secretAccessKey: 'wrong' })).rejects.toThrow(/signature/);
  expect(statSync(localCloudFiles(directory).info).mode & 0o777).toBe(0o600);
  const status = await fetch(`${info.endpoint}/_bake/status`);
  expect(status.status).toBe(403);
});

test('started again, it is the one that runs', async () => {
  const info = await start();
  expect(await start()).toEqual({ ...info, started: false });
});

test('two starts at the same moment make one', async () => {
  const infos = await Promise.all([start(), start(), start()]);
  expect(new Set(infos.map(({ pid }) => pid)).size).toBe(1);
  expect(infos.filter(({ started }) => started)).toHaveLength(1);
});

test('two projects side by side have two, each with its own port, key and state', async () => {
  const [one, two] = [await start(), await start(newDirectory())];
  expect(one.pid).not.toBe(two.pid);
  expect(one.port).not.toBe(two.port);
  await withSqs(one, (client) => client.send(new CreateQueueCommand({ QueueName: 'jobs' })));
  expect(await queues(two)).toEqual([]);
  await expect(queues({ ...two, accessKeyId: one.accessKeyId })).rejects.toThrow();
});

test('stopped and started, it has its state, its key and its port again', async () => {
  const before = await start();
  await withSqs(before, (client) => client.send(new CreateQueueCommand({ QueueName: 'jobs' })));
  const urls = await queues(before);
  expect(await stopLocalCloud(directory)).toMatchObject({ pid: before.pid });
  expect(isAlive(before)).toBe(false);
  expect(readInfo(directory)).toBeUndefined();
  expect(await localCloudStatus(directory)).toBeUndefined();
  const after = await start();
  expect(after).toMatchObject({
    started: true,
    port: before.port,
    accessKeyId: before.accessKeyId,
    secretAccessKey: before.secretAccessKey,
  });
  expect(await queues(after)).toEqual(urls);
});

test('killed, it is started anew with everything it had acknowledged', async () => {
  const before = await start();
  await withSqs(before, (client) => client.send(new CreateQueueCommand({ QueueName: 'jobs' })));
  await kill(before);
  expect(await localCloudStatus(directory)).toBeUndefined();
  const after = await start();
  expect(after.pid).not.toBe(before.pid);
  expect(await queues(after)).toHaveLength(1);
});

test('a file that names another process with the same id is not believed, and that process is left alone', async () => {
  const info = await start();
  await kill(info);
  // Begun well after the daemon: the kernel counts start times in hundredths of a second.
  const other = spawn('sleep', ['60']);
  try {
    writeInfo(directory, { ...info, pid: other.pid as number });
    expect(await localCloudStatus(directory)).toBeUndefined();
    expect(await stopLocalCloud(directory)).toBeUndefined();
    expect(startTimeOf(other.pid as number)).toBeDefined();
    expect((await start()).started).toBe(true);
  } finally {
    other.kill();
  }
});

test('when its port is taken by another program it takes another', async () => {
  const [first, second] = [await start(), newDirectory()];
  mkdirSync(localCloudFiles(second).home, { recursive: true });
  writeFileSync(localCloudFiles(second).port, String(first.port));
  const info = await start(second);
  expect(info.port).not.toBe(first.port);
  expect(await queues(info)).toEqual([]);
});

test('reset removes what was in it; the next start is a new cloud', async () => {
  const before = await start();
  await withSqs(before, (client) => client.send(new CreateQueueCommand({ QueueName: 'jobs' })));
  await resetLocalCloud(directory);
  expect(isAlive(before)).toBe(false);
  expect(existsSync(localCloudFiles(directory).store)).toBe(false);
  const after = await start();
  expect(await queues(after)).toEqual([]);
  expect(after.accessKeyId).not.toBe(before.accessKeyId);
});

test('with a seed two clouds are the same', async () => {
  const [one, two] = [await start(directory, { seed: 7 }), await start(newDirectory(), { seed: 7 })];
  expect(one.accessKeyId).toBe(two.accessKeyId);
  expect(one.options).toEqual({ runtime: 'none', seed: 7 });
});

test('status tells what runs and how many instances are in it', async () => {
  const info = await start(directory, { speed: 60 });
  const status = await localCloudStatus(directory);
  expect(status).toMatchObject({ pid: info.pid, options: { runtime: 'none', speed: 60 }, instances: {} });
  expect(status?.description).toContain('no processes');
});

test('when it cannot start, the error says why, and nothing is left behind', async () => {
  const latency = join(directory, 'latency.json');
  writeFileSync(latency, '{"instance.pendng": 5}');
  const failure = await start(directory, { latency }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(LocalCloudError);
  expect((failure as Error).message).toMatch(
    /the local cloud cannot start: unknown transition instance\.pendng; known: /,
  );
  expect(readInfo(directory)).toBeUndefined();
  expect((await start()).started).toBe(true);
});

test('when it dies while starting, the error has the end of its log', async () => {
  writeFileSync(join(directory, 'dies.mjs'), `console.error('first words');\nprocess.exit(3);\n`);
  const failure = await startLocalCloud(directory, {}, join(directory, 'dies.mjs')).catch((error) => error);
  expect(failure).toBeInstanceOf(LocalCloudError);
  expect(failure.message).toBe('the local cloud ended with exit code 3 while starting');
  expect(failure.details).toEqual(['first words']);
});

test('SIGTERM ends it in order; stopping what does not run is no error', async () => {
  const info = await start();
  process.kill(info.pid, 'SIGTERM');
  await expect.poll(() => isAlive(info), { interval: 5 }).toBe(false);
  expect(readInfo(directory)).toBeUndefined();
  expect(readFileSync(localCloudFiles(directory).log, 'utf8')).toMatch(/ending: SIGTERM\n.* ended\n$/);
  expect(await stopLocalCloud(directory)).toBeUndefined();
  expect(await stopLocalCloud(newDirectory())).toBeUndefined();
});

test('it ends when its directory is removed', async () => {
  const info = await start();
  rmSync(join(directory, '.bake'), { recursive: true });
  await expect.poll(() => isAlive(info), { interval: 50, timeout: 20_000 }).toBe(false);
});
