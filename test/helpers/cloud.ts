import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { daemonApi } from '../../src/localcloud/daemon-api.ts';
import { type EngineClock, realClock } from '../../src/localcloud/engine/clock.ts';
import { rootKey } from '../../src/localcloud/engine/credentials.ts';
import { createEngine, type Engine } from '../../src/localcloud/engine/engine.ts';
import { createIds } from '../../src/localcloud/engine/ids.ts';
import { createLatency, type Transition } from '../../src/localcloud/engine/latency.ts';
import { Store } from '../../src/localcloud/engine/store.ts';
import { installProducts } from '../../src/localcloud/products.ts';
import { noRuntime } from '../../src/localcloud/sandbox/none.ts';
import type { Runtime } from '../../src/localcloud/sandbox/runtime.ts';
import { installServices } from '../../src/localcloud/services.ts';
import { createCloudServer } from '../../src/localcloud/wire/server.ts';
import type { Service } from '../../src/localcloud/wire/service.ts';
import { heldAnswers } from './held-answers.ts';

export interface TestCloud {
  engine: Engine;
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  region: string;
  /** What any SDK client takes: endpoint, region, credentials; one attempt only, so that errors show at once. */
  client: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    maxAttempts: number;
  };
  /** Ends open requests, waits for background work, closes the store. Throws when an answer was not as clients know it. */
  close(): Promise<void>;
}

/**
 * An embedded cloud inside the test's own process, on a free loopback port. Without options: everything there is, real time,
 * no processes, in memory. With a VirtualClock, time stands still until the test advances it.
 */
export async function startCloud(
  options: {
    /** Default: all of the cloud's services. */
    services?: (engine: Engine) => Service[];
    clock?: EngineClock;
    runtime?: Runtime;
    /** Where the store's journal lies; a second cloud on the same directory goes on where the first ended. */
    directory?: string;
    speed?: number;
    /** Milliseconds of transitions that are not the cloud's usual ones. */
    latency?: Partial<Record<Transition, number>>;
    seed?: number;
    log?: (message: string) => void;
  } = {},
): Promise<TestCloud> {
  const store = new Store(options.directory);
  const engine = createEngine({
    clock: options.clock ?? realClock(),
    store,
    ids: createIds(options.seed ?? 1),
    latency: createLatency({ speed: options.speed, overrides: options.latency }),
    runtime: options.runtime ?? noRuntime(),
    directory: options.directory,
    log: options.log,
  });
  const held = heldAnswers((options.services ?? installServices)(engine));
  const server = createCloudServer(
    engine,
    held.services,
    (request) => daemonApi(engine, request),
    installProducts(engine),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  engine.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { accessKeyId, secretAccessKey } = rootKey(engine);
  const credentials = { accessKeyId, secretAccessKey };
  engine.settle();
  const { endpoint, region } = engine;
  return {
    engine,
    endpoint,
    credentials,
    region,
    client: { endpoint, region, credentials, maxAttempts: 1 },
    async close() {
      server.close();
      server.closeAllConnections();
      await engine.idle();
      engine.clock.wakeAt(undefined, () => {});
      store.close();
      const strange = await held.strange();
      if (strange.length > 0) throw new Error(`not as the official clients know it:\n${strange.join('\n')}`);
    },
  };
}
