import { inService } from '../../fleet/wait.ts';
import { count } from '../../run/format.ts';
import { poll } from '../../run/poll.ts';
import type { Step } from '../../run/run.ts';
import type { Change } from './context.ts';
import { emptyColour } from './empty.ts';

/** The agent's own last words beyond the script's time. Milliseconds. */
const ALLOWANCE = 30_000;

/**
 * Lets the old colour finish what it began, now that it shall get nothing new. By `drainCommand` on each of its instances, which then stay
 * for the way back; a fleet that works from a queue and has no such command is emptied, so that its lifecycle hooks and the
 * visibility timeout take care of what is in flight, and only the empty group stays.
 */
export async function drain(change: Change): Promise<void> {
  const { run, route, config } = change;
  const { drainCommand, drainTimeout } = config.blueGreen;
  const title = `Letting ${change.from} finish what it began`;
  if (drainCommand !== undefined) {
    await run.step('rollout.drain', title, async (step) => {
      const { well, failed } = await runOnAll(change, change.from, drainCommand, {
        step,
        timeout: drainTimeout,
      });
      step.summary = outOf(well, failed);
      if (route.kind === 'queue') await end(change, failed);
    });
  } else if (route.kind === 'queue') {
    await run.step('rollout.drain', title, async (step) => {
      const emptied = await emptyColour(change, change.from, step);
      step.summary = emptied
        ? `${change.from} is empty (bake.yaml names no drainCommand)`
        : `${change.from} is still being emptied`;
    });
  } else run.skip('rollout.drain', title, 'its requests have ended; bake.yaml names no drainCommand');
}

/** The opposite, on the way back. */
export async function undrain(
  change: Pick<Change, 'run' | 'cloud' | 'config'>,
  group: string,
): Promise<void> {
  const { resumeCommand, drainTimeout } = change.config.blueGreen;
  if (resumeCommand === undefined) return;
  await change.run.step('rollout.undrain', `Letting ${group} receive again`, async (step) => {
    const { well, failed } = await runOnAll(change, group, resumeCommand, { step, timeout: drainTimeout });
    step.summary = outOf(well, failed);
    // What cannot be told to work again is replaced by one that begins so.
    for (const id of failed) await change.cloud.groups.terminateInstance(id, { decrementDesired: false });
  });
}

const outOf = (well: number, failed: string[]) =>
  `done on ${well} of ${count(well + failed.length, 'instance')}`;

/** Instances that could not be told to stop would go on receiving: they are ended, and what they hold comes back. */
async function end({ run, cloud, from }: Change, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await cloud.groups.update(from, { min: 0 });
  for (const id of ids) {
    run.warn(`${id} could not be told to stop receiving: it is ended`);
    await cloud.groups.terminateInstance(id, { decrementDesired: true });
  }
}

/** Runs a command on every instance of a group that is in service. An instance on which it fails is named in a warning. */
async function runOnAll(
  { run, cloud }: Pick<Change, 'run' | 'cloud'>,
  name: string,
  script: string,
  { step, timeout }: { step: Step; timeout: number },
): Promise<{ well: number; failed: string[] }> {
  const group = await cloud.groups.find(name);
  const ids = group ? inService(group).map(({ id }) => id) : [];
  const reachable = ids.length > 0 ? await cloud.commands.reachableAmong(ids) : [];
  const failed = new Map<string, string>();
  for (const id of ids) if (!reachable.includes(id)) failed.set(id, 'its agent does not answer');
  const sent =
    reachable.length > 0
      ? await cloud.commands.sendToAll(reachable, script, { timeout, comment: `bake: ${step.name}` })
      : [];
  for (const [id, words] of await outcomes({ run, cloud }, sent, reachable, { step, timeout }))
    failed.set(id, words);
  for (const [id, words] of failed) run.warn(`${script.split('\n')[0]} on ${id}: ${words}`);
  return { well: ids.length - failed.size, failed: [...failed.keys()] };
}

/** What failed, by instance; those that did not end in time failed. */
async function outcomes(
  { run, cloud }: Pick<Change, 'run' | 'cloud'>,
  commands: string[],
  ids: string[],
  { step, timeout }: { step: Step; timeout: number },
): Promise<Map<string, string>> {
  if (commands.length === 0) return new Map();
  const failed = new Map<string, string>();
  const running = new Set(ids);
  await poll<true>(
    async () => {
      for (const command of commands) {
        for (const [id, { state, exitCode, stdout, stderr }] of await cloud.commands.resultsOf(command)) {
          if (state === 'pending' || state === 'running') continue;
          running.delete(id);
          const last = `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '';
          if (state !== 'success')
            failed.set(
              id,
              `${state}${exitCode === undefined ? '' : `, exit code ${exitCode}`}${last ? `: ${last}` : ''}`,
            );
        }
      }
      const state = `${count(running.size, 'instance')} busy`;
      step.progress(state);
      return running.size === 0 ? { done: true, value: true } : { done: false, state };
    },
    { what: 'the instances to finish', timeout: timeout + ALLOWANCE, clock: run.clock, signal: run.signal },
  ).catch((error: unknown) => {
    if (run.signal.aborted) throw error;
    for (const id of running) failed.set(id, 'not within its time');
  });
  return failed;
}
