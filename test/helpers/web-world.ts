import { once } from 'node:events';
import { createServer, get, type Server, type ServerResponse } from 'node:http';
import type { Project } from '../../src/config/schema.ts';
import { loadBalancers } from '../../src/localcloud/engine/elb/records.ts';
import { noRuntime } from '../../src/localcloud/sandbox/none.ts';
import type { Runtime } from '../../src/localcloud/sandbox/runtime.ts';
import { type Balancer, makeBalancer } from './balancer.ts';
import { RolloutWorld } from './rollout-world.ts';
import { makeServerGroup } from './virtual-server-group.ts';

type WorldOptions = NonNullable<Parameters<typeof RolloutWorld.start>[0]>;

const PORT = 8_080;
/** How long a slow request takes, milliseconds of the world's time. */
const SLOW = 8_000;

/** What clients have seen. */
interface Tally {
  /** Answers with status 200 by the launch template version that gave them. */
  answered: Map<string, number>;
  /** Everything else, by status or error. */
  failed: Map<string, number>;
}

/**
 * A fleet of web servers behind a real load balancer, and clients that send requests all the time, quick ones and slow ones. Each instance
 * is a small server of the test's own on the instance's address.
 */
export class WebWorld {
  readonly world: RolloutWorld;
  /** Only on AWS. */
  readonly #balancer: Balancer | undefined;
  readonly #address: () => string;
  readonly tally: Tally = { answered: new Map(), failed: new Map() };
  /** Launch template versions whose servers answer 500 to everything but the health check. */
  readonly broken = new Set<string>();
  /** And those that answer 500 to that, too. */
  readonly sick = new Set<string>();
  /** Clients send while this is so. */
  load = false;
  #slow: { at: number; response: ServerResponse; body: string }[] = [];
  #pending = new Set<Promise<void>>();

  private constructor(world: RolloutWorld, address: () => string, balancer?: Balancer) {
    this.world = world;
    this.#address = address;
    this.#balancer = balancer;
    world.meanwhile = () => this.#turn();
  }

  /** `targetGroups`: the first gets all requests, the others have weight 0. */
  static async start(targetGroups: string[]): Promise<WebWorld> {
    return WebWorld.#start({}, async (world) => {
      const balancer = await makeBalancer(world.local, targetGroups, { port: PORT });
      const address = () => loadBalancers(world.local.engine).all()[0]!.address;
      return new WebWorld(world, address, balancer);
    });
  }

  /** The same on Alibaba Cloud, with one virtual server group: `port` is its name with the servers' port. */
  static async startOnAlibaba(
    options: Pick<WorldOptions, 'between'> = {},
  ): Promise<{ web: WebWorld; port: string }> {
    let port = '';
    const web = await WebWorld.#start({ kind: 'alicloud', ...options }, async (world) => {
      const { id, address } = await makeServerGroup(world.local);
      port = `${id}:${PORT}`;
      return new WebWorld(world, () => address);
    });
    return { web, port };
  }

  static async #start(
    options: WorldOptions,
    make: (world: RolloutWorld) => Promise<WebWorld>,
  ): Promise<WebWorld> {
    const servers = new Map<string, Server>();
    let web: WebWorld | undefined;
    const runtime = webRuntime(servers, (id, url, response) => web!.#answer(id, url, response));
    web = await make(await RolloutWorld.start({ ...options, runtime }));
    return web;
  }

  project(
    blueGreen: object = {},
    config: { rollout?: object; fleet?: object; smoke?: object } = {},
  ): Project {
    return this.world.project({
      fleet: { targetGroups: ['web'], healthCheck: { type: 'elb', gracePeriod: '5s' }, ...config.fleet },
      rollout: { strategy: 'blue-green', blueGreen: { hold: '1m', ...blueGreen }, ...config.rollout },
      smoke: config.smoke ?? {
        http: [{ through: 'load-balancer', body: 'version ${smoke.release}$', timeout: '2m' }],
      },
    });
  }

  /** Answers since the last look, and forgets them. */
  take(): { versions: string; failed: Record<string, number> } {
    const { answered, failed } = this.tally;
    const seen = { versions: [...answered.keys()].sort().join(''), failed: Object.fromEntries(failed) };
    answered.clear();
    failed.clear();
    return seen;
  }

  get sent(): number {
    return [...this.tally.answered.values(), ...this.tally.failed.values()].reduce((sum, n) => sum + n, 0);
  }

  /** Lets slow requests come to their end. */
  async rest(): Promise<void> {
    this.load = false;
    while (this.#pending.size > 0) await this.world.clock.sleep(1_000);
  }

  #answer(instanceId: string, url: string, response: ServerResponse): void {
    const version = this.world.versionOf(instanceId) ?? '?';
    if (this.sick.has(version) || (url !== '/health' && this.broken.has(version))) response.writeHead(500);
    const body = `version ${version}`;
    if (url === '/slow') this.#slow.push({ at: this.world.clock.now() + SLOW, response, body });
    else response.end(body);
  }

  async #turn(): Promise<void> {
    const now = this.world.clock.now();
    const due = this.#slow.filter(({ at }) => at <= now);
    this.#slow = this.#slow.filter(({ at }) => at > now);
    for (const { response, body } of due) response.end(body);
    if (!this.load) return;
    const slow = this.#send('/slow').finally(() => this.#pending.delete(slow));
    this.#pending.add(slow);
    await Promise.all(Array.from({ length: 3 }, () => this.#send('/')));
  }

  #send(path: string): Promise<void> {
    const host = this.#address();
    return new Promise((resolve) => {
      const note = (counts: Map<string, number>, key: string) => {
        counts.set(key, (counts.get(key) ?? 0) + 1);
        resolve();
      };
      const request = get({ host, port: 80, path, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text) => {
          body += text;
        });
        response.once('end', () =>
          response.statusCode === 200
            ? note(this.tally.answered, body.replace('version ', ''))
            : note(this.tally.failed, String(response.statusCode)),
        );
        response.once('error', (error) => note(this.tally.failed, error.message));
      });
      request.once('error', (error) => note(this.tally.failed, error.message));
    });
  }

  async close(): Promise<void> {
    await this.rest();
    this.#balancer?.close();
    await this.world.close();
  }
}

/** Instances that are servers; what they begin, they end when they are shut down in order, and drop when they are destroyed. */
function webRuntime(
  servers: Map<string, Server>,
  answer: (instanceId: string, url: string, response: ServerResponse) => void,
): Runtime {
  const stop = (instanceId: string) => {
    const server = servers.get(instanceId);
    servers.delete(instanceId);
    server?.close();
    server?.closeAllConnections();
  };
  return {
    ...noRuntime(),
    kind: 'sandbox',
    async boot({ instanceId, address }) {
      const server = createServer((request, response) => answer(instanceId, request.url ?? '/', response));
      servers.set(instanceId, server);
      server.listen(PORT, address);
      await once(server, 'listening');
    },
    shutdown: async (instanceId) => stop(instanceId),
    destroy: async (instanceId) => stop(instanceId),
  };
}
