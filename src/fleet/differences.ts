import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import type { Change } from './change.ts';
import { groupChange } from './group.ts';
import { hookChanges, wantedHooks } from './hooks.ts';
import type { FleetNow } from './look.ts';
import { wantedScaling } from './scaling.ts';
import { scalingChanges } from './scaling-changes.ts';
import { fleetTags } from './settings.ts';
import { targetGroupChanges, wantedTargetGroups } from './target-groups.ts';

/** What apply changes at once; what the launch template asks for waits for a rollout. */
export interface Differences {
  group: Change[];
  scaling: Change[];
}

/** How a fleet differs from its configuration, in the order in which it is put right. Changes nothing. */
export async function differences(cloud: Cloud, project: Project, now: FleetNow): Promise<Differences> {
  const { name } = now.group;
  const scaling = wantedScaling(project, name);
  const hooks = hookChanges(cloud, name, now.hooks, wantedHooks(project));
  const traffic = targetGroupChanges(cloud, now.group, await wantedTargetGroups(cloud, project, name));
  return {
    // Hooks and target groups come before the sizes: instances that these launch are held up and get requests.
    group: [
      ...hooks.put,
      ...traffic.attach,
      ...groupChange(cloud, project, now, scaling.schedules),
      ...traffic.detach,
      ...hooks.remove,
    ],
    scaling: scalingChanges(cloud, name, now.scaling, scaling, fleetTags(project)),
  };
}
