import { VirtualClock } from '../../src/localcloud/engine/clock.ts';
import { callAlibaba } from './alicloud.ts';
import { startCloud, type TestCloud } from './cloud.ts';

const RegionId = 'eu-central-1';

export interface EssInstance {
  InstanceId: string;
  LifecycleState: string;
  HealthStatus: string;
  LaunchTemplateVersion?: string;
  CreationType: string;
}

export interface EssTaskView {
  InstanceRefreshTaskId: string;
  Status: string;
  FinishedUpdateCapacity: number;
  TotalNeedUpdateCapacity: number;
  Detail?: string;
}

export type EssWorld = Awaited<ReturnType<typeof essWorld>>;

/** A cloud of virtual time with launch template versions 1 to 3, and everything that a test asks of ESS, by Alibaba's generic client. */
export async function essWorld(options: Parameters<typeof startCloud>[0] = {}) {
  const clock = (options.clock as VirtualClock | undefined) ?? new VirtualClock();
  const cloud: TestCloud = await startCloud({ ...options, clock });
  const call = (
    product: Parameters<typeof callAlibaba>[1],
    action: string,
    parameters: Record<string, unknown> = {},
  ) => callAlibaba(cloud, product, action, { RegionId, ...parameters });
  const ess = (action: string, parameters: Record<string, unknown> = {}) => call('ess', action, parameters);

  async function passes(seconds: number): Promise<void> {
    clock.advance(seconds * 1_000);
    await cloud.engine.idle();
    cloud.engine.settle();
  }

  async function template(versions = 3): Promise<string> {
    const { Image } = (await call('ecs', 'DescribeImageFromFamily', {
      ImageFamily: 'acs:alibaba_cloud_linux_3_2104_lts_x64',
    })) as { Image: { ImageId: string } };
    const fields = { ImageId: Image.ImageId, InstanceType: 'ecs.c7.large' };
    const made = await call('ecs', 'CreateLaunchTemplate', { LaunchTemplateName: 'worker', ...fields });
    for (let version = 2; version <= versions; version++)
      await call('ecs', 'CreateLaunchTemplateVersion', { LaunchTemplateName: 'worker', ...fields });
    return made.LaunchTemplateId as string;
  }

  /** Active, with as many instances in service as it wants; of version 1 unless said otherwise. */
  async function group(size: number, more: Record<string, unknown> = {}): Promise<string> {
    const made = await ess('CreateScalingGroup', {
      ScalingGroupName: 'workers',
      MinSize: 0,
      MaxSize: 40,
      DesiredCapacity: size,
      LaunchTemplateVersion: '1',
      VSwitchIds: await switches(),
      ...more,
      LaunchTemplateId: more.LaunchTemplateId ?? (await template()),
    });
    const ScalingGroupId = made.ScalingGroupId as string;
    await ess('EnableScalingGroup', { ScalingGroupId });
    await passes(10);
    return ScalingGroupId;
  }

  async function switches(): Promise<string[]> {
    const { VSwitches } = (await call('ecs', 'DescribeVSwitches')) as {
      VSwitches: { VSwitch: { VSwitchId: string }[] };
    };
    return VSwitches.VSwitch.map(({ VSwitchId }) => VSwitchId);
  }

  async function members(ScalingGroupId: string): Promise<EssInstance[]> {
    const all = await ess('DescribeScalingInstances', { ScalingGroupId, PageSize: 100 });
    return all.ScalingInstances as EssInstance[];
  }

  async function groupOf(ScalingGroupId: string): Promise<Record<string, unknown>> {
    const all = await ess('DescribeScalingGroups', { ScalingGroupIds: [ScalingGroupId] });
    return (all.ScalingGroups as Record<string, unknown>[])[0]!;
  }

  async function refresh(ScalingGroupId: string): Promise<EssTaskView> {
    const all = await ess('DescribeInstanceRefreshes', { ScalingGroupId });
    return (all.InstanceRefreshTasks as EssTaskView[])[0]!;
  }

  async function start(ScalingGroupId: string, more: Record<string, unknown> = {}): Promise<string> {
    const { LaunchTemplateId } = await groupOf(ScalingGroupId);
    const task = await ess('StartInstanceRefresh', {
      ScalingGroupId,
      DesiredConfiguration: { LaunchTemplateId, LaunchTemplateVersion: '2' },
      ...more,
    });
    return task.InstanceRefreshTaskId as string;
  }

  /** Suspends, resumes, rolls back or cancels the newest refresh, by the operation's name. */
  async function refreshed(action: string, ScalingGroupId: string): Promise<void> {
    const { InstanceRefreshTaskId } = await refresh(ScalingGroupId);
    await ess(action, { ScalingGroupId, InstanceRefreshTaskId });
  }

  /** "3x1+2x2": how many instances that are not on their way out are of which version. */
  async function versions(ScalingGroupId: string): Promise<string> {
    const counts = new Map<string, number>();
    for (const { LifecycleState, LaunchTemplateVersion = 'attached' } of await members(ScalingGroupId))
      if (!LifecycleState.startsWith('Removing'))
        counts.set(LaunchTemplateVersion, (counts.get(LaunchTemplateVersion) ?? 0) + 1);
    return [...counts]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([version, count]) => `${count}x${version}`)
      .join('+');
  }

  return {
    ...{ cloud, clock, call, ess, passes, template, group, switches },
    ...{ members, groupOf, refresh, start, refreshed, versions },
  };
}

/** The code of the error that a call ends with; "none" when it does not. */
export const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error: { code?: string }) => error.code ?? String(error),
  );
