import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import { type Project, projectSchema } from '../../src/config/schema.ts';
import type { BuildResult } from '../../src/image/build.ts';
import { buildImages, imagesOf } from '../../src/image/images.ts';
import type { BuildOptions } from '../../src/image/prepare.ts';
import { VirtualClock } from '../../src/localcloud/engine/clock.ts';
import type { Transition } from '../../src/localcloud/engine/latency.ts';
import { BakeError } from '../../src/run/errors.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { type Journal, openJournal } from '../../src/run/journal.ts';
import { newRunId, Run } from '../../src/run/run.ts';
import { temporaryDirectory } from './cli.ts';
import { startCloud, type TestCloud } from './cloud.ts';
import { keyUnder } from './own-paths.ts';
import { type ScriptedRuntime, scriptedRuntime } from './scripted-runtime.ts';
import { SharedClock } from './shared-clock.ts';
import { silenced } from './silenced.ts';

export interface ScriptedBuild {
  runId: string;
  events: RunEvent[];
  results?: BuildResult[];
  error?: BakeError;
}

/** What a cloud with machines in it takes, milliseconds. */
export interface Delays {
  cloud: Partial<Record<Transition, number>>;
  /** Until a machine's agent answers, from the beginning of its boot. */
  boot: number;
  script: (script: string) => number;
}

/** Lets the cloud take notice of what has ended on its machines. */
const aMoment = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
};

/** The base image that every account sees. */
export const BASE = {
  ssmParameter: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
};

/**
 * A project directory and a cloud whose machines run nothing, with bake beside it in one virtual time: builds take
 * milliseconds, whatever the cloud takes.
 */
export class ScriptedWorld {
  readonly directory: string;
  readonly local: TestCloud;
  readonly clock: SharedClock;
  readonly cloud: Cloud;
  readonly runtime: ScriptedRuntime;

  private constructor(parts: Pick<ScriptedWorld, 'directory' | 'local' | 'clock' | 'cloud' | 'runtime'>) {
    this.directory = parts.directory;
    this.local = parts.local;
    this.clock = parts.clock;
    this.cloud = parts.cloud;
    this.runtime = parts.runtime;
  }

  /** `between` may put something between bake and the cloud: it is given the cloud's endpoint and answers with its own. */
  static async start(
    options: {
      answer?: (script: string) => string | undefined;
      between?: (endpoint: string) => Promise<string>;
      delays?: Delays;
      /** What bake may do there; the cloud enforces it. Default: everything. */
      policy?: object;
      /** Whose protocols bake speaks. Default: AWS's. */
      kind?: 'aws' | 'alicloud';
      /** bake takes the cloud for a real one: calls cost, and waits are long. */
      far?: boolean;
      /** Machines boot, but nobody on them ever answers. */
      silent?: boolean;
    } = {},
  ): Promise<ScriptedWorld> {
    const { answer, delays, silent } = options;
    const virtual = new VirtualClock(Date.now());
    // Machines that take their time sleep on the clock themselves: whoever waited for them would stop it.
    const clock: SharedClock = new SharedClock(virtual, () => (delays ? aMoment() : local.engine.idle()));
    const runtime = scriptedRuntime({
      answer,
      booting: silent ? () => new Promise<void>(() => {}) : delays && (() => clock.sleep(delays.boot)),
      running:
        delays &&
        (async (script) => {
          const ms = delays.script(script);
          await clock.sleep(ms);
          return ms;
        }),
      sleep: (ms) => clock.sleep(ms),
    });
    const local = await startCloud({ clock: virtual, runtime, latency: delays?.cloud });
    const waits = {
      now: () => virtual.now(),
      async sleep(ms: number) {
        virtual.advance(ms);
        await local.engine.idle();
      },
    };
    const { region } = local;
    const credentials = options.policy ? await keyUnder(local, options.policy) : local.credentials;
    const endpoint = (await options.between?.(local.endpoint)) ?? local.endpoint;
    const open = {
      kind: options.kind ?? 'aws',
      endpoint,
      credentials,
      region,
      local: !options.far,
      clock: waits,
    } as const;
    const cloud = clock.watch(await openCloud(open));
    return new ScriptedWorld({ directory: temporaryDirectory('scripted'), local, clock, cloud, runtime });
  }

  write(path: string, content: string): void {
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** `config` is what bake.yaml says beside the project's name. */
  project(config: Record<string, unknown>): Project {
    const { directory } = this;
    return {
      config: projectSchema.parse({ project: 'demo', ...config }),
      directory,
      file: join(directory, 'bake.yaml'),
      environment: 'default',
      environments: [],
    };
  }

  run(events: RunEvent[] = [], options: { signal?: AbortSignal; journal?: Journal; id?: string } = {}): Run {
    const { signal = new AbortController().signal, id = newRunId(this.clock.now()) } = options;
    const journal = options.journal ?? openJournal(join(this.directory, '.bake', 'runs', `${id}.jsonl`));
    return new Run({ id, journal, signal, clock: this.clock, sink: (event) => void events.push(event) });
  }

  /** Builds the project as it stands: all its images, or one. */
  async build(
    config: Record<string, unknown>,
    { only, ...options }: BuildOptions & { only?: string } = {},
  ): Promise<ScriptedBuild> {
    const events: RunEvent[] = [];
    const run = this.run(events);
    try {
      const images = imagesOf(this.project(config), only);
      return { runId: run.id, events, results: await buildImages(run, this.cloud, images, options) };
    } catch (error) {
      if (!(error instanceof BakeError)) throw error;
      return { runId: run.id, events, error };
    } finally {
      run.journal.close();
    }
  }

  /** Builds until `at` says so of an event; then nothing of that build goes on, as after `kill -9`. Returns the run's id. */
  async crash(
    config: Record<string, unknown>,
    at: (event: RunEvent) => boolean,
    options: BuildOptions = {},
  ): Promise<string> {
    const events: RunEvent[] = [];
    const run = this.run(events);
    const { project, environment } = { project: 'demo', environment: 'default' };
    const begin = { command: 'build', project, environment, cloud: 'local', region: this.cloud.region };
    run.journal.write({ entry: 'begin', ...begin, pid: NO_PROCESS, host: hostname() });
    await new Promise<void>((crashed, reject) => {
      let gone = false;
      const watching = run.part({
        pass(event) {
          gone ||= at(event as RunEvent);
          if (gone) crashed();
          return true;
        },
      });
      const cloud = silenced(this.cloud, () => gone);
      buildImages(watching, cloud, imagesOf(this.project(config)), options).then(
        () => reject(new Error('the build ended before it could crash')),
        reject,
      );
    });
    // What was asked of the cloud before is done by it.
    await this.clock.sleep(60_000);
    return run.id;
  }

  /** Everything in the cloud that costs something or that somebody could launch from, but for the base image. */
  async everything(): Promise<{ machines: number; images: string[]; snapshots: number; volumes: number }> {
    const { instances } = await import('../../src/localcloud/engine/ec2/instances.ts');
    const { images } = await import('../../src/localcloud/engine/ec2/images.ts');
    const { snapshots } = await import('../../src/localcloud/engine/ec2/snapshots.ts');
    const { volumes } = await import('../../src/localcloud/engine/ec2/volumes.ts');
    const { engine } = this.local;
    const own = images(engine).filter(
      ({ ownerId, state }) => ownerId === engine.account && state !== 'deregistered',
    );
    const alive = instances(engine).filter(
      ({ state }) => state !== 'terminated' && state !== 'shutting-down',
    );
    const kept = snapshots(engine).filter(({ snapshotId }) =>
      own.every((image) => !image.snapshotIds.includes(snapshotId)),
    );
    return {
      machines: alive.length,
      images: own.map(({ name, state }) => `${name} ${state}`).sort(),
      snapshots: kept.length,
      volumes: volumes(engine).all().length,
    };
  }

  async close(): Promise<void> {
    this.cloud.close();
    await this.local.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** More than any process id of Linux. */
const NO_PROCESS = 2 ** 22 + 1;
