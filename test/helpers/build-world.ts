import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import { type Project, projectSchema } from '../../src/config/schema.ts';
import { type BuildResult, build } from '../../src/image/build.ts';
import { readManifest } from '../../src/image/manifest.ts';
import type { BuildOptions } from '../../src/image/prepare.ts';
import { createSandboxRuntime } from '../../src/localcloud/sandbox/sandbox.ts';
import { BakeError } from '../../src/run/errors.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { openJournal } from '../../src/run/journal.ts';
import { newRunId, Run } from '../../src/run/run.ts';
import { TAG } from '../../src/run/tags.ts';
import { temporaryDirectory } from './cli.ts';
import { startCloud, type TestCloud } from './cloud.ts';

/** What `image:` of a test's bake.yaml says; the base image and a quick time-out for waiting are given. */
type ImageInput = { layers: unknown[]; builder?: Record<string, unknown>; [key: string]: unknown };

export interface Built {
  runId: string;
  events: RunEvent[];
  result?: BuildResult;
  error?: BakeError;
}

/** A project directory and a cloud of its own whose instances are real processes in sandboxes. */
export interface BuildWorld {
  directory: string;
  local: TestCloud;
  cloud: Cloud;
  project(image: ImageInput): Project;
  write(path: string, content: string | Buffer, mode?: number): void;
  /** Builds the project as it stands. `on` sees every event and may abort the run. */
  build(
    image: ImageInput,
    options?: BuildOptions & { on?: (event: RunEvent, abort: () => void) => void },
  ): Promise<Built>;
  /** Runs a script on a new instance of an image and returns what it printed. */
  inside(imageId: string, script: string): Promise<string>;
  /** What is there now of a run: machines that still cost something, and its images by state. */
  leftovers(runId: string): Promise<{ machines: string[]; images: string[] }>;
  manifest(): NonNullable<ReturnType<typeof readManifest>>;
  close(): Promise<void>;
}

/** `kind`: whose protocols bake speaks there. */
export async function startBuildWorld(name: string, kind: Cloud['kind'] = 'aws'): Promise<BuildWorld> {
  const directory = temporaryDirectory(name);
  const state = join(directory, 'cloud');
  mkdirSync(state);
  const runtime = await createSandboxRuntime({ directory: state, log: () => {} });
  const local = await startCloud({ runtime, directory: state });
  const { endpoint, credentials, region } = local;
  const cloud = await openCloud({ kind, endpoint, credentials, region, local: true });
  const projectOf = (image: ImageInput): Project => ({
    config: projectSchema.parse({
      project: 'demo',
      cloud: kind,
      image: {
        base:
          kind === 'aws'
            ? { ssmParameter: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64' }
            : { family: 'acs:alibaba_cloud_linux_3_2104_lts_x64' },
        ...image,
        builder: {
          ...(kind === 'aws' ? { instanceProfile: 'builder' } : { instanceTypes: ['ecs.c7.large'] }),
          ...image.builder,
        },
      },
    }),
    directory,
    file: join(directory, 'bake.yaml'),
    environment: 'default',
    environments: [],
  });
  const machines = async (tags: Record<string, string>) =>
    (await cloud.instances.findByTags(tags)).filter(
      (instance) => !['shutting-down', 'terminated'].includes(instance.state),
    );
  return {
    directory,
    local,
    cloud,
    project: projectOf,
    write(path, content, mode = 0o644) {
      const file = join(directory, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content, { mode });
    },
    async build(image, { on, ...options } = {}) {
      const id = newRunId(Date.now());
      const events: RunEvent[] = [];
      const controller = new AbortController();
      const journal = openJournal(join(directory, '.bake', 'runs', `${id}.jsonl`));
      const sink = (event: RunEvent) => {
        events.push(event);
        on?.(event, () => controller.abort());
      };
      const run = new Run({ id, journal, sink, signal: controller.signal });
      try {
        return { runId: id, events, result: await build(run, cloud, projectOf(image), options) };
      } catch (error) {
        if (!(error instanceof BakeError)) throw error;
        return { runId: id, events, error };
      } finally {
        journal.close();
      }
    },
    async inside(imageId, script) {
      const { RemoteCommunicator } = await import('../../src/communicators/remote.ts');
      const { ssmTransport } = await import('../../src/communicators/ssm.ts');
      const { systemClock } = await import('../../src/run/clock.ts');
      const launched = await cloud.instances.launch({
        token: newRunId(Date.now()),
        imageId,
        instanceType: 't3.small',
        instanceProfile: 'builder',
        rootVolume: { type: 'gp3', encrypted: true },
        userData: '',
        tags: {},
        terminateOnShutdown: true,
      });
      if (!('instanceId' in launched)) throw new Error(launched.noCapacity);
      const { instanceId } = launched;
      const signal = new AbortController().signal;
      const way = { cloud, instanceId, clock: systemClock };
      const machine = new RemoteCommunicator({ ...way, transport: ssmTransport(way), runId: 'test' });
      await machine.ready({ timeout: 30_000, signal });
      const lines: string[] = [];
      await machine.run(script, {
        name: 'look',
        timeout: 30_000,
        signal,
        onLine: (line) => lines.push(line),
      });
      await cloud.instances.terminate(instanceId);
      return lines.join('\n');
    },
    async leftovers(runId) {
      const images = await cloud.images.findByTags({ [TAG.run]: runId });
      return {
        machines: (await machines({ [TAG.run]: runId })).map((machine) => `${machine.id} ${machine.state}`),
        images: images.map((image) => `${image.name} ${image.state}`).sort(),
      };
    },
    manifest: () => readManifest(directory)!,
    async close() {
      const { instances } = await import('../../src/localcloud/engine/ec2/instances.ts');
      for (const { instanceId } of instances(local.engine).all()) await runtime.destroy(instanceId);
      cloud.close();
      await local.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The lines of output that a run has shown, as `source: line`. */
export const outputOf = ({ events }: Built): string[] =>
  events.flatMap((event) => (event.type === 'step.output' ? [`${event.source}: ${event.line}`] : []));

/** Names of the steps that a run has begun. */
export const stepsOf = ({ events }: Built): string[] =>
  events.flatMap((event) => (event.type === 'step.started' ? [event.step] : []));
