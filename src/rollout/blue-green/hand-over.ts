import { formatDuration } from '../../run/format.ts';
import { TAG } from '../../run/tags.ts';
import type { FleetLock } from '../record.ts';
import { bothGroups, type Change } from './context.ts';
import { completeCopy } from './copy.ts';
import { thaw } from './freeze.ts';
import { type Firing, missedFirings, sizesAfter } from './missed-schedules.ts';

/** Notes the sizes of a group before they are changed for this run, once. */
export async function noteSizes(
  lock: FleetLock,
  { name, min, max, desired }: { name: string; min: number; max: number; desired: number },
): Promise<void> {
  const others = (lock.record.sizes ?? []).filter(({ group }) => group !== name);
  await lock.note({ sizes: [...others, { group: name, min, max, desired }] });
}

export const sizesOf = (lock: FleetLock, name: string) =>
  lock.record.sizes?.find(({ group }) => group === name);

/**
 * Gives the new colour the old one's bounds and lets it scale, with what schedules would have done while it could not. The old one stays
 * frozen: two that scale by one backlog would scale twice. From now it is kept for the hold window, as its tag says. Returns the new
 * one's bounds, in words.
 */
export async function handOver(change: Change): Promise<string> {
  const { cloud, run, lock, config } = change;
  const { from, to } = await bothGroups(change);
  const until = new Date(run.clock.now() + config.blueGreen.hold).toISOString();
  if (from.tags[TAG.expires] === undefined)
    await cloud.groups.setTags(from.name, { [TAG.expires]: until }, { propagate: false });
  const bounds = sizesOf(lock, from.name) ?? from;
  const schedules = await cloud.scaling.schedules(to.name);
  const firings = missedFirings(schedules, lock.record.frozen ?? change.since, run.clock.now());
  const sizes = sizesAfter(
    { min: bounds.min, max: Math.max(bounds.max, to.desired), desired: to.desired },
    firings,
  );
  await completeCopy(change, to);
  await cloud.groups.update(to.name, sizes);
  await thaw(change, to);
  tellFirings(change, firings);
  return `${sizes.min} to ${sizes.max} instances, ${sizes.desired} wanted`;
}

function tellFirings({ run, to }: Change, firings: Firing[]): void {
  for (const { schedule, at } of firings)
    run.note(
      `${to}: schedule ${schedule.name}, due ${formatDuration(run.clock.now() - at)} ago while scaling was held, has been applied`,
    );
}
