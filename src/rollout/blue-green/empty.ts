import type { ScalingGroup } from '../../clouds/cloud.ts';
import { ownerOf } from '../../fleet/ownership.ts';
import { BakeError, DeadlineExceeded } from '../../run/errors.ts';
import { count } from '../../run/format.ts';
import { poll } from '../../run/poll.ts';
import type { Step } from '../../run/run.ts';
import { TAG } from '../../run/tags.ts';
import type { Change } from './context.ts';

type Tools = Pick<Change, 'run' | 'cloud' | 'project' | 'config'>;

/** From the request to end until an instance is gone. Milliseconds. */
const SHUTDOWN = 300_000;

/**
 * Takes every instance out of a colour that is not in front: its lifecycle hooks are asked, its requests drain. True when it is empty;
 * false when that took longer than `drainTimeout` and a while. Throws when the group is in front: a serving group is never lowered.
 */
export async function emptyColour({ run, cloud, config }: Tools, name: string, step: Step): Promise<boolean> {
  const group = await cloud.groups.find(name);
  if (!group || group.status !== undefined) return true;
  refuseFront(group);
  if (group.min !== 0 || group.desired !== 0) await cloud.groups.update(name, { min: 0, desired: 0 });
  try {
    await poll<true>(
      async () => {
        const left = (await cloud.groups.find(name))?.instances.length ?? 0;
        const state = `${count(left, 'instance')} still there`;
        step.progress(state);
        return left === 0 ? { done: true, value: true } : { done: false, state };
      },
      {
        what: `${name} to be empty`,
        timeout: config.blueGreen.drainTimeout + SHUTDOWN,
        clock: run.clock,
        signal: run.signal,
      },
    );
    return true;
  } catch (error) {
    if (error instanceof DeadlineExceeded) return false;
    throw error;
  }
}

/**
 * Removes a colour that is not in front, gently: only when it is empty, and only a group that bake has made; another maker's stays at 0.
 * False when it did not become empty in time; with `force` it is removed all the same, for what it runs is to end.
 */
export async function removeColour(
  tools: Tools,
  name: string,
  step: Step,
  { force = false }: { force?: boolean } = {},
): Promise<boolean> {
  const { run, cloud, project } = tools;
  const group = await cloud.groups.find(name);
  if (!group) return true;
  const empty = await emptyColour(tools, name, step);
  if (ownerOf(group.tags, project) !== 'own') {
    step.summary = `${name} is not bake's: it stays, ${empty ? 'empty' : 'with 0 instances wanted'}`;
    await cloud.groups.removeTags(name, [TAG.expires]);
    return empty;
  }
  if (!empty && !force) return false;
  if (!empty) run.warn(`${name} did not become empty: its instances are ended`);
  await cloud.copies.remove(name, { force: !empty });
  await awaitGone(tools, name);
  run.journal.write({ entry: 'removed', kind: 'scaling group', name, id: name });
  step.summary = `${name} is gone`;
  return true;
}

async function awaitGone({ run, cloud }: Tools, name: string): Promise<void> {
  await poll<true>(
    async () =>
      (await cloud.groups.find(name)) ? { done: false, state: 'being deleted' } : { done: true, value: true },
    { what: `${name} to be gone`, timeout: SHUTDOWN, clock: run.clock, signal: run.signal },
  );
}

function refuseFront(group: ScalingGroup): void {
  if (group.tags[TAG.colour] !== 'front') return;
  throw new BakeError(`scaling group ${group.name} is in front and serves: it is not emptied`);
}
