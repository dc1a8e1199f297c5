import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  identityOf,
  type LocalCloudInfo,
  type LocalCloudOptions,
  localCloudFiles,
  readInfo,
  removeInfo,
  writeInfo,
} from './control-info.ts';
import { daemonApi } from './daemon-api.ts';
import { addFaults, clearFaults } from './daemon-faults.ts';
import { daemonLog } from './daemon-log.ts';
import { realClock } from './engine/clock.ts';
import { resumeCommands } from './engine/commands/run.ts';
import { rootKey } from './engine/credentials.ts';
import { resumeInstances } from './engine/ec2/index.ts';
import { instances } from './engine/ec2/instance-record.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import { createIds } from './engine/ids.ts';
import { createLatency } from './engine/latency.ts';
import { Store } from './engine/store.ts';
import { createMetadataHost } from './metadata/host.ts';
import { installProducts } from './products.ts';
import { noRuntime } from './sandbox/none.ts';
import type { Runtime } from './sandbox/runtime.ts';
import { createSandboxRuntime } from './sandbox/sandbox.ts';
import { installServices } from './services.ts';
import { createCloudServer } from './wire/server.ts';

/** How often the daemon makes sure that its directory is still there, milliseconds. */
const STILL_WANTED = 2_000;

/** The detached process that is the local cloud. Its one argument: the directory and the options, as JSON. */
const { directory, ...options } = JSON.parse(process.argv[2] ?? '{}') as LocalCloudOptions & {
  directory: string;
};
const files = localCloudFiles(directory);
const log = daemonLog(files.log);

try {
  await main();
} catch (error) {
  log(`cannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
  tellStarter({ failed: `cannot start: ${error instanceof Error ? error.message : String(error)}` });
}

async function main(): Promise<void> {
  mkdirSync(files.store, { recursive: true, mode: 0o700 });
  const store = new Store(files.store);
  const runtime = await openRuntime();
  const engine = createEngine({
    clock: realClock(),
    store,
    ids: createIds(options.seed === undefined ? undefined : options.seed + startsBefore(store)),
    latency: createLatency({ speed: options.speed, overrides: latencyOverrides() }),
    runtime,
    region: options.region,
    directory: files.home,
    log,
  });
  const server = createCloudServer(
    engine,
    installServices(engine),
    (request) => daemonApi(engine, request),
    installProducts(engine),
  );
  if (options.faults !== undefined) {
    clearFaults(engine);
    addFaults(engine, readFileSync(options.faults, 'utf8'));
  }
  const port = await listen(server);
  engine.endpoint = `http://127.0.0.1:${port}`;
  if (runtime.kind === 'sandbox') engine.metadata = createMetadataHost(engine);
  await resumeInstances(engine);
  resumeCommands(engine);
  engine.settle();
  endInOrder(engine, server);

  writeInfo(directory, infoOf(engine, port));
  log(`${engine.endpoint}, process ${process.pid}: ${runtime.description}`);
  tellStarter({});
}

/** Real processes unless told otherwise; never silently without them. Throws one sentence when they cannot be had. */
async function openRuntime(): Promise<Runtime> {
  if (options.runtime === 'none') return noRuntime();
  return createSandboxRuntime({ directory: files.home, log });
}

/** With a seed, each start continues with other numbers than the one before: ids must not come twice. */
function startsBefore(store: Store): number {
  const table = store.table<number>('daemon');
  const starts = table.get('starts') ?? 0;
  table.put('starts', starts + 1);
  return starts;
}

function latencyOverrides(): Record<string, number> | undefined {
  return options.latency === undefined ? undefined : JSON.parse(readFileSync(options.latency, 'utf8'));
}

/** The port of last time if it is free, else any. Loopback only. */
async function listen(server: Server): Promise<number> {
  const before = existsSync(files.port) ? Number(readFileSync(files.port, 'utf8')) : 0;
  const attempt = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.removeListener('error', reject);
        resolve((server.address() as AddressInfo).port);
      });
    });
  const port = await attempt(before).catch(() => attempt(0));
  writeFileSync(files.port, String(port));
  return port;
}

function infoOf(engine: Engine, port: number): LocalCloudInfo {
  const { accessKeyId, secretAccessKey } = rootKey(engine);
  return {
    ...identityOf(process.pid),
    port,
    endpoint: engine.endpoint,
    region: engine.region,
    accessKeyId,
    secretAccessKey,
    runtime: engine.runtime.kind,
    description: engine.runtime.description,
    startedAt: new Date().toISOString(),
    options,
  };
}

/** SIGTERM, or its directory gone: machines shut down, and nothing is left running. Closed terminals do not matter. */
function endInOrder(engine: Engine, server: Server): void {
  let ending = false;
  const end = async (why: string) => {
    if (ending) return;
    ending = true;
    log(`ending: ${why}`);
    server.close();
    server.closeAllConnections();
    const running = instances(engine).filter(({ state }) => state === 'pending' || state === 'running');
    // What the machines do from here on is not the cloud's state: they come up again at the next start.
    engine.store.close();
    await Promise.allSettled(running.map(({ instanceId }) => engine.runtime.shutdown(instanceId)));
    if (readInfo(directory)?.pid === process.pid) removeInfo(directory);
    log('ended');
    process.exit(0);
  };
  process.on('SIGTERM', () => void end('SIGTERM'));
  process.on('SIGINT', () => void end('SIGINT'));
  process.on('SIGHUP', () => {});
  setInterval(() => {
    if (!existsSync(files.store)) void end('its directory was removed');
  }, STILL_WANTED).unref();
}

function tellStarter(message: { failed?: string }): void {
  if (!process.connected) return;
  process.send?.(message, () => process.disconnect());
}
