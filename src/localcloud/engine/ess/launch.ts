import { instances } from '../ec2/instances.ts';
import { launchEcs } from '../ecs/launch.ts';
import { findEcsTemplate, findEcsVersion } from '../ecs/templates.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { beginActivity, endActivity } from './activities.ts';
import { activeRefresh, type EssGroup, essGroups, essMembers } from './records.ts';

/** What new members are launched from: while a refresh runs, what it brings; the group's own otherwise. */
function configurationOf(engine: Engine, group: EssGroup): { id: string; version: string } {
  const refresh = activeRefresh(engine, group.groupId);
  if (refresh === undefined) return { id: group.templateId, version: group.templateVersion };
  if (refresh.status === 'RollbackInProgress') return refresh.before;
  return { id: refresh.template.id, version: String(refresh.template.version) };
}

/** One member more, in the first of the group's switches that has room (MultiAZPolicy PRIORITY). False when none has. */
export function launchMember(engine: Engine, group: EssGroup, cause: string): boolean {
  const refresh = activeRefresh(engine, group.groupId);
  const activityId = beginActivity(engine, group.groupId, {
    description: 'Add "1" ECS instance',
    cause,
    refreshId: refresh?.taskId,
  });
  let failure: ServiceError | undefined;
  for (const subnetId of group.subnetIds) {
    try {
      const { id, version } = configurationOf(engine, group);
      const found = findEcsVersion(engine, findEcsTemplate(engine, { id }), version);
      const tags = {
        ...propagated(group),
        ...found.fields.tags,
        'acs:autoscaling:scalingGroupId': group.groupId,
      };
      const [instanceId] = launchEcs(engine, { ...found.fields, zoneId: undefined, subnetId, tags }, 1);
      const now = engine.clock.now();
      essMembers(engine).put(instanceId!, {
        instanceId: instanceId!,
        groupId: group.groupId,
        state: 'Pending',
        since: now,
        healthy: true,
        template: { id, version: found.version },
        refreshId: refresh?.status === 'RollbackInProgress' ? undefined : refresh?.taskId,
        attached: false,
        entrusted: false,
        addedAt: now,
        waits: [],
        activityId,
      });
      return true;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      failure = error;
    }
  }
  endActivity(engine, activityId, 'Failed', { errorCode: failure?.code, errorMessage: failure?.message });
  pauseLaunches(engine, group.groupId);
  return false;
}

const propagated = ({ tags }: EssGroup): Record<string, string> =>
  Object.fromEntries(tags.filter(({ propagate }) => propagate).map(({ key, value }) => [key, value]));

/** How long the next launch waits when one has failed. Milliseconds. */
const LAUNCH_PAUSE = 30_000;

export function pauseLaunches(engine: Engine, groupId: string): void {
  if (!essGroups(engine).has(groupId)) return;
  const launchAfter = engine.clock.now() + engine.latency.scale(LAUNCH_PAUSE);
  essGroups(engine).patch(groupId, { launchAfter });
}

/** Whether a member's instance is there and runs, or is on its way. */
export function instanceOf(engine: Engine, instanceId: string): 'coming' | 'running' | 'gone' {
  const state = instances(engine).get(instanceId)?.state;
  return state === 'running' ? 'running' : state === 'pending' ? 'coming' : 'gone';
}

export function isReleased(engine: Engine, instanceId: string): boolean {
  const state = instances(engine).get(instanceId)?.state ?? 'terminated';
  return state === 'terminated' || state === 'shutting-down';
}

export const hasEnded = (engine: Engine, instanceId: string): boolean =>
  (instances(engine).get(instanceId)?.state ?? 'terminated') === 'terminated';
