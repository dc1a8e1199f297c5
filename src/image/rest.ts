import { BakeError } from '../run/errors.ts';
import { poll } from '../run/poll.ts';
import { awaitState, type Builder, mustSucceed } from './builder.ts';
import { deadMansSwitch } from './dead-man.ts';
import type { BuildJob } from './job.ts';
import { paceOf } from './pace.ts';

/** On tmpfs: gone after a reboot. */
const MARK = '/run/bake-before-reboot';

/**
 * Brings the builder to rest, so that its disk can be taken: it is stopped. A spot instance cannot be stopped; the taking of its
 * image reboots it (AWS: CreateImage without NoReboot), which is as good for the disk.
 */
export async function stopBuilder(job: BuildJob, builder: Builder): Promise<void> {
  if (builder.spot) return;
  await job.steps.step('stop', 'Stop the builder', async (step) => {
    await job.cloud.instances.stop(builder.instanceId);
    await awaitState(job, step, builder.instanceId, 'stopped');
  });
}

/** Has a builder that was stopped at work again. At boot it sets its time to live anew; from then on it is what is left of it. */
export async function restartBuilder(job: BuildJob, builder: Builder): Promise<void> {
  const { run, cloud, project, steps } = job;
  if (builder.spot) return;
  const timeout = project.config.image.builder.readyTimeout;
  await steps.step('restart', 'Start the builder again', async (step) => {
    await cloud.instances.start(builder.instanceId);
    await awaitState(job, step, builder.instanceId, 'running');
    await builder.communicator.ready({ timeout, signal: run.signal, pace: paceOf(job, 'boot', step.name) });
    await renewSwitch(job, builder);
  });
}

/** Reboots the builder, as a script has asked for, and waits until it is at work again. */
export async function rebootBuilder(job: BuildJob, builder: Builder): Promise<void> {
  await mustSucceed(builder, 'mark', `touch ${MARK}\n`, job, 60_000);
  await job.cloud.instances.reboot(builder.instanceId);
  await awaitReboot(job, builder, job.project.config.image.builder.readyTimeout);
  await renewSwitch(job, builder);
}

const renewSwitch = (job: BuildJob, builder: Builder) =>
  mustSucceed(builder, 'time to live', deadMansSwitch(builder.expiresAt - job.run.clock.now()), job, 60_000);

/** The mark is gone. A command that fails on the way is a machine that goes down or comes up. */
async function awaitReboot(job: BuildJob, builder: Builder, timeout: number): Promise<void> {
  const { run, cloud } = job;
  const { signal } = run;
  const look = async () => {
    try {
      await builder.communicator.ready({ timeout, signal });
      const script = `test ! -e ${MARK}\n`;
      const { exitCode } = await builder.communicator.run(script, { name: 'boot', timeout: 30_000, signal });
      if (exitCode === 0) return { done: true, value: undefined } as const;
    } catch (error) {
      const [instance] = await cloud.instances.find([builder.instanceId]);
      const known = error instanceof BakeError && error.exitCode !== 130;
      if (!known || instance?.state !== 'running') throw error;
    }
    return { done: false, state: 'not yet' } as const;
  };
  await poll(look, {
    what: `instance ${builder.instanceId} to come back from the reboot`,
    timeout,
    clock: run.clock,
    signal,
    interval: { first: 500, longest: 3_000 },
  });
}
