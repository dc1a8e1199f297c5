import { BakeError } from '../../run/errors.ts';
import { poll } from '../../run/poll.ts';
import type { CopiedGroup, GroupCopies, Tags } from '../cloud.ts';
import type { Connection, Parameter } from './connection.ts';
import { isNotFound } from './errors.ts';
import { enable, whileBusy } from './group-changes.ts';
import { groupIdOf } from './group-ids.ts';
import { groupTags, type WireGroup } from './group-view.ts';
import { lifecycleHooks, putHook } from './lifecycle-hooks.ts';
import { linksOf } from './links.ts';
import { copyScaling, differentScaling, removeScaling } from './scaling-copies.ts';

/** ESS: what starts scaling by itself. */
const SCALING = ['AlarmNotification', 'ScheduledAction'];
/** How long a group that is being deleted may take. Milliseconds. */
const DELETION = 600_000;

type Wire = WireGroup & Record<string, unknown>;

/** Settings that a copy gets as they are. Source: ESS, DescribeScalingGroups and CreateScalingGroup. */
export const COPIED = [
  'MultiAZPolicy',
  'HealthCheckType',
  'HealthCheckTypes',
  'ScalingPolicy',
  'RemovalPolicies',
  'DefaultCooldown',
  'VSwitchIds',
  'MaxInstanceLifetime',
  'OnDemandBaseCapacity',
  'OnDemandPercentageAboveBaseCapacity',
  'SpotInstanceRemedy',
  'CompensateWithOnDemand',
  'SpotInstancePools',
  'SpotAllocationStrategy',
  'AllocationStrategy',
  'AzBalance',
  'StopInstanceTimeout',
  'ResourceGroupId',
] as const;

/** Scaling groups of ESS, made like others. */
export function copies(ali: Connection): GroupCopies {
  async function read(name: string): Promise<Wire | undefined> {
    const { ScalingGroups: found = [] } = await ali.call<{ ScalingGroups?: Wire[] }>(
      'ess',
      'DescribeScalingGroups',
      { ScalingGroupNames: [name] },
    );
    return found.find(({ ScalingGroupName }) => ScalingGroupName === name);
  }

  async function original(name: string): Promise<Wire> {
    const group = await read(name);
    if (group) return group;
    throw new BakeError(`there is no scaling group ${name} in ${ali.region}`);
  }

  const busy = <T>(call: () => Promise<T>): Promise<T> => whileBusy(ali, call);

  async function create(from: Wire, to: CopiedGroup): Promise<string> {
    const settings = COPIED.flatMap((name) =>
      from[name] === undefined ? [] : [[name, from[name]] as const],
    );
    const answer = await ali.call<{ ScalingGroupId: string }>('ess', 'CreateScalingGroup', {
      ...(Object.fromEntries(settings) as { [name: string]: Parameter }),
      ScalingGroupName: to.name,
      MinSize: 0,
      MaxSize: from.MaxSize,
      DesiredCapacity: 0,
      LaunchTemplateId: to.template.id,
      LaunchTemplateVersion: String(to.template.version),
      VServerGroups: to.traffic ? await linksOf(ali, trafficOf(from, to)) : [],
      Tags: tagsOf(from, to),
      ClientToken: `${to.tags['bake:run'] ?? ''}-${to.name}`.slice(-64),
    });
    return answer.ScalingGroupId;
  }

  return {
    async copy(from, to) {
      const source = await original(from);
      const existing = await read(to.name);
      if (existing) refuseOther(existing, to);
      const id = existing?.ScalingGroupId ?? (await create(source, to));
      for (const hook of await lifecycleHooks(ali).list(from)) await putHook(ali, id, hook);
      if (existing?.LifecycleState !== 'Active') await enable(ali, id);
      const Processes = [...new Set([...SCALING, ...(source.SuspendedProcesses ?? [])])];
      await busy(() => ali.call('ess', 'SuspendProcesses', { ScalingGroupId: id, Processes }));
      await copyScaling(ali, source.ScalingGroupId, id);
    },

    async differences(from, to) {
      const [source, copy] = await Promise.all([original(from), original(to.name)]);
      const found = COPIED.filter(
        (name) => JSON.stringify(source[name] ?? null) !== JSON.stringify(copy[name] ?? null),
      ).map((name) => `${name} is ${shown(copy[name])}, not ${shown(source[name])}`);
      if (copy.MaxSize !== source.MaxSize)
        found.push(`MaxSize is ${shown(copy.MaxSize)}, not ${shown(source.MaxSize)}`);
      const [hooks, copied] = await Promise.all([
        lifecycleHooks(ali).list(from),
        lifecycleHooks(ali).list(to.name),
      ]);
      for (const hook of hooks)
        if (!copied.some((one) => JSON.stringify(one) === JSON.stringify(hook)))
          found.push(`the lifecycle hook ${hook.name} is missing or another`);
      return [...found, ...(await differentScaling(ali, source.ScalingGroupId, copy.ScalingGroupId))];
    },

    async remove(name, { force = false } = {}) {
      const group = await read(name);
      if (!group) return;
      const { ScalingGroupId } = group;
      await removeScaling(ali, ScalingGroupId);
      if (group.GroupDeletionProtection)
        await ali.call('ess', 'SetGroupDeletionProtection', {
          ScalingGroupId,
          GroupDeletionProtection: false,
        });
      try {
        await busy(() => ali.call('ess', 'DeleteScalingGroup', { ScalingGroupId, ForceDelete: force }));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      await poll(
        async () =>
          (await groupIdOf(ali, name)) === undefined
            ? { done: true, value: undefined }
            : { done: false, state: 'being deleted' },
        { what: `scaling group ${name} to be gone`, timeout: DELETION, clock: ali.clock },
      );
    },
  };
}

const shown = (value: unknown) => (value === undefined ? 'not set' : JSON.stringify(value));

/** The original's virtual server groups, with those that take their places. */
function trafficOf(from: Wire, { targetGroups = {} }: CopiedGroup): string[] {
  return (from.VServerGroups ?? []).flatMap(({ VServerGroupAttributes = [] }) =>
    VServerGroupAttributes.map(({ VServerGroupId = '', Port }) => {
      const name = `${VServerGroupId}:${Port ?? 80}`;
      return targetGroups[name] ?? name;
    }),
  );
}

/** Bake's own tags are the copy's, the others the original's; ESS keeps its own. */
function tagsOf(from: Wire, { tags, groupOnlyTags = {} }: CopiedGroup): Parameter[] {
  const kept = (from.Tags ?? []).flatMap((tag) => {
    const Key = tag.TagKey ?? tag.Key ?? '';
    const ours = Key.startsWith('bake:') && !/^bake:(warmup|grace|protect)$/.test(Key);
    if (ours || Key in tags || Key in groupOnlyTags || Key.startsWith('acs:')) return [];
    return [{ Key, Value: tag.TagValue ?? tag.Value ?? '', Propagate: tag.Propagate ?? false }];
  });
  const own = (some: Tags, Propagate: boolean) =>
    Object.entries(some).map(([Key, Value]) => ({ Key, Value, Propagate }));
  return [...kept, ...own(tags, true), ...own(groupOnlyTags, false)];
}

/** Of `bake:run` any value will do: an earlier attempt's group is ours. */
function refuseOther(existing: Wire, { name, tags }: CopiedGroup): void {
  const found = groupTags(existing);
  const other = Object.entries(tags).some(([key, value]) => key !== 'bake:run' && found[key] !== value);
  if (other)
    throw new BakeError(`there is another scaling group named ${name} already`, {
      hint: 'Choose another name in bake.yaml, or remove that group.',
    });
}
