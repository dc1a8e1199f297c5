import { applyFleet } from '../fleet/apply.ts';
import { count } from '../run/format.ts';
import { type GlobalOptions, runCommand } from './session.ts';

/** `bake fleet apply` */
export const fleetApply = (options: GlobalOptions): Promise<number> =>
  runCommand('fleet apply', options, async ({ run, cloud, project }) => {
    const { group, changes, pending, inService, created } = await applyFleet(run, cloud, project);
    const state = `${count(inService, 'instance')} in service`;
    const waiting = pending
      ? `; launch template version ${pending.version} (${pending.changes.join(', ')}) waits for a rollout`
      : '';
    const what = created
      ? 'created'
      : changes.length > 0
        ? 'brought in line'
        : 'as configured, nothing changed';
    return {
      headline: `fleet ${group}: ${what}, ${state}${waiting}`,
      changed: changes,
      next: pending
        ? ['bake rollout    # brings the new launch template version to the fleet']
        : ['bake status'],
    };
  });
