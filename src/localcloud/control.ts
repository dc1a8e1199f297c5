import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  identityOf,
  isAlive,
  LocalCloudError,
  type LocalCloudInfo,
  type LocalCloudOptions,
  localCloudFiles,
  type ProcessIdentity,
  readInfo,
  removeInfo,
} from './control-info.ts';
import { withControlLock } from './control-lock.ts';
import type { DaemonStatus } from './daemon-api.ts';

const DAEMON = fileURLToPath(new URL('./daemon.js', import.meta.url));
/** Milliseconds that the daemon may take to start, to answer, and to end (its instances shut down). */
const START_DEADLINE = 60_000;
const ANSWER_DEADLINE = 10_000;
const STOP_DEADLINE = 200_000;
const LOOK_AGAIN = 20;
const LINES_OF_LOG = 20;

/**
 * The local cloud of a project's directory: the one that runs, or one started now (`started`). Options count only for one
 * that is started now. Throws LocalCloudError with the end of its log when it cannot start.
 */
export async function startLocalCloud(
  directory: string,
  options: LocalCloudOptions = {},
  program: string = DAEMON,
): Promise<LocalCloudInfo & { started: boolean }> {
  const running = await findRunning(directory);
  if (running) return { ...running, started: false };
  return withControlLock(directory, async () => {
    const meanwhile = await findRunning(directory);
    if (meanwhile) return { ...meanwhile, started: false };
    await spawnDaemon(directory, options, program);
    const info = readInfo(directory);
    if (!info)
      throw new LocalCloudError('the local cloud started and ended at once', undefined, logEnd(directory));
    return { ...info, started: true };
  });
}

/** Ends it in order: its instances shut down, its state stays on disk. Undefined when it did not run. */
export const stopLocalCloud = (directory: string): Promise<LocalCloudInfo | undefined> =>
  existsSync(localCloudFiles(directory).home)
    ? withControlLock(directory, () => stop(directory))
    : Promise.resolve(undefined);

/** Ends it and removes everything in it. */
export async function resetLocalCloud(directory: string): Promise<void> {
  if (!existsSync(localCloudFiles(directory).home)) return;
  await withControlLock(directory, async () => {
    await stop(directory);
    const { removeLocalCloud } = await import('./control-remove.ts');
    await removeLocalCloud(directory);
  });
}

/** What runs now, or undefined. */
export async function localCloudStatus(
  directory: string,
): Promise<(LocalCloudInfo & DaemonStatus) | undefined> {
  const info = await findRunning(directory);
  return info && { ...info, ...(JSON.parse(await ask(info, '/_bake/status')) as DaemonStatus) };
}

/** What an instance has written to its console so far. Throws LocalCloudError when the cloud does not run or has no such instance. */
export async function localCloudConsole(directory: string, instanceId: string): Promise<string> {
  const info = await findRunning(directory);
  if (!info) throw new LocalCloudError('the local cloud does not run', 'Start it: bake local start');
  return ask(info, `/_bake/console/${encodeURIComponent(instanceId)}`);
}

/** The daemon that runs and answers. One that is busy ending is waited for. */
async function findRunning(directory: string): Promise<LocalCloudInfo | undefined> {
  const deadline = Date.now() + ANSWER_DEADLINE;
  for (;;) {
    const info = readInfo(directory);
    if (!info || !isAlive(info)) return undefined;
    try {
      await ask(info, '/_bake/status');
      return info;
    } catch (error) {
      if (Date.now() > deadline)
        throw new LocalCloudError(
          `the local cloud (process ${info.pid}) does not answer: ${(error as Error).message}`,
          'End it: bake local stop',
        );
    }
    await delay(LOOK_AGAIN);
  }
}

async function spawnDaemon(directory: string, options: LocalCloudOptions, program: string): Promise<void> {
  const { home, log, starting } = localCloudFiles(directory);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  await endAbandoned(starting);
  removeInfo(directory);
  const descriptor = openSync(log, 'a', 0o600);
  const child = spawn(process.execPath, [program, JSON.stringify({ directory, ...options })], {
    cwd: home,
    detached: true,
    stdio: ['ignore', descriptor, descriptor, 'ipc'],
  });
  closeSync(descriptor);
  if (child.pid !== undefined) writeFileSync(starting, JSON.stringify(identityOf(child.pid)));
  const begun = Date.now();
  const failure = await new Promise<string | undefined>((resolve) => {
    const deadline = setTimeout(() => {
      child.kill('SIGKILL');
      resolve(`did not start within ${START_DEADLINE / 1000} s`);
    }, START_DEADLINE);
    const settle = (outcome?: string) => {
      clearTimeout(deadline);
      resolve(outcome);
    };
    child.once('message', (message: { failed?: string }) => settle(message.failed));
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, signal) =>
      settle(`ended with ${signal ?? `exit code ${code}`} while starting`),
    );
  });
  child.removeAllListeners();
  if (child.connected) child.disconnect();
  child.unref();
  if (failure !== undefined)
    throw new LocalCloudError(
      `the local cloud ${failure}`,
      undefined,
      logEnd(directory, begun).filter((line) => !line.endsWith(failure)),
    );
}

/** A daemon whose starter was killed before it was ready: two must never have the same store open. */
async function endAbandoned(starting: string): Promise<void> {
  if (!existsSync(starting)) return;
  const abandoned: ProcessIdentity = JSON.parse(readFileSync(starting, 'utf8'));
  while (isAlive(abandoned)) {
    process.kill(abandoned.pid, 'SIGKILL');
    await delay(LOOK_AGAIN);
  }
}

async function stop(directory: string): Promise<LocalCloudInfo | undefined> {
  const info = readInfo(directory);
  const wasAlive = info !== undefined && isAlive(info);
  if (wasAlive) {
    process.kill(info.pid, 'SIGTERM');
    const deadline = Date.now() + STOP_DEADLINE;
    while (isAlive(info)) {
      if (Date.now() > deadline) process.kill(info.pid, 'SIGKILL');
      await delay(LOOK_AGAIN);
    }
  }
  removeInfo(directory);
  return wasAlive ? info : undefined;
}

/** The last lines of the log, only those written since `begun`. */
function logEnd(directory: string, begun = 0): string[] {
  const { log } = localCloudFiles(directory);
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  const first = lines.findIndex((line) => Date.parse(line.slice(0, 24)) >= begun);
  return lines.slice(Math.max(first, 0)).slice(-LINES_OF_LOG);
}

/** Asks the daemon itself; its secret key proves that the asker may read daemon.json. */
function ask(info: LocalCloudInfo, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${info.secretAccessKey}` };
    const request = get(
      `${info.endpoint}${path}`,
      { headers, agent: false, timeout: ANSWER_DEADLINE },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.once('end', () =>
          response.statusCode === 200 ? resolve(body) : reject(new LocalCloudError(body.trim())),
        );
        response.once('error', reject);
      },
    );
    request.once('timeout', () => request.destroy(new Error('no answer in time')));
    request.once('error', reject);
  });
}
