import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, expect, test } from 'vitest';
import { resetLocalCloud, startLocalCloud } from '../../src/localcloud/control.ts';
import { isAlive } from '../../src/localcloud/control-info.ts';

const directory = mkdtempSync(join(tmpdir(), 'bake-elb-'));
const program = fileURLToPath(new URL('../../dist/localcloud/daemon.js', import.meta.url));
const start = () => startLocalCloud(directory, { runtime: 'none' }, program);

afterAll(async () => {
  await resetLocalCloud(directory);
  rmSync(directory, { recursive: true, force: true });
});

test('a load balancer answers at the same address after its daemon was killed and started again', async () => {
  const { endpoint, region, accessKeyId, secretAccessKey, ...first } = await start();
  const client = new ElasticLoadBalancingV2Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
  });
  const { LoadBalancers } = await client.send(new CreateLoadBalancerCommand({ Name: 'web' }));
  const FixedResponseConfig = { StatusCode: '200', ContentType: 'text/plain', MessageBody: 'here' };
  await client.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers![0]!.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 8_080,
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig }],
    }),
  );
  client.destroy();
  const ask = async () => {
    const answer = await fetch(`http://${LoadBalancers![0]!.DNSName}:8080/`);
    return answer.text();
  };
  expect(await ask()).toBe('here');

  process.kill(first.pid, 'SIGKILL');
  await expect.poll(() => isAlive(first), { interval: 5 }).toBe(false);
  await expect(ask()).rejects.toThrow();
  await start();
  // Its listeners come up beside the daemon's own.
  await expect.poll(ask, { interval: 20, timeout: 10_000 }).toBe('here');
});
