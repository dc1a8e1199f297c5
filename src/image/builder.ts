import type { Image, Instance } from '../clouds/cloud.ts';
import { LARGEST_USER_DATA } from '../clouds/limits.ts';
import type { Communicator } from '../communicators/communicator.ts';
import { shippedScript } from '../config/shipped.ts';
import { BakeError } from '../run/errors.ts';
import { poll } from '../run/poll.ts';
import type { Step } from '../run/run.ts';
import { ownTags, TAG } from '../run/tags.ts';
import { openAccess } from './access.ts';
import { launchWhereThereIsRoom, placesFor } from './capacity.ts';
import { deadMansSwitch } from './dead-man.ts';
import type { BuildJob } from './job.ts';
import { paceOf } from './pace.ts';
import { imageStem } from './releases.ts';
import { userDataOf } from './user-data.ts';

/** How long a machine may take to start or to stop. AWS: metal instances stop in up to 20 minutes. */
const STATE_TIMEOUT = 25 * 60_000;

/** The instance that the image is built on. */
export interface Builder {
  instanceId: string;
  /** It cannot be stopped: its image is taken by way of a reboot. */
  spot: boolean;
  communicator: Communicator;
  /** When it ends itself, milliseconds since the epoch. */
  expiresAt: number;
  /** Ends it now. */
  remove(): Promise<void>;
}

/** What a machine of a build is for, and what it runs at first boot. */
export interface MachineRole {
  name: 'builder' | 'candidate';
  /** Name of the step that launches it. */
  step: string;
  /** What it runs at first boot, given the script that lets it be reached (or nothing). */
  firstBoot(reach: string): string;
}

const BUILDER: MachineRole = {
  name: 'builder',
  step: 'launch',
  firstBoot: (reach) => reach,
};

/** Launches a machine where there is room: every type in every subnet, in the order of the configuration. The scope owns it. */
export async function launchBuilder(job: BuildJob, image: Image, role = BUILDER): Promise<Builder> {
  const { run, cloud, project, scope, steps } = job;
  const config = project.config.image.builder;
  const expiresAt = run.clock.now() + config.timeToLive;
  const name = `${imageStem(project)}-${role.name}-${run.id}`;
  const tags = ownTags(project, run.id, { Name: name, [TAG.expires]: new Date(expiresAt).toISOString() });
  const { size, ...rootVolume } = config.rootVolume;
  const { firstBoot, communicator, ...access } = await openAccess(job, name, tags);
  const largest = LARGEST_USER_DATA[cloud.kind];
  const userData = userDataOf(deadMansSwitch(config.timeToLive), role.firstBoot(firstBoot), largest);
  let reached: Communicator | undefined;
  const owned = await steps.step(role.step, `Launch the ${role.name}`, async (step) => {
    const create = () =>
      launchWhereThereIsRoom(cloud, step, name, placesFor(config), {
        imageId: image.id,
        rootDevice: image.rootDevice,
        ...access,
        instanceProfile: config.instanceProfile,
        rootVolume: { ...rootVolume, sizeGiB: size },
        userData,
        tags,
        terminateOnShutdown: true,
      });
    return await scope.own({
      kind: role.name,
      name,
      create,
      idOf: ({ instanceId }) => instanceId,
      // Not waited for: a termination that was accepted is not taken back.
      remove: async ({ instanceId }) => {
        reached?.close();
        await cloud.instances.terminate(instanceId);
      },
      removeUnknown: async () => {
        const found = await cloud.instances.findByTags({ [TAG.run]: run.id, Name: name });
        await Promise.all(found.map((instance) => cloud.instances.terminate(instance.id)));
      },
    });
  });
  const { instanceId, spot } = owned.value;
  reached = communicator(owned.value);
  return { instanceId, spot, communicator: reached, expiresAt, remove: owned.remove };
}

/** Waits until the builder takes commands and has finished its own start-up. */
export async function connectBuilder(job: BuildJob, builder: Builder): Promise<void> {
  const { run, project, steps } = job;
  const timeout = project.config.image.builder.readyTimeout;
  await steps.step('boot', 'Boot the builder', async (step) => {
    step.summary = builder.instanceId;
    const pace = paceOf(job, 'boot', step.name);
    try {
      await builder.communicator.ready({ timeout, signal: run.signal, pace });
    } catch (error) {
      throw await withConsole(job, builder, error);
    }
  });
  await steps.step('connect', 'Ready the builder', () =>
    mustSucceed(builder, 'prepare', shippedScript('prepare'), job, timeout, steps.expected('connect')),
  );
}

export async function awaitState(
  job: BuildJob,
  step: Step,
  id: string,
  wanted: 'running' | 'stopped',
): Promise<Instance> {
  const { run, cloud } = job;
  const onTheWay = wanted === 'running' ? ['pending', 'stopped'] : ['running', 'stopping'];
  const look = async () => {
    const [instance] = await cloud.instances.find([id]);
    if (instance?.state === wanted) return { done: true, value: instance } as const;
    const state = instance?.state ?? 'not visible yet';
    if (instance && !onTheWay.includes(state)) {
      const why = instance.reason ? `: ${instance.reason}` : '';
      throw new BakeError(`the builder ${id} is ${state} instead of ${wanted}${why}`);
    }
    step.progress(`${id} is ${state}`);
    return { done: false, state } as const;
  };
  return await poll(look, {
    what: `instance ${id} to be ${wanted}`,
    timeout: STATE_TIMEOUT,
    clock: run.clock,
    signal: run.signal,
    interval: paceOf(job, wanted === 'stopped' ? 'stop' : 'boot', step.name),
  });
}

export async function mustSucceed(
  builder: Builder,
  name: string,
  script: string,
  job: BuildJob,
  timeout: number,
  expected?: number,
) {
  const options = { name, timeout, signal: job.run.signal, expected };
  const result = await builder.communicator.run(script, options);
  if (result.exitCode !== 0) throw new BakeError(`${name} failed on the builder`, { details: result.tail });
}

/** A machine that never answers has usually said why on its console. */
async function withConsole(job: BuildJob, builder: Builder, error: unknown): Promise<unknown> {
  if (!(error instanceof BakeError) || error.exitCode === 130) return error;
  const console = await job.cloud.instances.console(builder.instanceId).catch(() => '');
  const lines = console.trimEnd().split('\n').slice(-20).filter(Boolean);
  return new BakeError(error.message, { hint: error.hint, details: lines, cause: error });
}
