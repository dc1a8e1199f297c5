import { runHooks } from '../../hooks/hooks.ts';
import { BakeError } from '../../run/errors.ts';
import { formatDuration } from '../../run/format.ts';
import type { Chooser } from '../interruption.ts';
import type { Change } from './context.ts';
import { forward } from './forward.ts';
import { heldUntil } from './hold.ts';
import { hookFacts } from './hook-facts.ts';
import type { Phase } from './phases.ts';
import { lostLock, undone } from './undo.ts';

/**
 * Sees a change of colours through from a phase on, to the verified fleet with the new colour in front; on failure and interruption to
 * whatever end was chosen. Throws the error that tells of it. The lock is still held then; it is left where something is half done.
 */
export async function seeThrough(change: Change, from: Phase, onInterrupt: Chooser): Promise<void> {
  const { lock, run } = change;
  try {
    await forward(change, from, 'handing-over');
  } catch (error) {
    if (lock.lost.aborted) throw lostLock(change);
    const interrupted = run.signal.aborted;
    if (interrupted && (await onInterrupt(Promise.resolve())) !== 'rollback') throw await leftThere(change);
    throw await undone(change, error, interrupted);
  }
}

/**
 * What comes after it of a rollout: the old colour is kept for the hold window and then goes, unless that is left to others
 * (`retire: later`), and it always is after a cutover. Lets go of the lock. An interruption takes nothing back here; a new colour that goes dark does.
 */
export async function seeOut(change: Change, from: Phase = 'holding'): Promise<void> {
  const { lock, run, project, config, kind } = change;
  const waits = kind === 'rollout' && config.blueGreen.retire === 'wait';
  try {
    if (waits) await forward(change, from, 'retiring');
  } catch (error) {
    if (lock.lost.aborted) throw lostLock(change);
    if (run.signal.aborted) throw await keptForLater(change);
    const end = await undone(change, error, false);
    await runHooks(run, project, 'onFailure', { ...hookFacts(change), reason: end.message });
    throw end;
  }
  await lock.release();
}

/** Interrupted when the new colour had passed everything: nothing is taken back, and the old one is kept as if nobody had waited. */
async function keptForLater(change: Change): Promise<BakeError> {
  const left = ((await heldUntil(change)) ?? 0) - change.run.clock.now();
  await change.lock.release();
  return new BakeError(
    `interrupted: release ${change.release} is in front on ${change.to} and verified; ${change.from} was not waited for${left > 0 ? ` and is kept for another ${formatDuration(left)}` : ''}`,
    {
      exitCode: 130,
      hint: '`bake gc` or the next rollout retires the old colour; until then `bake rollback` goes back to it.',
    },
  );
}

async function leftThere({ lock, release, to }: Change): Promise<BakeError> {
  const { phase } = lock.record;
  await lock.leave();
  return new BakeError(`interrupted: release ${release} was left on its way to ${to} (${phase})`, {
    exitCode: 130,
    hint: '`bake rollout --resume` goes on with it; `bake rollout --abort` or `bake rollback` takes it back.',
  });
}
