import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Roster } from '../../src/fleet/roster.ts';
import { smokeFleet } from '../../src/smoke/fleet.ts';
import { readResponse } from '../../src/smoke/http-answer.ts';
import { askScript, readAsked } from '../../src/smoke/http-script.ts';
import { readBaseline, runSmokeTests } from '../../src/smoke/run.ts';
import { type Answering, answeringRuntime } from '../helpers/answering-runtime.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const one of opened.splice(0)) await one.close();
});

/** A fleet of three with release 1 in service, whose instances answer as told. */
async function fleet(smoke: object, answer: Answering, silent?: (id: string) => boolean) {
  const world = await RolloutWorld.start({ runtime: answeringRuntime(answer, silent) });
  opened.push(world);
  const project = world.project({ smoke, fleet: { instanceProfile: 'worker' } });
  await world.addRelease(project, '1');
  await world.apply(project);
  return { world, project };
}

const base64 = (text: string) => `bake-answer ${Buffer.from(text).toString('base64')}\n`;
const ok = (body: string) => base64(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);

describe('a command as a smoke test', () => {
  const commands = [{ run: 'systemctl is-active worker\necho fine', timeout: '1m' }];

  it('is run on every new instance, with the release in its environment', async () => {
    const asked = new Set<string>();
    const { world, project } = await fleet({ commands }, (id, script) => {
      expect(script).toContain("export BAKE_RELEASE='1'");
      asked.add(id);
      return 'active\n';
    });
    const { report } = await smokeFleet(world.run(), world.cloud, project);
    expect(asked.size).toBe(3);
    expect(report.checks).toMatchObject([
      {
        name: 'command',
        verdict: 'passed',
        summary: '`systemctl is-active worker …` went well on 3 new instances',
      },
    ]);
    expect(report.checks[0]!.instances!.map(({ verdict }) => verdict)).toEqual([
      'passed',
      'passed',
      'passed',
    ]);
  });

  it('is repeated where it fails, and only there', async () => {
    const attempts = new Map<string, number>();
    const { world, project } = await fleet({ commands }, (id) => {
      attempts.set(id, (attempts.get(id) ?? 0) + 1);
      const slow = id === [...attempts.keys()][0];
      return slow && attempts.get(id)! < 3 ? { exitCode: 3, stdout: 'inactive\n' } : 'active\n';
    });
    await smokeFleet(world.run(), world.cloud, project);
    expect([...attempts.values()].sort()).toEqual([1, 1, 3]);
  });

  it('that goes on failing on one instance fails at the deadline, and names the instance with its last words', async () => {
    let bad = '';
    const { world, project } = await fleet({ commands }, (id) => {
      bad ||= id;
      return id === bad ? { exitCode: 3, stdout: 'starting\ninactive\n' } : '';
    });
    const before = world.clock.now();
    const failing = smokeFleet(world.run(), world.cloud, project);
    await expect(failing).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /failed on 1 of 3 new instances within 1 m: i-[0-9a-f]+: exit code 3: inactive/,
      ),
    });
    expect(world.clock.now() - before).toBeLessThan(75_000);
  });

  it('never shows a secret of bake’s environment, be it in the script or in what it prints', async () => {
    vi.stubEnv('SHOP_API_TOKEN', 'tok-0123456789');
    const run = 'curl -H "x: tok-0123456789" localhost';
    const { world, project } = await fleet({ commands: [{ run, timeout: '5s' }] }, (_id, script) => {
      expect(script).toContain('tok-0123456789');
      return { exitCode: 22, stdout: 'refused tok-0123456789\n' };
    });
    await smokeFleet(world.run(), world.cloud, project).catch(() => {});
    expect(world.said('step.failed')).toContain('refused ***');
    expect(JSON.stringify(world.events)).not.toContain('tok-0123456789');
  });

  it('proves nothing of an instance whose agent does not answer', async () => {
    let mute: string | undefined;
    const { world, project } = await fleet(
      { commands },
      () => '',
      (id) => {
        mute ??= id;
        return id === mute;
      },
    );
    const failing = smokeFleet(world.run(), world.cloud, project);
    await expect(failing).rejects.toMatchObject({
      message: expect.stringMatching(
        /inconclusive \(command\): .* unknown of 1 of 3 new instances.* agent does not answer/,
      ),
    });
  });

  it('lets every test come to its end when it is not part of a rollout, and tells each', async () => {
    const two = [{ run: 'false' }, { run: 'true' }];
    const { world, project } = await fleet({ commands: two }, (_id, script) =>
      script.includes("bash -c 'false'") ? { exitCode: 1 } : '',
    );
    const failing = smokeFleet(world.run(), world.cloud, project);
    await expect(failing).rejects.toMatchObject({
      details: expect.arrayContaining([
        expect.stringMatching(/^✗ command {2}`false` failed on 3 of 3/),
        expect.stringMatching(/^✓ command {2}`true` went well on 3/),
      ]),
    });
  });
});

describe('a request as a smoke test of instances', () => {
  it('passes when every new instance answers itself as it should', async () => {
    const http = [{ path: '/health', port: 8080, body: '"release": ?"${smoke.release}"' }];
    const { world, project } = await fleet({ http }, (_id, script) => {
      expect(script).toContain("8080 '/health'");
      return ok('{"release": "1"}');
    });
    const { report } = await smokeFleet(world.run(), world.cloud, project);
    expect(report.checks[0]).toMatchObject({
      name: 'http',
      about: 'GET /health on port 8080',
      summary: 'GET /health on port 8080 went well on 3 new instances',
    });
  });

  it('fails with what an instance said instead', async () => {
    const http = [{ timeout: '5s' }];
    const { world, project } = await fleet({ http }, () =>
      base64('HTTP/1.1 503 Service Unavailable\r\n\r\nno database\n'),
    );
    await expect(smokeFleet(world.run(), world.cloud, project)).rejects.toMatchObject({
      message: expect.stringMatching(
        /GET \/health on port 80 failed on 3 of 3 .*: answered 503: no database/,
      ),
    });
  });

  it('leaves out an instance of the old release, whatever it would say', async () => {
    const http = [{ timeout: '5s', body: 'release 2' }];
    const asked = new Set<string>();
    const { world, project } = await fleet({ http }, (id) => {
      asked.add(id);
      return ok('release 2');
    });
    await world.addRelease(project, '2');
    const { template } = await world.apply(project);
    // Somebody points the group at the new version, and ends one instance.
    const roster = new Roster(world.cloud, 'workers');
    const { instances } = await roster.look();
    const version = await world.cloud.templates.createVersion({
      token: 'two',
      templateId: template.id,
      source: 1,
      description: 'release 2',
      settings: {},
    });
    await world.cloud.groups.update('workers', { template: { id: template.id, version } });
    await world.cloud.groups.terminateInstance(instances[0]!.id, { decrementDesired: false });
    while (world.fleet !== '112') await world.clock.sleep(1_000);
    const baseline = await readBaseline(world.cloud, project.config.smoke);
    const run = world.run();
    const report = await run.step('test', 'test', (step) =>
      runSmokeTests(run, world.cloud, project, {
        roster,
        version,
        release: '2',
        since: run.clock.now(),
        step,
        baseline,
      }),
    );
    expect(report.verdict).toBe('passed');
    expect(asked.size).toBe(1);
    expect(report.checks[0]!.instances).toHaveLength(1);
  });
});

describe('what an instance runs to ask itself', () => {
  async function serve(listener: RequestListener): Promise<number> {
    const server: Server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened.push(server);
    return (server.address() as AddressInfo).port;
  }

  /** As the agent runs it; the metadata service says who the instance is. */
  async function ask(port: number, path = '/health', host?: string) {
    const metadata = await serve((request, response) => {
      const token = request.method === 'PUT' ? 'the-token' : request.headers['x-aws-ec2-metadata-token'];
      if (token !== 'the-token') response.writeHead(401);
      response.end(request.method === 'PUT' ? token : '127.0.0.1');
    });
    const env = { ...process.env, AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${metadata}/` };
    const { stdout } = await promisify(execFile)('sh', ['-c', askScript({ port, path, host })], { env });
    return readAsked(stdout);
  }

  it('brings back status and body as they are', async () => {
    const seen: unknown[] = [];
    const port = await serve((request, response) => {
      seen.push(request.url, request.headers.host);
      response.end('it’s fine\n\n{"release":2}');
    });
    const asked = await ask(port, "/health?q='a'", 'web.example.org');
    if (!('response' in asked)) throw new Error(asked.problem);
    expect(readResponse(asked.response)).toEqual({ status: 200, body: 'it’s fine\n\n{"release":2}' });
    expect(seen).toEqual(["/health?q='a'", 'web.example.org']);
  });

  it('puts a body together that comes in chunks', async () => {
    const port = await serve((_request, response) => {
      response.write('one ');
      response.end('two');
    });
    const asked = await ask(port);
    if (!('response' in asked)) throw new Error(asked.problem);
    expect(asked.response.toString()).toMatch(/chunked/i);
    expect(readResponse(asked.response)).toEqual({ status: 200, body: 'one two' });
  });

  it('says that nobody listens', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    expect(await ask(port)).toEqual({ problem: `127.0.0.1:${port}: Connection refused` });
  });
});
