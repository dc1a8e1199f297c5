import { applyFleet } from '../fleet/apply.ts';
import { pendingWords, planFleet } from '../fleet/plan.ts';
import { lockFleet } from '../rollout/lock.ts';
import { count } from '../run/format.ts';
import { type GlobalOptions, runCommand } from './session.ts';

/** `bake fleet plan`: what apply would change. */
export const fleetPlan = (options: GlobalOptions): Promise<number> =>
  runCommand(
    'fleet plan',
    options,
    async ({ run, cloud, project }) => {
      const { group, exists, changes, pending } = await planFleet(run, cloud, project);
      if (!exists) return { headline: `fleet ${group} would be created`, next: ['bake fleet apply'] };
      const waiting = pending ? `; ${pendingWords(pending)}` : '';
      const apply = changes.length > 0 || (pending && pending.version === undefined);
      return {
        headline: apply
          ? `fleet ${group}: ${count(changes.length, 'change')} to make${waiting}`
          : `fleet ${group}: as configured, nothing to change${waiting}`,
        next: apply ? ['bake fleet apply'] : pending ? [ROLLOUT] : [],
      };
    },
    { journal: false },
  );

const ROLLOUT = 'bake rollout    # brings the new launch template version to the fleet';

/** `bake fleet apply` */
export const fleetApply = (options: GlobalOptions): Promise<number> =>
  runCommand('fleet apply', options, async ({ run, cloud, project }) => {
    const lock = () => lockFleet(run, cloud, project, { command: 'fleet apply' });
    const { group, changes, pending, inService, created } = await applyFleet(run, cloud, project, { lock });
    const state = `${count(inService, 'instance')} in service`;
    const waiting = pending ? `; ${pendingWords(pending)} (${pending.changes.join(', ')})` : '';
    const what = created
      ? 'created'
      : changes.length > 0
        ? 'brought in line'
        : 'as configured, nothing changed';
    return {
      headline: `fleet ${group}: ${what}, ${state}${waiting}`,
      changed: changes,
      next: pending ? [ROLLOUT] : ['bake status'],
    };
  });
