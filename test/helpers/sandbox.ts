import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect } from 'vitest';
import type { BootRequest, CommandOutcome, Runtime } from '../../src/localcloud/sandbox/runtime.ts';
import { createSandboxRuntime } from '../../src/localcloud/sandbox/sandbox.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';

const probe = mkdtempSync(join(tmpdir(), 'bake-probe-'));
const support = await sandboxSupport(probe);
rmSync(probe, { recursive: true, force: true });

/** A suite that needs namespaces; where there are none its name says why it is skipped. */
export function describeSandbox(name: string, suite: (sandbox: TestSandbox) => void): void {
  if (!support.ok) {
    describe.skip(`${name} (${support.sentence})`, () => suite(undefined as never));
    return;
  }
  describe(name, () => {
    const sandbox = new TestSandbox();
    suite(sandbox);
    afterAll(() => sandbox.close());
  });
}

/** A runtime in a directory of its own, and everything booted in it, removed at the end. */
export class TestSandbox {
  readonly directory = mkdtempSync(join(tmpdir(), 'bake-sandbox-'));
  #runtime: Promise<Runtime> | undefined;
  #ids: string[] = [];
  #commands = 0;

  runtime(): Promise<Runtime> {
    this.#runtime ??= this.open();
    return this.#runtime;
  }

  /** One more runtime on the same directory, as a daemon that was started again. */
  open(): Promise<Runtime> {
    return createSandboxRuntime({ directory: this.directory, log: () => {} });
  }

  /** Boots an instance and returns its id. */
  async boot(request: Partial<BootRequest> = {}): Promise<string> {
    const instanceId = request.instanceId ?? `i-${this.#ids.length + 1}`;
    this.#ids.push(instanceId);
    await (await this.runtime()).boot({
      instanceId,
      layers: [],
      userData: '',
      firstBoot: true,
      hostname: `ip-127-8-8-${this.#ids.length}`,
      address: `127.8.8.${this.#ids.length}`,
      environment: { AWS_REGION: 'eu-central-1' },
      ...request,
    });
    return instanceId;
  }

  async run(instanceId: string, script: string, timeoutMs = 30_000): Promise<CommandOutcome> {
    const id = `command-${++this.#commands}`;
    return (await this.runtime()).run(instanceId, { id, script, timeoutMs });
  }

  /** Runs a script that must succeed; its output without the last line break. */
  async sh(instanceId: string, script: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(instanceId, script);
    expect(exitCode, `${script}\n${stdout}${stderr}`).toBe(0);
    return stdout.trimEnd();
  }

  async close(): Promise<void> {
    const runtime = await this.runtime();
    await Promise.all(this.#ids.map((id) => runtime.destroy(id)));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A command line inside an instance that waits until a test holds. */
export const until = (test: string) => `for i in $(seq 200); do ${test} && exit 0; sleep 0.05; done; exit 1`;
