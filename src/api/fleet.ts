import type { Project } from '../config/schema.ts';
import { applyFleet, type FleetResult } from '../fleet/apply.ts';
import { type FleetPlan, pendingWords, planFleet } from '../fleet/plan.ts';
import { lockFleet } from '../rollout/lock.ts';
import { count } from '../run/format.ts';
import { perform, type RunOptions } from './perform.ts';

const ROLLOUT = 'bake rollout    # brings the new launch template version to the fleet';

/** What `fleetApply` would change, field by field: `bake fleet plan`. Changes nothing. */
export const fleetPlan = (project: Project, options: RunOptions = {}): Promise<FleetPlan> =>
  perform(project, options, {
    command: 'fleet plan',
    journal: false,
    async work({ run, cloud }) {
      const plan = await planFleet(run, cloud, project);
      const { group, exists, changes, pending } = plan;
      if (!exists)
        return { result: plan, headline: `fleet ${group} would be created`, next: ['bake fleet apply'] };
      const waiting = pending ? `; ${pendingWords(pending)}` : '';
      const apply = changes.length > 0 || (pending && pending.version === undefined);
      return {
        result: plan,
        headline: apply
          ? `fleet ${group}: ${count(changes.length, 'change')} to make${waiting}`
          : `fleet ${group}: as configured, nothing to change${waiting}`,
        next: apply ? ['bake fleet apply'] : pending ? [ROLLOUT] : [],
      };
    },
  });

/**
 * Creates the launch template and the scaling group, or brings them in line with bake.yaml: `bake fleet apply`. Resolves when the group's
 * instances are in service. What bake did not create it does not reshape.
 */
export const fleetApply = (project: Project, options: RunOptions = {}): Promise<FleetResult> =>
  perform(project, options, {
    command: 'fleet apply',
    async work({ run, cloud }) {
      const lock = () => lockFleet(run, cloud, project, { command: 'fleet apply' });
      const result = await applyFleet(run, cloud, project, { lock });
      const { group, changes, pending, inService, created } = result;
      const state = `${count(inService, 'instance')} in service`;
      const waiting = pending ? `; ${pendingWords(pending)} (${pending.changes.join(', ')})` : '';
      const what = created
        ? 'created'
        : changes.length > 0
          ? 'brought in line'
          : 'as configured, nothing changed';
      return {
        result,
        headline: `fleet ${group}: ${what}, ${state}${waiting}`,
        changed: changes,
        next: pending ? [ROLLOUT] : ['bake status'],
      };
    },
  });
