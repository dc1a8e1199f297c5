import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { findRelease } from '../image/releases.ts';
import type { Run } from '../run/run.ts';
import { groupLines, scalingLines } from './create.ts';
import { fleetConfig } from './settings.ts';
import { surveyFleet, tellAbout } from './survey.ts';
import type { PendingVersion } from './template.ts';

/** What bringing the fleet in line would change. */
export interface FleetPlan {
  group: string;
  /** False: apply would create it. */
  exists: boolean;
  /** What apply would change at once, a line each. */
  changes: string[];
  /** What only a rollout brings to the group. */
  pending?: PendingVersion;
}

/** What `bake fleet apply` would change. Changes nothing. Refuses (exit code 2) what apply would refuse. */
export async function planFleet(run: Run, cloud: Cloud, project: Project): Promise<FleetPlan> {
  const { name } = fleetConfig(project);
  const survey = await run.step('fleet.look', `Looking at ${name}`, () => surveyFleet(cloud, project));
  const plan: FleetPlan = survey
    ? {
        group: survey.now.group.name,
        exists: true,
        changes: [...survey.found.group, ...survey.found.scaling].flatMap(({ lines }) => lines),
        pending: survey.pending,
      }
    : { group: name, exists: false, changes: await creation(cloud, project) };
  if (survey) tellAbout(run, survey.now);
  for (const line of plan.changes) run.note(line);
  if (plan.pending) run.note(`${pendingWords(plan.pending)}: ${plan.pending.changes.join(', ')}`);
  run.fact('fleet.plan', plan);
  return plan;
}

async function creation(cloud: Cloud, project: Project): Promise<string[]> {
  const { name } = fleetConfig(project);
  const image = await findRelease(cloud, project, {});
  const existing = await cloud.templates.findByName(name);
  return [
    ...(existing ? [] : [`launch template ${name} with image ${image.imageId}`]),
    ...(await groupLines(cloud, project, image)),
    ...scalingLines(project),
  ];
}

/** "launch template version 4 waits for a rollout". */
export const pendingWords = ({ version }: PendingVersion): string =>
  `${version === undefined ? 'a new launch template version' : `launch template version ${version}`} waits for a rollout`;
