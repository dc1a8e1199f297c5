import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, expect, test } from 'vitest';
import {
  localCloudConsole,
  localCloudStatus,
  resetLocalCloud,
  startLocalCloud,
  stopLocalCloud,
} from '../../src/localcloud/control.ts';
import { isAlive, type LocalCloudInfo, localCloudFiles } from '../../src/localcloud/control-info.ts';
import { createLayout } from '../../src/localcloud/sandbox/layout.ts';
import { findInit, isAlive as machineIsAlive } from '../../src/localcloud/sandbox/processes.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';

const directory = mkdtempSync(join(tmpdir(), 'bake-daemon-'));
const { home } = localCloudFiles(directory);
const support = await sandboxSupport(home);
const why = support.ok ? '' : ` (skipped: ${support.sentence})`;
const program = fileURLToPath(new URL('../../dist/localcloud/daemon.js', import.meta.url));
const start = () => startLocalCloud(directory, {}, program);

afterAll(async () => {
  await resetLocalCloud(directory);
  rmSync(directory, { recursive: true, force: true });
});

async function withEc2<T>(info: LocalCloudInfo, work: (client: EC2Client) => Promise<T>): Promise<T> {
  const { endpoint, region, accessKeyId, secretAccessKey } = info;
  const client = new EC2Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

/** Its state, and how often it has come up, from its console. */
async function seen(info: LocalCloudInfo, id: string) {
  const state = await withEc2(info, async (client) => {
    const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0]?.State?.Name;
  });
  const console = await localCloudConsole(directory, id);
  return {
    state,
    ups: console.split('is up').length - 1,
    userData: console.split('from user data').length - 1,
  };
}

test.skipIf(!support.ok)(
  `an instance outlives a killed daemon, comes up again after an orderly stop, and ends with a reset${why}`,
  async () => {
    const first = await start();
    expect(first.runtime).toBe('sandbox');
    const id = await withEc2(first, async (client) => {
      const { Images } = await client.send(new DescribeImagesCommand({}));
      const { Instances } = await client.send(
        new RunInstancesCommand({
          ImageId: Images?.[0]?.ImageId,
          MinCount: 1,
          MaxCount: 1,
          InstanceType: 't3.small',
          UserData: Buffer.from('#!/bin/sh\necho from user data\n').toString('base64'),
        }),
      );
      return Instances?.[0]?.InstanceId as string;
    });
    const waiting = { interval: 50, timeout: 30_000 };
    await expect.poll(() => seen(first, id), waiting).toEqual({ state: 'running', ups: 1, userData: 1 });
    const layout = createLayout(home);
    const init = findInit(layout, id);

    process.kill(first.pid, 'SIGKILL');
    await expect.poll(() => isAlive(first), { interval: 5 }).toBe(false);
    const second = await start();
    expect(await seen(second, id)).toEqual({ state: 'running', ups: 1, userData: 1 });
    expect(findInit(layout, id)).toEqual(init);
    expect((await localCloudStatus(directory))?.instances).toEqual({ running: 1 });

    await stopLocalCloud(directory);
    expect(findInit(layout, id)).toBeUndefined();
    const third = await start();
    await expect.poll(() => seen(third, id), waiting).toMatchObject({ state: 'running', userData: 1 });
    await expect.poll(() => findInit(layout, id), waiting).toBeDefined();

    const again = findInit(layout, id)!;
    process.kill(third.pid, 'SIGKILL');
    await resetLocalCloud(directory);
    expect(machineIsAlive(again)).toBe(false);
  },
);
