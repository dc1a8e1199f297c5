import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Cloud } from '../clouds/cloud.ts';
import type { Clock } from '../run/clock.ts';
import { BakeError } from '../run/errors.ts';
import { poll } from '../run/poll.ts';
import type { Communicator, ScriptOptions, ScriptResult, UploadOptions } from './communicator.ts';
import { checkSize, type FileEntry } from './files.ts';
import { OutputLines } from './output.ts';
import {
  jobScript,
  parseReport,
  type Report,
  reportScript,
  startScript,
  WORK_DIRECTORY,
} from './remote-script.ts';
import { toResult } from './script-result.ts';
import { createTar } from './tar.ts';
import { execute, isFinal, type Transport } from './transport.ts';
import { unpackScript } from './unpack.ts';

/** Below this a script's output comes with its own answer; above it is fetched while it runs. Milliseconds. */
const STREAM_AFTER = 2_000;
/** How long a machine may take to show that it is going down. Milliseconds. */
const GOING_DOWN = 10_000;
/** How often the machine itself is looked at while a script runs. Milliseconds. */
const CHECK_EVERY = 5_000;

/** A machine that is worked on through any transport: jobs that run once, output that streams, uploads that are checked. */
export class RemoteCommunicator implements Communicator {
  readonly #cloud: Cloud;
  readonly #transport: Transport;
  readonly #instanceId: string;
  readonly #clock: Clock;
  readonly #runId: string;
  #jobs = 0;

  /** `runId` keeps the jobs of different runs on one machine apart. */
  constructor(options: {
    cloud: Cloud;
    transport: Transport;
    instanceId: string;
    clock: Clock;
    runId: string;
  }) {
    this.#cloud = options.cloud;
    this.#transport = options.transport;
    this.#instanceId = options.instanceId;
    this.#clock = options.clock;
    this.#runId = options.runId;
  }

  async ready({ timeout, signal }: { timeout: number; signal: AbortSignal }): Promise<void> {
    const look = async () => {
      const answer = await this.#transport.reach();
      if (answer.ready) return { done: true, value: undefined } as const;
      await this.#checkMachine();
      return { done: false, state: answer.state } as const;
    };
    await poll(look, {
      what: `instance ${this.#instanceId} to take commands`,
      timeout,
      clock: this.#clock,
      signal,
      interval: { first: 100, longest: 3_000 },
      hint: this.#transport.hint,
    });
  }

  close(): void {
    this.#transport.close();
  }

  async run(script: string, options: ScriptOptions): Promise<ScriptResult> {
    const directory = this.#newDirectory();
    const job = gzipSync(jobScript(directory, script, options));
    const cargo = await this.#transport.carry(directory, job, options.signal);
    const output = new OutputLines(options.onLine);
    const command = startScript(directory, `${cargo.fetch} | gzip -dc`);
    let report = await this.#follow(directory, command, output, options).finally(cargo.release);
    output.push(report.data, report.from);
    while (output.offset < report.bytes) {
      report = await this.#look(directory, output.offset, options.signal);
      output.push(report.data, report.from);
    }
    output.end();
    return toResult(report, output.tail, script, `${directory}/`);
  }

  async upload(files: FileEntry[], to: string, options: UploadOptions): Promise<ScriptResult> {
    checkSize(options.name, files, this.#transport.limit);
    const root = to.replace(/\/+$/, '').replace(/^.*\//, '');
    const archive = gzipSync(
      createTar(files, { root, owner: options.owner, modifiedAt: options.modifiedAt }),
    );
    const directory = this.#newDirectory();
    const { fetch, release } = await this.#transport.carry(directory, archive, options.signal);
    const sha256 = createHash('sha256').update(archive).digest('hex');
    const script = unpackScript({ fetch, sha256, to, owner: options.owner });
    return await this.run(script, { ...options, strict: true }).finally(release);
  }

  #newDirectory(): string {
    return `${WORK_DIRECTORY}/${this.#runId}-${++this.#jobs}`;
  }

  /** Starts the job and waits for its end, taking its output along when it runs long. */
  async #follow(
    directory: string,
    command: string,
    output: OutputLines,
    options: ScriptOptions,
  ): Promise<Report> {
    const clock = this.#clock;
    const limit = options.timeout + 60_000;
    const commandId = await this.#send(command, options, limit);
    const startedAt = clock.now();
    let lookAt = startedAt + STREAM_AFTER;
    let pause = 500;
    let checkAt = startedAt + CHECK_EVERY;
    let answered = false;
    const look = async () => {
      const now = clock.now();
      if (now >= checkAt) {
        await this.#checkMachine();
        checkAt = clock.now() + CHECK_EVERY;
      }
      if (!answered) {
        const result = await this.#transport.result(commandId);
        answered = isFinal(result);
        const report = answered ? parseReport(result.stdout) : undefined;
        if (report) return { done: true, value: report } as const;
        if (answered) await this.#checkMachine();
        if (!answered && now < lookAt) return { done: false, state: result.state } as const;
      }
      // Either it runs long, or the agent lost sight of it (it may have been restarted by the script): ask the job itself.
      const report = await this.#look(directory, output.offset, options.signal);
      if (report.state === 'none' && answered) {
        throw new BakeError(`${options.name} could not be started on ${this.#instanceId}`);
      }
      if (report.state === 'ended') return { done: true, value: report } as const;
      pause = output.push(report.data, report.from) > 0 ? 500 : Math.min(pause * 1.6, 4_000);
      lookAt = clock.now() + pause;
      return { done: false, state: 'running' } as const;
    };
    return await poll(look, {
      what: `${options.name} on ${this.#instanceId} to end`,
      timeout: limit + 60_000,
      clock,
      signal: options.signal,
      interval: { first: 60, longest: 1_000 },
    });
  }

  /** How the job is doing, with its output from byte `from` on. */
  async #look(directory: string, from: number, signal: AbortSignal): Promise<Report> {
    const script = `#!/bin/sh\n${reportScript(directory, from)}`;
    const result = await this.#orMachine(execute(this.#transport, this.#clock, script, signal), signal);
    const report = parseReport(result.stdout);
    if (report && report.state !== 'lost') return report;
    const words = report
      ? 'the script was ended from outside before it could finish'
      : `instance ${this.#instanceId} did not answer (${result.state}) ${result.stderr.trim()}`.trim();
    throw await this.#causeOf(new BakeError(words), signal);
  }

  #send(script: string, options: ScriptOptions, timeout: number): Promise<string> {
    const { name, signal } = options;
    return this.#orMachine(this.#transport.send(script, { timeout, name }), signal);
  }

  async #orMachine<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw await this.#causeOf(error, signal);
    }
  }

  /** A machine that is gone says more than a command that failed; one that goes down shows it a moment later. */
  async #causeOf(error: unknown, signal: AbortSignal): Promise<unknown> {
    for (let left = GOING_DOWN; left > 0 && !signal.aborted; left -= 500) {
      try {
        await this.#checkMachine();
        await this.#clock.sleep(500, signal);
      } catch (cause) {
        return cause;
      }
    }
    return error;
  }

  async #checkMachine(): Promise<void> {
    const [instance] = await this.#cloud.instances.find([this.#instanceId]);
    if (instance?.state === 'running' || instance?.state === 'pending') return;
    const why = instance?.reason ? ` (${instance.reason})` : '';
    throw new BakeError(`instance ${this.#instanceId} is ${instance?.state ?? 'gone'}${why}`, {
      hint: 'Did a script shut it down or reboot it, or its time to live end? The builder ends itself when it shuts down.',
    });
  }
}
