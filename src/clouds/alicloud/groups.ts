import { BakeError } from '../../run/errors.ts';
import type { GroupSettings, LaunchTemplate, NewGroup, ScalingGroup, ScalingGroups, Tags } from '../cloud.ts';
import type { Connection, Parameter } from './connection.ts';
import { failedWith, isNotFound } from './errors.ts';
import { enable, setPaused, whileBusy } from './group-changes.ts';
import {
  KEPT,
  PROCESSES,
  SHARED,
  toActivity,
  toGroup,
  type WireActivity,
  type WireGroup,
  type WireMember,
} from './group-view.ts';
import { putHook } from './lifecycle-hooks.ts';
import { linksOf, sharedOf } from './links.ts';
import { taskOf } from './refresh-tasks.ts';
import { templates } from './templates.ts';

type Fields = { [name: string]: Parameter };

const PAGE = 50;
const MEMBERS_PAGE = 100;
/** What the health check of a group is called. */
const HEALTH_CHECKS: Record<string, string> = { ELB: 'LOAD_BALANCER' };

/** Scaling groups of ESS. They go by ids; bake knows them by their names, which are unique in a region. */
export function groups(ali: Connection): ScalingGroups {
  const ids = new Map<string, string>();
  const templateNames = new Map<string, LaunchTemplate>();

  const describe = (query: Fields): Promise<WireGroup[]> =>
    ali.pages(
      'ess',
      'DescribeScalingGroups',
      query,
      (answer: { ScalingGroups?: WireGroup[] }) => answer.ScalingGroups,
      PAGE,
    );

  async function read(names: string[]): Promise<WireGroup[]> {
    const found = await describe({ ScalingGroupNames: names });
    for (const { ScalingGroupName, ScalingGroupId } of found) ids.set(ScalingGroupName, ScalingGroupId);
    return found.filter(({ ScalingGroupName }) => names.includes(ScalingGroupName));
  }

  async function idOf(name: string): Promise<string> {
    const known = ids.get(name) ?? (await read([name]))[0]?.ScalingGroupId;
    if (known) return known;
    throw new BakeError(`there is no scaling group ${name} in ${ali.region}`);
  }

  async function templateOf(id: string | undefined): Promise<LaunchTemplate | undefined> {
    if (!id) return undefined;
    const known = templateNames.get(id);
    if (known) return known;
    for (const template of await templates(ali).list([id])) templateNames.set(template.id, template);
    return templateNames.get(id);
  }

  async function view(group: WireGroup): Promise<ScalingGroup> {
    const ScalingGroupId = group.ScalingGroupId;
    const [members, template, task] = await Promise.all([
      ali.pages(
        'ess',
        'DescribeScalingInstances',
        { ScalingGroupId },
        (answer: { ScalingInstances?: WireMember[] }) => answer.ScalingInstances,
        MEMBERS_PAGE,
      ),
      templateOf(group.LaunchTemplateId),
      taskOf(ali, ScalingGroupId),
    ]);
    return toGroup(group, { members, template, paused: task?.Status === 'Paused' });
  }

  /** A change of the group, waited for while something else is going on in it. */
  const change = async (action: string, name: string, more: Fields): Promise<void> => {
    const ScalingGroupId = await idOf(name);
    await whileBusy(ali, () => ali.call('ess', action, { ScalingGroupId, ...more }));
  };

  const tag = async (name: string, tags: Tags, propagate: boolean): Promise<void> => {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value, Propagate: propagate }));
    if (Tags.length === 0) return;
    await ali.call('ess', 'TagResources', {
      ResourceType: 'scalinggroup',
      ResourceIds: [await idOf(name)],
      Tags,
    });
  };

  async function create(settings: NewGroup): Promise<void> {
    const { name, tags, groupOnlyTags = {}, hooks = [], targetGroups = [] } = settings;
    const propagated = Object.entries(tags).map(([Key, Value]) => ({ Key, Value, Propagate: true }));
    const shared = sharedOf(targetGroups);
    const marks = shared === undefined ? {} : { [SHARED]: shared };
    const own = Object.entries({ ...groupOnlyTags, ...kept(settings), ...marks }).map(([Key, Value]) => ({
      Key,
      Value,
      Propagate: false,
    }));
    await ali.again(
      async () =>
        ali.call('ess', 'CreateScalingGroup', {
          ...shape(settings),
          ScalingGroupName: name,
          // An instance refresh works with this policy only.
          MultiAZPolicy: 'PRIORITY',
          ScalingPolicy: 'release',
          RemovalPolicies: ['OldestScalingConfiguration', 'OldestInstance'],
          DefaultCooldown: 0,
          VServerGroups: await linksOf(ali, targetGroups),
          Tags: [...propagated, ...own],
          ClientToken: `${tags['bake:run'] ?? name}-${name}`.slice(-64),
        }),
      (error) => failedWith(error, 'IdempotentProcessing'),
    );
    const ScalingGroupId = await idOf(name);
    // The group is inactive until then: no instance comes before its hooks.
    for (const hook of hooks) await putHook(ali, ScalingGroupId, hook);
    await enable(ali, ScalingGroupId);
  }

  async function remove(name: string, ForceDelete: boolean): Promise<void> {
    try {
      await change('DeleteScalingGroup', name, { ForceDelete });
    } catch (error) {
      if (!isNotFound(error) && !/there is no scaling group/.test(String(error))) throw error;
    }
    ids.delete(name);
  }

  return {
    async find(name) {
      const [group] = await read([name]);
      return group && view(group);
    },
    findAll: async (names) => Promise.all((await read(names)).map(view)),
    list: async () => Promise.all((await describe({})).map(view)),
    create,

    async update(name, changes) {
      const fields = shape(changes);
      if (Object.values(fields).some((value) => value !== undefined))
        await change('ModifyScalingGroup', name, fields);
      await tag(name, kept(changes), false);
    },

    setTags: (name, tags, { propagate }) => tag(name, tags, propagate),

    async removeTags(name, keys) {
      if (keys.length === 0) return;
      const query = { ResourceType: 'scalinggroup', ResourceIds: [await idOf(name)], TagKeys: keys };
      await ali.call('ess', 'UntagResources', query);
    },

    // A refresh is no process here: it is paused itself.
    async suspend(name, processes) {
      const Processes = known(processes);
      if (Processes.length > 0) await change('SuspendProcesses', name, { Processes });
      if (processes.includes('InstanceRefresh')) await setPaused(ali, await idOf(name), true);
    },

    async resume(name, processes) {
      const Processes = known(processes);
      if (Processes.length > 0) await change('ResumeProcesses', name, { Processes });
      if (processes.includes('InstanceRefresh')) await setPaused(ali, await idOf(name), false);
    },

    remove: (name) => remove(name, true),
    removeEmpty: (name) => remove(name, false),

    async terminateInstance(instanceId, { decrementDesired }) {
      const [member] = await ali.pages(
        'ess',
        'DescribeScalingInstances',
        { InstanceIds: [instanceId] },
        (answer: { ScalingInstances?: (WireMember & { ScalingGroupId?: string })[] }) =>
          answer.ScalingInstances,
        MEMBERS_PAGE,
      );
      if (!member?.ScalingGroupId) return;
      const query = {
        ScalingGroupId: member.ScalingGroupId,
        InstanceIds: [instanceId],
        DecreaseDesiredCapacity: decrementDesired,
        RemovePolicy: 'release',
      };
      await whileBusy(ali, () => ali.call('ess', 'RemoveInstances', query));
    },

    async activities(name, limit = 20) {
      const [group] = await read([name]);
      if (!group) return [];
      const { ScalingActivities = [] } = await ali.call<{ ScalingActivities?: WireActivity[] }>(
        'ess',
        'DescribeScalingActivities',
        { ScalingGroupId: group.ScalingGroupId, PageSize: Math.min(limit, PAGE) },
      );
      return ScalingActivities.map(toActivity).slice(0, limit);
    },

    // A group of ESS has switches, and every zone has its own: the default ones of the default network.
    async zones() {
      const { VSwitches } = await ali.call<{
        VSwitches?: { VSwitch?: { VSwitchId: string; IsDefault?: boolean }[] };
      }>('ecs', 'DescribeVSwitches', { PageSize: 50 });
      return (VSwitches?.VSwitch ?? [])
        .filter(({ IsDefault }) => IsDefault)
        .map(({ VSwitchId }) => VSwitchId);
    },
  };
}

const known = (processes: string[]): string[] =>
  processes.flatMap((name) => (Object.hasOwn(PROCESSES, name) ? [PROCESSES[name]!] : []));

/** What a group has fields for. */
function shape(settings: Partial<GroupSettings>): Fields {
  const { template, subnets = [], zones = [], healthCheckType } = settings;
  const switches = subnets.length > 0 ? subnets : zones;
  return {
    MinSize: settings.min,
    MaxSize: settings.max,
    DesiredCapacity: settings.desired,
    LaunchTemplateId: template?.id,
    LaunchTemplateVersion: template && String(template.version),
    VSwitchIds: switches.length > 0 ? switches : undefined,
    HealthCheckType: healthCheckType && (HEALTH_CHECKS[healthCheckType] ?? 'ECS'),
  };
}

/** What it has not. */
function kept({ defaultWarmup, healthCheckGrace, protectFromScaleIn }: Partial<GroupSettings>): Tags {
  return {
    ...(defaultWarmup !== undefined && { [KEPT.warmup]: String(defaultWarmup) }),
    ...(healthCheckGrace !== undefined && { [KEPT.grace]: String(healthCheckGrace) }),
    ...(protectFromScaleIn !== undefined && { [KEPT.protect]: protectFromScaleIn ? 'yes' : 'no' }),
  };
}
