import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Cloud } from '../clouds/cloud.ts';
import type { Clock } from '../run/clock.ts';
import { BakeError } from '../run/errors.ts';
import { type Pace, poll } from '../run/poll.ts';
import type {
  Communicator,
  PerformOptions,
  ScriptOptions,
  ScriptResult,
  ScriptTask,
  Task,
  UploadTask,
} from './communicator.ts';
import { checkSize } from './files.ts';
import { followJob, type Machine } from './follow.ts';
import { jobText, WORK_DIRECTORY } from './job.ts';
import { startScript } from './look.ts';
import { keyScript, parseKey, seal } from './sealed.ts';
import { createTar } from './tar.ts';
import { type Cargo, execute, type Transport } from './transport.ts';
import { unpackScript } from './unpack.ts';

/** How long a machine may take to show that it is going down. Milliseconds. */
const GOING_DOWN = 10_000;
/** How soon and how often a machine that does not answer is looked at by way of the cloud. Milliseconds. */
const CHECK_AFTER = 30_000;
const CHECK_EVERY = 15_000;

/** A machine that is worked on through any transport: jobs that run once, output that streams, uploads that are checked. */
export class RemoteCommunicator implements Communicator {
  readonly #cloud: Cloud;
  readonly #transport: Transport;
  readonly #instanceId: string;
  readonly #clock: Clock;
  readonly #runId: string;
  #jobs = 0;
  /** The machine's public key, once it was asked for. */
  #key: Buffer | undefined;

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

  async ready({ timeout, signal, pace }: { timeout: number; signal: AbortSignal; pace?: Pace }) {
    // It may have been restarted.
    this.#key = undefined;
    let checkAt = this.#clock.now() + CHECK_AFTER;
    const look = async () => {
      const answer = await this.#transport.reach();
      if (answer.ready) return { done: true, value: undefined } as const;
      if (this.#clock.now() >= checkAt) {
        await this.#checkMachine();
        checkAt = this.#clock.now() + CHECK_EVERY;
      }
      return { done: false, state: answer.state } as const;
    };
    await poll(look, {
      what: `instance ${this.#instanceId} to take commands`,
      timeout,
      clock: this.#clock,
      signal,
      interval: pace ?? { first: 100, longest: 3_000 },
      hint: this.#transport.hint,
    });
  }

  close(): void {
    this.#transport.close();
  }

  async run(script: string, options: ScriptOptions & PerformOptions): Promise<ScriptResult> {
    const [result] = await this.perform([{ ...options, script }], options);
    return result!;
  }

  async perform(tasks: Task[], options: PerformOptions): Promise<ScriptResult[]> {
    const directory = `${WORK_DIRECTORY}/${this.#runId}-${++this.#jobs}`;
    const cargos: Cargo[] = [];
    const carry = async (name: string, bytes: Buffer) => {
      const cargo = await this.#transport.carry(name, bytes, options.signal);
      cargos.push(cargo);
      return cargo.fetch;
    };
    try {
      const scripts: ScriptTask[] = [];
      for (const [index, task] of tasks.entries()) {
        scripts.push('files' in task ? await this.#unpacking(task, `${directory}-${index}`, carry) : task);
      }
      const job = gzipSync(jobText(directory, scripts, options.flush));
      const isSecret = scripts.some(({ secrets = {} }) => Object.keys(secrets).length > 0);
      const { bytes, open } =
        isSecret && this.#transport.recorded
          ? seal(await this.#publicKey(options.signal), directory, job)
          : { bytes: job, open: 'cat' };
      const fetch = `${await carry(directory, bytes)} | ${open} | gzip -dc`;
      const start = (watch: Parameters<typeof startScript>[2]) => startScript(directory, fetch, watch);
      return await followJob(this.#machine(options.signal), { directory, tasks: scripts, start }, options);
    } finally {
      await Promise.all(cargos.map((cargo) => cargo.release?.()));
    }
  }

  /** The script that unpacks an upload, whose bytes are on their way. */
  async #unpacking(
    { files, to, owner, modifiedAt, name, timeout, onStart }: UploadTask,
    place: string,
    carry: (name: string, bytes: Buffer) => Promise<string>,
  ): Promise<ScriptTask> {
    checkSize(name, files, this.#transport.limit);
    const root = to.replace(/\/+$/, '').replace(/^.*\//, '');
    const archive = gzipSync(createTar(files, { root, owner, modifiedAt }));
    const sha256 = createHash('sha256').update(archive).digest('hex');
    const script = unpackScript({ fetch: await carry(place, archive), sha256, to, owner });
    return { script, name, timeout, onStart, strict: true };
  }

  async #publicKey(signal: AbortSignal): Promise<Buffer> {
    if (this.#key) return this.#key;
    const { state, stdout, stderr } = await execute(this.#transport, this.#clock, keyScript, signal);
    if (state !== 'success') {
      throw new BakeError(`secrets cannot be sent to ${this.#instanceId}: ${stderr.trim() || state}`, {
        hint: 'SSM keeps what is sent, so secrets are sealed with a key of the machine, which needs openssl; or use image.builder.communicator: ssh.',
      });
    }
    this.#key = parseKey(stdout);
    return this.#key;
  }

  #machine(signal: AbortSignal): Machine {
    return {
      instanceId: this.#instanceId,
      transport: this.#transport,
      clock: this.#clock,
      check: () => this.#checkMachine(),
      causeOf: (error) => this.#causeOf(error, signal),
    };
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
