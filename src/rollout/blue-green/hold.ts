import { formatDuration } from '../../run/format.ts';
import { TAG } from '../../run/tags.ts';
import { type Change, lookAt } from './context.ts';
import { removeColour } from './empty.ts';
import { watch } from './soak.ts';

/** Until when the old colour is kept, milliseconds since the epoch; undefined when it is gone. */
export async function heldUntil(change: Change): Promise<number | undefined> {
  const { from } = await lookAt(change);
  const until = Date.parse(from?.tags[TAG.expires] ?? '');
  return Number.isNaN(until) ? undefined : until;
}

/** Keeps the old colour at hand for the rest of the hold window, and watches the new one meanwhile. */
export async function hold(change: Change): Promise<void> {
  const { run, from } = change;
  const until = await heldUntil(change);
  const left = (until ?? 0) - run.clock.now();
  if (until === undefined || left <= 0) return;
  await run.step('rollout.hold', `Keeping ${from} at hand for ${formatDuration(left)}`, (step) =>
    watch(change, until, step),
  );
}

/** Lets the old colour go: gently, and only when it is at the back. True when nothing of it is left to do. */
export async function retire(change: Change): Promise<boolean> {
  const { run, from } = change;
  return run.step('rollout.retire', `Retiring ${from}`, async (step) => {
    const gone = await removeColour(change, from, step);
    if (!gone) {
      run.warn(`${from} has not become empty yet; \`bake gc\` or the next rollout retires it`);
      step.summary = 'not empty yet';
    }
    return gone;
  });
}
