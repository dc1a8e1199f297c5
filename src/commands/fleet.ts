import { fleetApply as applyFleet, fleetPlan as planFleet } from '../api/fleet.ts';
import { type GlobalOptions, hostOperation } from './session.ts';

/** `bake fleet plan`: what apply would change. */
export const fleetPlan = (options: GlobalOptions): Promise<number> =>
  hostOperation('fleet plan', options, ({ project, run }) => planFleet(project, run), { page: false });

/** `bake fleet apply` */
export const fleetApply = (options: GlobalOptions): Promise<number> =>
  hostOperation('fleet apply', options, ({ project, run }) => applyFleet(project, run));
