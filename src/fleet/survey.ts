import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import type { Run } from '../run/run.ts';
import { type Differences, differences } from './differences.ts';
import { type FleetNow, lookAtFleet } from './look.ts';
import { type PendingVersion, pendingVersion } from './template.ts';

/** A fleet that exists, and how it differs from its configuration. */
export interface Survey {
  now: FleetNow;
  found: Differences;
  pending?: PendingVersion;
}

/** Reads the fleet and compares it with the configuration; undefined where there is no scaling group yet. Changes nothing. */
export async function surveyFleet(cloud: Cloud, project: Project): Promise<Survey | undefined> {
  const now = await lookAtFleet(cloud, project);
  if (!now) return undefined;
  const [found, pending] = await Promise.all([
    differences(cloud, project, now),
    pendingVersion(cloud, project, now),
  ]);
  return { now, found, pending };
}

/** Whether apply has nothing to do. A launch template version that exists waits for a rollout, and not for apply. */
export const isAsConfigured = ({ found, pending }: Survey): boolean =>
  found.group.length === 0 && found.scaling.length === 0 && (!pending || pending.version !== undefined);

/** What somebody who changes the fleet ought to know about it. */
export function tellAbout(run: Run, { group, back }: FleetNow): void {
  if (back)
    run.note(
      `${group.name} is in front and is kept as configured; ${back.name} stays as it is until it is in front`,
    );
  for (const [process, rests] of Object.entries(RESTING))
    if (group.suspendedProcesses.includes(process))
      run.warn(`process ${process} of ${group.name} is suspended: ${rests} until it is resumed`);
}

/** What rests while a process is suspended. */
const RESTING = { AlarmNotification: 'no scaling policy acts', ScheduledActions: 'no schedule acts' };
