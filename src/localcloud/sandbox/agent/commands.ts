import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { killAll, MARK } from './processes.ts';
import type { CommandResult } from './protocol.ts';
import { scriptEnd, startScript } from './script.ts';

/** AWS: GetCommandInvocation returns as many characters; the rest is discarded. */
const STDOUT_CHARACTERS = 24_000;
const STDERR_CHARACTERS = 8_000;
/** Outcomes are kept for a daemon that was away when they came; as many. */
const KEPT = 1_000;

interface Command {
  invocation: string;
  outcome: Promise<CommandResult>;
}

/** Runs scripts for the daemon: the stand-in of the SSM agent. */
export class Commands {
  readonly #commands = new Map<string, Command>();
  readonly #environment: Record<string, string>;

  constructor(environment: Record<string, string>) {
    this.#environment = environment;
  }

  /** Runs a script once per id: asked again, it gives the outcome of the first time. */
  run(id: string, script: string, timeoutMs: number): Promise<CommandResult> {
    const known = this.#commands.get(id);
    if (known) return known.outcome;
    const invocation = randomUUID().replaceAll('-', '');
    const outcome = this.#execute(id, invocation, script, timeoutMs);
    this.#commands.set(id, { invocation, outcome });
    const oldest = this.#commands.keys().next().value;
    if (this.#commands.size > KEPT && oldest !== undefined) this.#commands.delete(oldest);
    return outcome;
  }

  /** Kills all that a command has started. */
  async cancel(id: string): Promise<void> {
    const command = this.#commands.get(id);
    if (command) await killAll(command.invocation);
  }

  async #execute(id: string, invocation: string, script: string, timeoutMs: number): Promise<CommandResult> {
    const directory = join('/run/bake/commands', invocation);
    mkdirSync(directory, { mode: 0o700 });
    const file = join(directory, 'script.sh');
    writeFileSync(file, script, { mode: 0o700 });
    const environment = { ...this.#environment, [MARK]: invocation, SSM_COMMAND_ID: id };
    const running = startScript(['/bin/bash', file], environment, { together: false });
    const stdout = collect(running.stdout, STDOUT_CHARACTERS);
    const stderr = collect(running.stderr, STDERR_CHARACTERS);

    let timedOut = false;
    const timer = setTimeout(
      () => {
        timedOut = true;
        void killAll(invocation);
      },
      Math.min(timeoutMs, 2 ** 31 - 1),
    );
    const exitCode = await scriptEnd(running);
    clearTimeout(timer);
    rmSync(directory, { recursive: true, force: true });
    return { exitCode, stdout: stdout(), stderr: stderr(), timedOut };
  }
}

/** Keeps the first characters of a stream and reads the rest away, so that its writer is never held up. */
function collect(stream: Readable, most: number): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    if (text.length < most) text += chunk.slice(0, most - text.length);
  });
  return () => text;
}
