import { instances } from '../ec2/instances.ts';
import { launchEcs } from '../ecs/launch.ts';
import { findEcsTemplate, findEcsVersion } from '../ecs/templates.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { beginActivity, endActivity } from './activities.ts';
import { activeRefresh, type EssGroup, essMembers, membersOf } from './records.ts';

/** What new members are launched from: while a refresh runs, what it brings; the group's own otherwise. */
export function configurationOf(engine: Engine, group: EssGroup): { id: string; version: number } {
  const refresh = activeRefresh(engine, group.groupId);
  const { id, version } =
    refresh === undefined
      ? { id: group.templateId, version: group.templateVersion }
      : refresh.status === 'RollbackInProgress'
        ? refresh.before
        : { id: refresh.template.id, version: String(refresh.template.version) };
  const template = findEcsTemplate(engine, { id });
  return { id, version: findEcsVersion(engine, template, version).version };
}

/** One member more, in the first of the group's switches that has room (MultiAZPolicy PRIORITY). False when none has. */
export function launchMember(engine: Engine, group: EssGroup, cause: string): boolean {
  const refreshId = activeRefresh(engine, group.groupId)?.taskId;
  const activityId = beginActivity(engine, group.groupId, {
    description: 'Add "1" ECS instance',
    cause,
    refreshId,
  });
  let failure: ServiceError | undefined;
  for (const subnetId of group.subnetIds) {
    try {
      const { id, version } = configurationOf(engine, group);
      const { fields } = findEcsVersion(engine, findEcsTemplate(engine, { id }), String(version));
      const tags = { ...propagated(group), ...fields.tags, 'acs:autoscaling:scalingGroupId': group.groupId };
      const [instanceId] = launchEcs(engine, { ...fields, subnetId, tags }, 1);
      essMembers(engine).put(instanceId!, {
        instanceId: instanceId!,
        groupId: group.groupId,
        state: 'Pending',
        since: engine.clock.now(),
        healthy: true,
        templateVersion: version,
        attached: false,
        waits: [],
        activityId,
      });
      return true;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      failure = error;
    }
  }
  endActivity(engine, activityId, 'Failed', {
    errorCode: failure?.code === 'InsufficientInstanceCapacity' ? 'OperationDenied.NoStock' : failure?.code,
    errorMessage: failure?.message,
  });
  return false;
}

const propagated = ({ tags }: EssGroup): Record<string, string> =>
  Object.fromEntries(tags.filter(({ propagate }) => propagate).map(({ key, value }) => [key, value]));

/** When the last launch failed, the next waits. Milliseconds. */
export const LAUNCH_PAUSE = 30_000;

/** Whether a member's instance is there and runs, or is on its way. */
export function instanceOf(engine: Engine, instanceId: string): 'coming' | 'running' | 'gone' {
  const state = instances(engine).get(instanceId)?.state;
  return state === 'running' ? 'running' : state === 'pending' ? 'coming' : 'gone';
}

/** Which to remove first: those of an older configuration, then the oldest (RemovalPolicies: OldestScalingConfiguration, OldestInstance). */
export function victims(engine: Engine, group: EssGroup): string[] {
  const { version } = configurationOf(engine, group);
  return membersOf(engine, group.groupId)
    .filter(({ state }) => state === 'InService' || state === 'Pending')
    .sort(
      (a, b) =>
        Number(a.templateVersion === version) - Number(b.templateVersion === version) || a.since - b.since,
    )
    .map(({ instanceId }) => instanceId);
}
