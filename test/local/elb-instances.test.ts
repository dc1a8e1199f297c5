import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, test } from 'vitest';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { instances, runInstances, terminateInstances } from '../../src/localcloud/engine/ec2/instances.ts';
import { createMetadataHost } from '../../src/localcloud/metadata/host.ts';
import { startCloud } from '../helpers/cloud.ts';
import { describeSandbox } from '../helpers/sandbox.ts';

const PORT = 8_080;

/** A web server as a service, on the instance's own address: instances share the machine's network. */
const USER_DATA = `#!/bin/bash
mkdir -p /opt/web
cat > /opt/web/server.mjs <<'END'
import { createServer } from 'node:http';
import { hostname } from 'node:os';
const { hostname: address } = new URL(process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT);
createServer((request, response) => {
  setTimeout(() => response.end(hostname()), request.url === '/slow' ? 200 : 0);
}).listen(${PORT}, address);
END
cat > /etc/systemd/system/web.service <<'END'
[Service]
ExecStart=/usr/bin/env node /opt/web/server.mjs
END
systemctl start web
`;

describeSandbox('a load balancer before instances that are processes', (sandbox) => {
  test('health follows the service, weights are kept, and draining fails no request', async () => {
    const runtime = await sandbox.open();
    const cloud = await startCloud({ runtime, speed: 20 });
    const { engine } = cloud;
    engine.metadata = createMetadataHost(engine);
    const client = new ElasticLoadBalancingV2Client(cloud.client);
    const launched = runInstances(
      engine,
      {
        imageId: baseImageId(engine),
        instanceType: 't3.micro',
        userData: Buffer.from(USER_DATA).toString('base64'),
      },
      3,
    );
    const ids = launched.map(({ instanceId }) => instanceId);
    const [a, b, c] = ids as [string, string, string];
    const nameOf = (id: string) => instances(engine).get(id)?.dnsName.split('.')[0] as string;
    try {
      const group = async (Name: string, targets: string[]) => {
        const { TargetGroups } = await client.send(
          new CreateTargetGroupCommand({
            Name,
            Protocol: 'HTTP',
            Port: PORT,
            HealthCheckIntervalSeconds: 10,
            HealthyThresholdCount: 2,
          }),
        );
        const TargetGroupArn = TargetGroups![0]!.TargetGroupArn as string;
        await client.send(
          new RegisterTargetsCommand({ TargetGroupArn, Targets: targets.map((Id) => ({ Id })) }),
        );
        return TargetGroupArn;
      };
      const blue = await group('blue', [a, b]);
      const green = await group('green', [c]);
      const { LoadBalancers } = await client.send(new CreateLoadBalancerCommand({ Name: 'web' }));
      const { LoadBalancerArn, DNSName: host } = LoadBalancers![0]!;
      await client.send(
        new CreateListenerCommand({
          LoadBalancerArn,
          Protocol: 'HTTP',
          Port: 80,
          DefaultActions: [
            {
              Type: 'forward',
              ForwardConfig: {
                TargetGroups: [
                  { TargetGroupArn: blue, Weight: 2 },
                  { TargetGroupArn: green, Weight: 1 },
                ],
              },
            },
          ],
        }),
      );
      const health = async (TargetGroupArn: string) =>
        (
          await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }))
        ).TargetHealthDescriptions?.map(({ TargetHealth }) =>
          `${TargetHealth?.State} ${TargetHealth?.Reason ?? ''}`.trim(),
        );
      const waiting = { interval: 50, timeout: 30_000 };
      await expect.poll(() => health(blue), waiting).toEqual(['healthy', 'healthy']);
      await expect.poll(() => health(green), waiting).toEqual(['healthy']);

      const ask = async (path = '/') => {
        const asked = request({ host, port: 80, path, agent: false }).end();
        const [answer] = (await once(asked, 'response')) as [IncomingMessage];
        return { status: answer.statusCode, body: await text(answer) };
      };
      const count = async (requests: number) => {
        const counts: Record<string, number> = {};
        for (let n = 0; n < requests; n++) {
          const { status, body } = await ask();
          expect(status).toBe(200);
          counts[body] = (counts[body] ?? 0) + 1;
        }
        return counts;
      };
      expect(await count(90)).toEqual({ [nameOf(a)]: 30, [nameOf(b)]: 30, [nameOf(c)]: 30 });

      await sandboxRun('systemctl stop web');
      await expect
        .poll(() => health(blue), waiting)
        .toEqual(['unhealthy Target.FailedHealthChecks', 'healthy']);
      expect(await count(30)).toEqual({ [nameOf(b)]: 20, [nameOf(c)]: 10 });
      await sandboxRun('systemctl start web');
      await expect.poll(() => health(blue), waiting).toEqual(['healthy', 'healthy']);

      // A minute, three seconds at this speed: longer than any request takes.
      await client.send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn: blue,
          Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '60' }],
        }),
      );
      const answers: { status?: number; body: string }[] = [];
      let going = true;
      const customers = Array.from({ length: 6 }, async () => {
        while (going) answers.push(await ask('/slow'));
      });
      await expect.poll(() => answers.length, waiting).toBeGreaterThan(12);
      await client.send(new DeregisterTargetsCommand({ TargetGroupArn: blue, Targets: [{ Id: a }] }));
      expect(await health(blue)).toEqual(['draining Target.DeregistrationInProgress', 'healthy']);
      await expect.poll(() => health(blue), waiting).toEqual(['healthy']);
      terminateInstances(engine, [a]);
      engine.settle();
      const before = answers.length;
      await expect.poll(() => answers.length, waiting).toBeGreaterThan(before + 12);
      going = false;
      await Promise.all(customers);
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      expect(answers.slice(before).map(({ body }) => body)).not.toContain(nameOf(a));
    } finally {
      terminateInstances(engine, ids);
      engine.settle();
      await expect
        .poll(() => ids.map((id) => instances(engine).get(id)?.state), { timeout: 30_000 })
        .toEqual(['terminated', 'terminated', 'terminated']);
      client.destroy();
      await cloud.close();
    }

    async function sandboxRun(script: string): Promise<void> {
      const outcome = await runtime.run(a, { id: script, script, timeoutMs: 20_000 });
      expect(outcome.exitCode, outcome.stderr).toBe(0);
    }
  });
});
