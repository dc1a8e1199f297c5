import { inService, waitInService } from '../../fleet/wait.ts';
import { BakeError } from '../../run/errors.ts';
import { count } from '../../run/format.ts';
import type { Step } from '../../run/run.ts';
import { bothGroups, type Change, lookAt, previousWords } from './context.ts';
import { drain, undrain } from './drain.ts';
import { removeColour } from './empty.ts';
import { freeze, noteInRecord, thaw } from './freeze.ts';
import { sizesOf } from './hand-over.ts';
import { reversed } from './route.ts';
import { readyTimeout } from './scale.ts';
import { shiftTraffic } from './shift.ts';
import { swap } from './swap.ts';

/**
 * Undoes a change of colours from wherever it is: the old colour gets its work back first, if it may have lost any, then the new one
 * goes, and the old one scales as before. Idempotent, and noted before each part, so that another process can finish it. The change's own
 * signal ends it, which must not be the run's.
 */
export async function goBack(change: Change, begin: 'going-back' | 'removing'): Promise<void> {
  if (begin === 'going-back') {
    await change.lock.note({ phase: 'going-back' });
    await restore(change);
  }
  await change.lock.note({ phase: 'removing' });
  await takeAway(change);
}

/** The old colour at full size, with all traffic, and in front. */
async function restore(change: Change): Promise<void> {
  const { run, from } = change;
  const back: Change = {
    ...change,
    from: change.to,
    to: from,
    route: reversed(change.route),
    care: { gates: false, steps: false, healthy: 'all' },
    release: change.previous.release ?? `version ${change.previous.version}`,
  };
  await undrain(change, from);
  await run.step('rollout.restore', `Bringing ${from} back to its full size`, async (step) => {
    const ready = await refill(change, step);
    step.summary = `${count(ready, 'instance')} of ${previousWords(change)} in service`;
  });
  if ((await lookAt(change)).to) await shiftTraffic(back);
  await swap(back);
}

/** As many instances as it had, or as the new colour has by now: nobody's capacity is lost on the way back, either. */
async function refill(change: Change, step: Step): Promise<number> {
  const { run, cloud, lock } = change;
  const { from, to } = await lookAt(change);
  if (!from)
    throw new BakeError(`scaling group ${change.from} does not exist any more: there is no way back to it`);
  const noted = sizesOf(lock, from.name);
  const wanted = Math.max(noted?.desired ?? 0, from.desired, to?.desired ?? 0);
  const min = noted?.min ?? from.min;
  const max = Math.max(noted?.max ?? 0, from.max, wanted);
  if (from.min !== min || from.max !== max || from.desired !== wanted)
    await cloud.groups.update(from.name, { min, max, desired: wanted });
  const timeout = readyTimeout(change, from);
  const since = run.clock.now();
  return inService(await waitInService(run, cloud, from.name, { step, since, timeout })).length;
}

/** The old colour scales as before; the new one goes, or where it was there before, goes back to what it was. */
async function takeAway(change: Change): Promise<void> {
  const { run, lock, cloud } = change;
  // First, because who asked for the end may not wait long.
  const { from } = await lookAt(change);
  if (!from) throw new BakeError(`scaling group ${change.from} does not exist any more`);
  await thaw(change, from);
  const noted = sizesOf(lock, from.name);
  const max = noted && Math.max(noted.max, from.desired);
  if (noted && (from.min !== noted.min || from.max !== max))
    await cloud.groups.update(from.name, { min: Math.min(noted.min, from.desired), max });
  if (change.kind === 'rollout') {
    await run.step('rollout.remove', `Removing ${change.to}`, (step) =>
      removeColour(change, change.to, step, { force: true }),
    );
    await noteInRecord(lock, change.to, []);
  } else await rest(change);
}

/** A colour that was at the back before, and is again: it does nothing, and keeps the size that it had. */
async function rest(change: Change): Promise<void> {
  const { to } = await bothGroups(change);
  const noted = sizesOf(change.lock, to.name);
  await freeze(change, to);
  await drain({ ...change, from: to.name, to: change.from });
  const { desired } = (await bothGroups(change)).to;
  if (noted && desired > noted.desired)
    await change.cloud.groups.update(to.name, { min: noted.min, max: noted.max, desired: noted.desired });
}
