import {
  AutoScalingClient,
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DeleteTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DisableMetricsCollectionCommand,
  EnableMetricsCollectionCommand,
  paginateDescribeAutoScalingGroups,
  paginateDescribeScalingActivities,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { BakeError, messageOf } from '../../run/errors.ts';
import type { GroupSettings, ScalingActivity, ScalingGroup, ScalingGroups, Tags } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { whileBusy } from './contention.ts';
import { tagRecord } from './describe.ts';
import { failedWith } from './errors.ts';
import { pointedAt, templateOf, templateSpecification, whileTemplateSettles } from './group-template.ts';
import { toActivity, toGroup } from './group-view.ts';
import { hookRequest } from './lifecycle-hooks.ts';

/** Auto Scaling groups. */
export function groups(aws: Connection): ScalingGroups {
  const scaling = aws.client(AutoScalingClient);

  const read = (name: string): Promise<AutoScalingGroup | undefined> => readGroup(aws, name);

  async function collectMetrics(AutoScalingGroupName: string, enabled: boolean): Promise<void> {
    if (enabled) {
      await scaling.send(
        new EnableMetricsCollectionCommand({ AutoScalingGroupName, Granularity: '1Minute' }),
      );
    } else await scaling.send(new DisableMetricsCollectionCommand({ AutoScalingGroupName }));
  }

  async function deleteGroup(AutoScalingGroupName: string, ForceDelete: boolean): Promise<void> {
    const command = new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete });
    try {
      await whileBusy(aws, () => scaling.send(command));
    } catch (error) {
      if (!isUnknownGroup(error)) throw error;
    }
  }

  /** The name is taken: by our own earlier attempt whose answer was lost, or by another group. */
  async function checkOwn(settings: GroupSettings): Promise<void> {
    const group = await read(settings.name);
    const template = group && templateOf(group);
    const tags = tagRecord(group?.Tags);
    const same =
      template?.id === settings.template.id &&
      template.version === settings.template.version &&
      Object.entries(settings.tags).every(([key, value]) => tags[key] === value);
    if (same) return;
    throw new BakeError(`there is another scaling group named ${settings.name} already`, {
      hint: 'Choose another name in bake.yaml, or remove that group.',
    });
  }

  return {
    async find(name) {
      const group = await read(name);
      return group && toGroup(group);
    },

    async findAll(AutoScalingGroupNames) {
      const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames });
      return ((await scaling.send(command)).AutoScalingGroups ?? []).map(toGroup);
    },

    async list() {
      const found: ScalingGroup[] = [];
      for await (const page of paginateDescribeAutoScalingGroups({ client: scaling }, {})) {
        found.push(...(page.AutoScalingGroups ?? []).map(toGroup));
      }
      return found;
    },

    async create(settings) {
      const { name, template, subnets, tags, metricsEnabled, groupOnlyTags = {} } = settings;
      const { hooks = [], targetGroups = [] } = settings;
      const command = new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        ...sizes(settings),
        ...place(subnets, settings.zones),
        ...care(settings),
        LaunchTemplate: templateSpecification(template),
        ...(hooks.length > 0 && { LifecycleHookSpecificationList: hooks.map(hookRequest) }),
        ...(targetGroups.length > 0 && { TargetGroupARNs: targetGroups }),
        Tags: [...groupTags(name, tags, true), ...groupTags(name, groupOnlyTags, false)],
      });
      try {
        await whileTemplateSettles(aws, template, () => scaling.send(command));
      } catch (error) {
        if (!failedWith(error, 'AlreadyExists')) throw error;
        await checkOwn(settings);
      }
      if (metricsEnabled) await collectMetrics(name, true);
    },

    async update(name, changes) {
      const { template, metricsEnabled, ...others } = changes;
      const pointer = template && pointedAt(await read(name), template);
      if (template || Object.keys(others).length > 0) {
        const command = new UpdateAutoScalingGroupCommand({
          AutoScalingGroupName: name,
          ...sizes(changes),
          ...place(changes.subnets ?? [], changes.zones ?? []),
          ...care(changes),
          ...pointer,
        });
        const update = () => whileBusy(aws, () => scaling.send(command));
        await (template ? whileTemplateSettles(aws, template, update) : update());
      }
      if (metricsEnabled !== undefined) await collectMetrics(name, metricsEnabled);
    },

    async setTags(name, tags, { propagate }) {
      if (Object.keys(tags).length === 0) return;
      const command = new CreateOrUpdateTagsCommand({ Tags: groupTags(name, tags, propagate) });
      await whileBusy(aws, () => scaling.send(command));
    },

    async removeTags(name, keys) {
      if (keys.length === 0) return;
      const Tags = keys.map((Key) => ({ ResourceId: name, ResourceType: 'auto-scaling-group', Key }));
      await whileBusy(aws, () => scaling.send(new DeleteTagsCommand({ Tags })));
    },

    // AWS: without a list both calls mean every process.
    async suspend(name, processes) {
      if (processes.length === 0) return;
      const query = { AutoScalingGroupName: name, ScalingProcesses: processes };
      await whileBusy(aws, () => scaling.send(new SuspendProcessesCommand(query)));
    },

    async resume(name, processes) {
      if (processes.length === 0) return;
      const query = { AutoScalingGroupName: name, ScalingProcesses: processes };
      await whileBusy(aws, () => scaling.send(new ResumeProcessesCommand(query)));
    },

    remove: (name) => deleteGroup(name, true),
    removeEmpty: (name) => deleteGroup(name, false),

    async terminateInstance(instanceId, { decrementDesired }) {
      const command = new TerminateInstanceInAutoScalingGroupCommand({
        InstanceId: instanceId,
        ShouldDecrementDesiredCapacity: decrementDesired,
      });
      await whileBusy(aws, () => scaling.send(command));
    },

    async activities(name, limit = 20) {
      const found: ScalingActivity[] = [];
      const page = { client: scaling, pageSize: Math.min(limit, 100) };
      try {
        for await (const { Activities = [] } of paginateDescribeScalingActivities(page, {
          AutoScalingGroupName: name,
        })) {
          found.push(...Activities.map(toActivity));
          if (found.length >= limit) break;
        }
      } catch (error) {
        if (!isUnknownGroup(error)) throw error;
      }
      return found.slice(0, limit);
    },

    // On its own: it needs EC2, whose client is slow to load, and is seldom asked for.
    zones: async () => (await import('./zones.ts')).zones(aws),
  };
}

/** The group as Auto Scaling describes it, or undefined. */
export async function readGroup(aws: Connection, name: string): Promise<AutoScalingGroup | undefined> {
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
  return (await aws.client(AutoScalingClient).send(command)).AutoScalingGroups?.[0];
}

/** Auto Scaling has no error code of its own for a group that does not exist. */
export const isUnknownGroup = (error: unknown): boolean =>
  failedWith(error, 'ValidationError') && /not found|does not exist/i.test(messageOf(error));

const seconds = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : Math.round(ms / 1_000);

const sizes = ({ min, max, desired }: Partial<GroupSettings>) => ({
  MinSize: min,
  MaxSize: max,
  DesiredCapacity: desired,
});

const care = ({
  healthCheckType,
  healthCheckGrace,
  defaultWarmup,
  protectFromScaleIn,
}: Partial<GroupSettings>) => ({
  HealthCheckType: healthCheckType,
  HealthCheckGracePeriod: seconds(healthCheckGrace),
  DefaultInstanceWarmup: seconds(defaultWarmup),
  NewInstancesProtectedFromScaleIn: protectFromScaleIn,
});

/** AWS: subnets as one comma-separated string; zones only where no subnets are named. */
const place = (subnets: string[], zones: string[]) =>
  subnets.length > 0
    ? { VPCZoneIdentifier: subnets.join(',') }
    : { AvailabilityZones: zones.length > 0 ? zones : undefined };

const groupTags = (name: string, tags: Tags, propagate: boolean) =>
  Object.entries(tags).map(([Key, Value]) => ({
    ResourceId: name,
    ResourceType: 'auto-scaling-group',
    Key,
    Value,
    PropagateAtLaunch: propagate,
  }));
