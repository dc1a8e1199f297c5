import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { count } from '../run/format.ts';
import type { Run } from '../run/run.ts';
import { createGroup } from './group.ts';
import { hookWords, wantedHooks } from './hooks.ts';
import { wantedScaling } from './scaling.ts';
import { policyWords, scheduleWords } from './scaling-words.ts';
import { type FleetImage, fleetConfig } from './settings.ts';
import { wantedTargetGroups } from './target-groups.ts';
import { ensureTemplate, type TemplateAtVersion } from './template.ts';

/** Makes the launch template, or finds it, and the group at a numbered version of it. */
export async function createFleet(
  run: Run,
  cloud: Cloud,
  project: Project,
  image: FleetImage,
): Promise<TemplateAtVersion> {
  const { name, size } = fleetConfig(project);
  const made = await run.step('fleet.template', `Launch template ${name}`, async (step) => {
    const found = await ensureTemplate(run, cloud, project, image);
    step.summary = `version ${found.version}, ${image.imageId}`;
    return found;
  });
  await run.step('fleet.group', `Scaling group ${name}`, async (step) => {
    const { template, version } = made;
    await createGroup(run, cloud, project, { id: template.id, version }, image);
    step.summary = `${size.desired} of ${size.min} to ${size.max}`;
  });
  return made;
}

/** What a new group is made with, a line each. Reads, and changes nothing. */
export async function groupLines(cloud: Cloud, project: Project, image: FleetImage): Promise<string[]> {
  const { name, size } = fleetConfig(project);
  const what = image.release === undefined ? image.imageId : `release ${image.release}`;
  return [
    `scaling group ${name} with ${count(size.desired, 'instance')} of ${what}`,
    ...wantedHooks(project).map((hook) => `lifecycle hook ${hook.name}: ${hookWords(hook)}`),
    ...(await wantedTargetGroups(cloud, project, name)).map((each) => `target group ${each.name}`),
  ];
}

/** What changes the size of a new group by itself, a line each. */
export function scalingLines(project: Project): string[] {
  const { policies, schedules } = wantedScaling(project, fleetConfig(project).name);
  return [
    ...policies.map((policy) => `policy ${policy.name}: ${policyWords(policy)}`),
    ...schedules.map((schedule) => `schedule ${schedule.name}: ${scheduleWords(schedule)}`),
  ];
}
