import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  type Action,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { metricValue } from '../../../src/localcloud/engine/cloudwatch/metrics.ts';
import { targets } from '../../../src/localcloud/engine/elb/records.ts';
import { targetHealth } from '../../../src/localcloud/engine/elb/targets.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

const PORT = 8_099;

describe('a listener is a real proxy', () => {
  let cloud: TestCloud;
  let client: ElasticLoadBalancingV2Client;
  let servers: Server[];
  let LoadBalancerArn: string;
  let host: string;

  beforeEach(async () => {
    servers = [];
    // Health checks every tenth of a second, a deregistration delay of a second as a hundredth.
    cloud = await startCloud({ speed: 100 });
    client = new ElasticLoadBalancingV2Client(cloud.client);
    const { LoadBalancers } = await client.send(new CreateLoadBalancerCommand({ Name: 'web' }));
    LoadBalancerArn = LoadBalancers![0]!.LoadBalancerArn as string;
    host = LoadBalancers![0]!.DNSName as string;
  });
  afterEach(async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    client.destroy();
    await cloud.close();
  });

  /** A target that is well, whatever it does with other requests; returns its port. */
  async function serve(answer: RequestListener): Promise<number> {
    const server = createServer((asked, response) =>
      asked.url === '/health' ? response.end() : answer(asked, response),
    );
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
  const saying = (word: string) => serve((_, response) => response.end(word));

  async function group(Name: string, ports: number[], more = {}): Promise<string> {
    const { TargetGroups } = await client.send(
      new CreateTargetGroupCommand({
        Name,
        Protocol: 'HTTP',
        Port: 80,
        TargetType: 'ip',
        HealthCheckPath: '/health',
        HealthCheckIntervalSeconds: 10,
        ...more,
      }),
    );
    const TargetGroupArn = TargetGroups![0]!.TargetGroupArn as string;
    if (ports.length > 0)
      await client.send(
        new RegisterTargetsCommand({
          TargetGroupArn,
          Targets: ports.map((Port) => ({ Id: '127.0.0.1', Port })),
        }),
      );
    return TargetGroupArn;
  }
  const listen = async (action: Action) =>
    (
      await client.send(
        new CreateListenerCommand({
          LoadBalancerArn,
          Protocol: 'HTTP',
          Port: PORT,
          DefaultActions: [action],
        }),
      )
    ).Listeners![0]!.ListenerArn as string;
  const forward = (...groups: [string, number][]): Action => ({
    Type: 'forward',
    ForwardConfig: { TargetGroups: groups.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })) },
  });
  const settled = (arn: string) =>
    expect
      .poll(() => targetHealth(cloud.engine, arn, '127.0.0.1'), { interval: 5, timeout: 5_000 })
      .not.toBe('initial');

  async function ask(
    path = '/',
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ) {
    const asked = request({
      host,
      port: PORT,
      path,
      method: options.method,
      headers: options.headers,
      agent: false,
    });
    asked.end(options.body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
  }

  it('bodies pass both ways, with the headers that a target needs to know who asks', async () => {
    const port = await serve(async (asked, response) => {
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.writeHead(201);
      response.end(
        JSON.stringify({
          method: asked.method,
          url: asked.url,
          headers: asked.headers,
          body: await text(asked),
        }),
      );
    });
    const arn = await group('blue', [port]);
    await listen(forward([arn, 1]));
    await settled(arn);
    const { status, headers, body } = await ask('/x?y=%20z', {
      method: 'PUT',
      body: 'hello',
      headers: { 'X-Forwarded-For': '10.0.0.9', 'X-Own': '1', Connection: 'X-Hop', 'X-Hop': 'gone' },
    });
    expect(status).toBe(201);
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(JSON.parse(body)).toMatchObject({
      method: 'PUT',
      url: '/x?y=%20z',
      body: 'hello',
      headers: {
        host: `${host}:${PORT}`,
        'x-own': '1',
        'x-forwarded-for': '10.0.0.9, 127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-forwarded-port': String(PORT),
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      },
    });
    expect(JSON.parse(body).headers).not.toHaveProperty('x-hop');
  });

  it('an answer arrives piece by piece, as the target sends it', async () => {
    let finish = () => {};
    const port = await serve((_, response) => {
      response.write('first');
      finish = () => response.end('last');
    });
    const arn = await group('blue', [port]);
    await listen(forward([arn, 1]));
    await settled(arn);
    const asked = request({ host, port: PORT, agent: false }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    expect(String((await once(answer, 'data'))[0])).toBe('first');
    finish();
    expect(await text(answer)).toBe('last');
  });

  it('requests are shared evenly among healthy targets, and among groups by weight', async () => {
    const [blue, green] = [
      await group('blue', [await saying('a'), await saying('b')]),
      await group('green', [await saying('c')]),
    ];
    await listen(forward([blue, 3], [green, 1]));
    await Promise.all([settled(blue), settled(green)]);
    const counts: Record<string, number> = {};
    for (let n = 0; n < 80; n++) {
      const { body } = await ask();
      counts[body] = (counts[body] ?? 0) + 1;
    }
    expect(counts).toEqual({ a: 30, b: 30, c: 20 });
  });

  it('rules match path, host, header, query, method and source, all conditions of one together', async () => {
    const listener = await listen({
      Type: 'fixed-response',
      FixedResponseConfig: { StatusCode: '404', MessageBody: 'none', ContentType: 'text/plain' },
    });
    const rules: [string, RuleCondition[]][] = [
      ['path', [{ Field: 'path-pattern', Values: ['/img/*.p?g'] }]],
      ['host', [{ Field: 'host-header', Values: ['*.example.test'] }]],
      [
        'header',
        [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Beta', Values: ['yes*'] } }],
      ],
      ['query', [{ Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '2' }] } }]],
      ['method', [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['DELETE'] } }]],
      [
        'both',
        [
          { Field: 'source-ip', SourceIpConfig: { Values: ['127.0.0.0/8'] } },
          { Field: 'path-pattern', Values: ['/both'] },
        ],
      ],
      [
        'never',
        [
          { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } },
          { Field: 'path-pattern', Values: ['/never'] },
        ],
      ],
    ];
    for (const [index, [MessageBody, Conditions]] of rules.entries())
      await client.send(
        new CreateRuleCommand({
          ListenerArn: listener,
          Priority: index + 1,
          Conditions,
          Actions: [
            {
              Type: 'fixed-response',
              FixedResponseConfig: { StatusCode: '200', MessageBody, ContentType: 'text/plain' },
            },
          ],
        }),
      );
    const said = async (...of: Parameters<typeof ask>) => (await ask(...of)).body;
    expect(await said('/img/a.png?x')).toBe('path');
    expect(await said('/IMG/a.png')).toBe('none');
    expect(await said('/', { headers: { Host: 'A.Example.test:80' } })).toBe('host');
    expect(await said('/', { headers: { 'x-beta': 'Yes, please' } })).toBe('header');
    expect(await said('/?a=1&V=2')).toBe('query');
    expect(await said('/', { method: 'DELETE' })).toBe('method');
    expect(await said('/both')).toBe('both');
    expect(await said('/never')).toBe('none');
    expect((await ask('/')).status).toBe(404);
  });

  it('a redirect says where to go, with the parts of what was asked', async () => {
    await listen({
      Type: 'redirect',
      RedirectConfig: { Protocol: 'HTTPS', Port: '443', Path: '/new/#{path}', StatusCode: 'HTTP_301' },
    });
    const { status, headers } = await ask('/a?b=c', { headers: { Host: 'example.test' } });
    expect([status, headers.location]).toEqual([301, 'https://example.test/new/a?b=c']);
  });

  it('what cannot be written as HTTP is a bad gateway, and the next request is answered', async () => {
    await listen({
      Type: 'redirect',
      RedirectConfig: { Host: 'a\r\nb', StatusCode: 'HTTP_302' },
    });
    expect((await ask()).status).toBe(502);
    expect((await ask()).status).toBe(502);
  });

  it('without a target it says 503, with a broken one 502, with a silent one 504', async () => {
    const port = await serve((asked) => {
      if (asked.url === '/broken') asked.socket.destroy();
    });
    const arn = await group('blue', []);
    await listen(forward([arn, 1]));
    expect((await ask()).status).toBe(503);
    await client.send(
      new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id: '127.0.0.1', Port: port }] }),
    );
    await settled(arn);
    expect((await ask('/broken')).status).toBe(502);
    await client.send(
      new ModifyLoadBalancerAttributesCommand({
        LoadBalancerArn,
        Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '1' }],
      }),
    );
    expect((await ask('/silent')).status).toBe(504);
  });

  it('when all targets are unhealthy, all get requests', async () => {
    const arn = await group('blue', [await saying('here')], { Matcher: { HttpCode: '418' } });
    await listen(forward([arn, 1]));
    await expect
      .poll(() => targetHealth(cloud.engine, arn, '127.0.0.1'), { interval: 5, timeout: 5_000 })
      .toBe('unhealthy');
    expect((await ask()).body).toBe('here');
  });

  it('a request under way finishes while its target drains, and is cut off when the delay is over', async () => {
    const waiting: ServerResponse[] = [];
    const port = await serve((_, response) => void waiting.push(response));
    const arn = await group('blue', [port]);
    await listen(forward([arn, 1]));
    await settled(arn);
    const inTime = ask();
    await expect.poll(() => waiting.length, { interval: 5, timeout: 5_000 }).toBe(1);
    const deregister = () =>
      client.send(
        new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id: '127.0.0.1', Port: port }] }),
      );
    const delay = (Value: string) =>
      client.send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn: arn,
          Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value }],
        }),
      );
    await delay('3600');
    await deregister();
    expect((await ask()).status).toBe(503);
    waiting[0]?.end('done');
    expect((await inTime).body).toBe('done');

    await client.send(
      new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id: '127.0.0.1', Port: port }] }),
    );
    await settled(arn);
    const tooLate = ask();
    await expect.poll(() => waiting.length, { interval: 5, timeout: 5_000 }).toBe(2);
    await delay('1');
    await deregister();
    expect((await tooLate).status).toBe(502);
    expect(targets(cloud.engine).size).toBe(0);
  });

  it('what passes is told to CloudWatch once a minute, while somebody reads it', async () => {
    const port = await serve((asked, response) => {
      if (asked.url === '/broken') asked.socket.destroy();
      else response.end();
    });
    const arn = await group('blue', [port]);
    await listen(forward([arn, 1]));
    await settled(arn);
    const LoadBalancer = LoadBalancerArn.split(':loadbalancer/')[1] as string;
    const TargetGroup = arn.split(':').at(-1) as string;
    const start = Date.now() - 1_000;
    const sum = (name: string, dimensions: Record<string, string>) =>
      metricValue(
        cloud.engine,
        { namespace: 'AWS/ApplicationELB', name, dimensions, statistic: 'Sum' },
        { start, end: Date.now() + 1_000, periodSeconds: 60 },
      );
    expect(sum('RequestCount', { LoadBalancer })).toBeUndefined();
    for (const path of ['/', '/', '/broken', '/']) await ask(path);
    await expect.poll(() => sum('RequestCount', { LoadBalancer }), { interval: 10, timeout: 5_000 }).toBe(4);
    expect(sum('RequestCount', { TargetGroup, LoadBalancer })).toBe(3);
    expect(sum('RequestCountPerTarget', { TargetGroup, LoadBalancer })).toBe(3);
    expect(sum('HTTPCode_Target_2XX_Count', { TargetGroup, LoadBalancer })).toBe(3);
    expect(sum('HTTPCode_ELB_5XX_Count', { LoadBalancer })).toBe(1);
  });

  it('a load balancer that cannot listen says so', async () => {
    const other = createServer();
    servers.push(other);
    other.listen(PORT, host);
    await once(other, 'listening');
    await listen({ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } });
    const state = async () =>
      (await client.send(new DescribeLoadBalancersCommand({}))).LoadBalancers?.[0]?.State;
    await expect
      .poll(state, { interval: 5, timeout: 5_000 })
      .toMatchObject({ Code: 'failed', Reason: expect.stringContaining('EADDRINUSE') });
  });

  it('a network load balancer passes connections on as they are', async () => {
    const { LoadBalancers } = await client.send(
      new CreateLoadBalancerCommand({ Name: 'net', Type: 'network' }),
    );
    const { TargetGroups } = await client.send(
      new CreateTargetGroupCommand({
        Name: 'tcp',
        Protocol: 'TCP',
        Port: await saying('hi'),
        TargetType: 'ip',
        HealthCheckIntervalSeconds: 30,
      }),
    );
    const arn = TargetGroups![0]!.TargetGroupArn as string;
    await client.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id: '127.0.0.1' }] }));
    await client.send(
      new CreateListenerCommand({
        LoadBalancerArn: LoadBalancers![0]!.LoadBalancerArn,
        Protocol: 'TCP',
        Port: PORT,
        DefaultActions: [{ Type: 'forward', TargetGroupArn: arn }],
      }),
    );
    await settled(arn);
    const socket = connect(PORT, LoadBalancers![0]!.DNSName as string);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1.1 200 OK[\s\S]*hi/);
  });
});
