import type { Engine } from '../engine.ts';
import { sentence } from './activities.ts';
import { groups, invalid, requireLiveGroup } from './groups.ts';
import { activeRefresh } from './refresh/record.ts';
import { checkSettings, checkSizes, type GroupSettings } from './settings.ts';

/** UpdateAutoScalingGroup: only what is given changes. Throws ValidationError. */
export function updateGroup(engine: Engine, name: string, settings: GroupSettings): void {
  const group = requireLiveGroup(engine, name);
  if ((settings.template || settings.mixed) && activeRefresh(engine, name)?.desired) {
    // The words of the user guide, "Start an instance refresh".
    throw invalid(
      'An active instance refresh with a desired configuration exists. All configuration options derived from the desired configuration are not available for update while the instance refresh is active.',
    );
  }
  const min = settings.min ?? group.min;
  const max = settings.max ?? group.max;
  // A capacity that is not named follows the bounds.
  const desired = settings.desired ?? Math.min(Math.max(group.desired, min), max);
  checkSizes({ min, max, desired });
  const now = engine.clock.now();
  groups(engine).patch(name, {
    ...checkSettings(engine, settings, group),
    min,
    max,
    desired,
    backoff: undefined,
    ...(desired !== group.desired && {
      scaledAt: now,
      reason: sentence(
        now,
        `a user request update of AutoScalingGroup constraints to min: ${min}, max: ${max}, desired: ${desired} changing the desired capacity from ${group.desired} to ${desired}`,
      ),
    }),
  });
}
