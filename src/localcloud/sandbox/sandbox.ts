import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandResult } from './agent/protocol.ts';
import { type Base, prepareBase, removeOtherBases } from './base.ts';
import { agentReady, startInstance } from './boot.ts';
import { freezeLayer } from './layers.ts';
import { createLayout, type Layout } from './layout.ts';
import { askAgent, watchAgent } from './link.ts';
import { findInit, gone, type Init, isAlive, killInit } from './processes.ts';
import type { BootRequest, CommandOutcome, Runtime } from './runtime.ts';
import { sandboxSupport } from './support.ts';

/** How long an orderly shutdown may take before it is cut short, milliseconds: a service's 90 s and as much again. */
const LONGEST_SHUTDOWN = 180_000;
/** EC2: GetConsoleOutput returns the last 64 KB, for an hour after the end. */
const CONSOLE_BYTES = 65_536;
const CONSOLE_KEPT = 3_600_000;
/** An agent that is about to listen (a reboot, a daemon that came back early) is asked again after this, milliseconds. */
const ASK_AGAIN = 20;

/**
 * The runtime whose instances are processes in Linux namespaces. They live on when this process ends; `recover` finds them.
 * Throws one sentence when this machine cannot do it (see support.ts).
 */
export async function createSandboxRuntime(options: {
  directory: string;
  log: (message: string) => void;
}): Promise<Runtime> {
  const support = await sandboxSupport(options.directory);
  if (!support.ok) throw new Error(support.sentence);
  const layout = createLayout(options.directory);
  const base = await prepareBase(layout);
  removeOtherBases(layout, basesInUse(layout).add(base.directory));
  return new SandboxRuntime(layout, base, support.description, options.log);
}

/** One run of an instance. */
interface Watch {
  init: Init;
  /** Its end is no news: shutdown or destroy was called. */
  endAsked: boolean;
}

class SandboxRuntime implements Runtime {
  readonly kind = 'sandbox';
  readonly description: string;
  readonly #layout: Layout;
  readonly #base: Base;
  readonly #log: (message: string) => void;
  readonly #starting = new Map<string, ChildProcess>();
  readonly #watches = new Map<string, Watch>();
  readonly #listeners: ((instanceId: string) => void)[] = [];

  constructor(layout: Layout, base: Base, description: string, log: (message: string) => void) {
    this.#layout = layout;
    this.#base = base;
    this.description = description;
    this.#log = log;
  }

  async boot(request: BootRequest): Promise<void> {
    const id = request.instanceId;
    // Asked again after a restart of the daemon: it is up already.
    const running = this.#init(id);
    if (running) return this.#watch(id, running);
    const since = performance.now();
    const child = startInstance(this.#layout, this.#base, request);
    this.#starting.set(id, child);
    try {
      await agentReady(child);
    } catch (error) {
      const said = (await this.consoleOutput(id)).trimEnd().split('\n').slice(-5).join('\n');
      throw new Error(`instance ${id} did not start: ${(error as Error).message}\n${said}`);
    } finally {
      this.#starting.delete(id);
      child.unref();
    }
    const init = this.#init(id);
    if (init) await this.#watch(id, init);
    this.#log(`${id}: up in ${Math.round(performance.now() - since)} ms`);
  }

  async reachable(instanceId: string): Promise<boolean> {
    const init = this.#init(instanceId);
    if (!init) return false;
    return askAgent(init, { do: 'watch' }).then(
      () => true,
      () => false,
    );
  }

  async shutdown(instanceId: string): Promise<void> {
    this.#expectEnd(instanceId);
    const init = this.#init(instanceId);
    if (!init) return;
    const asked = await askAgent(init, { do: 'shutdown' }).then(
      () => true,
      () => false,
    );
    if (!asked || !(await gone(init, LONGEST_SHUTDOWN))) await killInit(init);
  }

  async destroy(instanceId: string): Promise<void> {
    this.#expectEnd(instanceId);
    const starting = this.#starting.get(instanceId);
    if (starting?.exitCode === null && starting.signalCode === null) {
      const exit = new Promise((resolve) => starting.once('exit', resolve));
      starting.kill('SIGKILL');
      await exit;
    }
    const init = this.#init(instanceId);
    if (init) await killInit(init);
    await rm(this.#path(this.#layout.instance(instanceId)), { recursive: true, force: true });
    await this.#removeOldConsoles();
  }

  async freeze(instanceId: string, layerId: string, options: { live: boolean }): Promise<void> {
    await freezeLayer(this.#layout, instanceId, layerId, options.live);
  }

  async removeLayer(layerId: string): Promise<void> {
    await rm(this.#path(this.#layout.layer(layerId)), { recursive: true, force: true });
  }

  async consoleOutput(instanceId: string): Promise<string> {
    const path = this.#path(this.#layout.console(instanceId));
    if (!existsSync(path)) return '';
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const length = Math.min(size, CONSOLE_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async run(
    instanceId: string,
    command: { id: string; script: string; timeoutMs: number },
  ): Promise<CommandOutcome> {
    return askAgent<CommandResult>(this.#running(instanceId), { do: 'run', ...command });
  }

  async cancel(instanceId: string, commandId: string): Promise<void> {
    await askAgent(this.#running(instanceId), { do: 'cancel', id: commandId });
  }

  onEnd(listener: (instanceId: string) => void): void {
    this.#listeners.push(listener);
  }

  async recover(instanceIds: string[]): Promise<string[]> {
    const ended: string[] = [];
    for (const id of instanceIds) {
      const init = this.#init(id);
      if (init) await this.#watch(id, init);
      else ended.push(id);
    }
    return ended;
  }

  #path(relative: string): string {
    return join(this.#layout.state, relative);
  }

  /** The living PID 1: also when the directory that says so was removed under a running cloud. */
  #init(instanceId: string): Init | undefined {
    const known = this.#watches.get(instanceId)?.init;
    return known && isAlive(known) ? known : findInit(this.#layout, instanceId);
  }

  #running(instanceId: string): Init {
    const init = this.#init(instanceId);
    if (!init) throw new Error(`instance ${instanceId} does not run`);
    return init;
  }

  #expectEnd(instanceId: string): void {
    const watch = this.#watches.get(instanceId);
    if (watch) watch.endAsked = true;
  }

  /** Keeps a connection to the agent; when it ends and the instance with it, tells the listeners. */
  async #watch(instanceId: string, init: Init): Promise<void> {
    if (this.#watches.get(instanceId)?.init.started === init.started) return;
    const watch: Watch = { init, endAsked: false };
    this.#watches.set(instanceId, watch);
    const attach = async () => {
      // Without its agent an instance either ends at once or reboots, and then its agent is soon back.
      while (isAlive(init)) {
        try {
          return await watchAgent(init, attach);
        } catch {
          await delay(ASK_AGAIN);
        }
      }
      if (this.#watches.get(instanceId) === watch) this.#watches.delete(instanceId);
      if (watch.endAsked) return;
      this.#log(`${instanceId}: ended by itself`);
      for (const listener of this.#listeners) listener(instanceId);
    };
    await attach();
  }

  /** Consoles outlive their instances for an hour, so that one can read why an instance failed. */
  async #removeOldConsoles(): Promise<void> {
    for (const name of readdirSync(this.#path('console'))) {
      const path = this.#path(join('console', name));
      const id = name.replace(/\.log$/, '');
      if (existsSync(this.#path(this.#layout.instance(id)))) continue;
      const { mtimeMs } = await stat(path);
      if (mtimeMs < Date.now() - CONSOLE_KEPT) await rm(path, { force: true });
    }
  }
}

function basesInUse(layout: Layout): Set<string> {
  const instances = readdirSync(join(layout.state, 'instances'));
  const files = instances.map((id) => join(layout.state, layout.instance(id), 'base')).filter(existsSync);
  return new Set(files.map((file) => readFileSync(file, 'utf8')));
}
