import { messageOf } from '../../run/errors.ts';
import { TAG } from '../../run/tags.ts';
import type { Instance, InstanceState, Instances, LaunchRequest, Tags } from '../cloud.ts';
import type { Connection, Parameter } from './connection.ts';
import { failedWith, isNoStock, isNotFound } from './errors.ts';
import { tagList, tagRecord, type WireTags } from './tags.ts';

/** ECS: instances in one listing, and the shortest time after which one can be released by itself. Milliseconds. */
const MOST_IDS = 100;
const SHORTEST_LIFE = 31 * 60_000;

interface WireInstance {
  InstanceId: string;
  Status?: string;
  ImageId?: string;
  InstanceType?: string;
  StartTime?: string;
  VpcAttributes?: { PrivateIpAddress?: { IpAddress?: string[] } };
  PublicIpAddress?: { IpAddress?: string[] };
  EipAddress?: { IpAddress?: string };
  SecurityGroupIds?: { SecurityGroupId?: string[] };
  OperationLocks?: { LockReason?: { LockReason?: string }[] };
  Tags?: WireTags;
}
type Listing = { NextToken?: string; Instances?: { Instance?: WireInstance[] } };

/** ECS instances. */
export function instances(ali: Connection): Instances {
  async function describe(query: { [name: string]: Parameter }): Promise<Instance[]> {
    const found: Instance[] = [];
    for (let NextToken: string | undefined; ; ) {
      const page = { ...query, MaxResults: MOST_IDS, NextToken };
      const answer = await ali.call<Listing>('ecs', 'DescribeInstances', page);
      found.push(...(answer.Instances?.Instance ?? []).map(toInstance));
      NextToken = answer.NextToken || undefined;
      if (NextToken === undefined) return found;
    }
  }

  async function byIds(ids: string[]): Promise<Instance[]> {
    const found: Instance[] = [];
    for (let at = 0; at < ids.length; at += MOST_IDS)
      found.push(...(await describe({ InstanceIds: JSON.stringify(ids.slice(at, at + MOST_IDS)) })));
    return found;
  }

  /** A call on one instance, which may not be known yet, or may be on its way to another state. */
  const act = (action: string, InstanceId: string, more: { [name: string]: Parameter } = {}) =>
    ali.again(
      () => ali.call('ecs', action, { InstanceId, ...more }),
      (error) =>
        failedWith(error, 'IncorrectInstanceStatus', 'OperationConflict', 'InvalidOperation.Conflict') ||
        (ali.isFresh(InstanceId) && isNotFound(error)),
    );

  return {
    async launch(request) {
      try {
        const input = runInput(request, ali.clock.now());
        const answer = await ali.again(
          () => ali.call<{ InstanceIdSets: { InstanceIdSet: string[] } }>('ecs', 'RunInstances', input),
          (error) => failedWith(error, 'IdempotentProcessing', 'IncorrectVSwitchStatus'),
        );
        const instanceId = answer.InstanceIdSets.InstanceIdSet[0]!;
        ali.made(instanceId);
        return { instanceId };
      } catch (error) {
        if (isNoStock(error)) return { noCapacity: messageOf(error) };
        throw error;
      }
    },

    find: (ids) => ali.findAll(ids, byIds),
    findByTags: (tags) => describe({ Tag: tagList(tags) }),

    async findByImages(imageIds) {
      const found = await Promise.all(imageIds.map((ImageId) => describe({ ImageId })));
      return found.flat();
    },

    async setTags(instanceId, tags) {
      await ali.call('ecs', 'TagResources', {
        ResourceType: 'instance',
        ResourceId: [instanceId],
        Tag: tagList(tags),
      });
      const AutoReleaseTime = releaseTime(tags, ali.clock.now());
      if (AutoReleaseTime) await act('ModifyInstanceAutoReleaseTime', instanceId, { AutoReleaseTime });
    },

    start: async (instanceId) => void (await act('StartInstance', instanceId)),
    // Stopped without being billed for, it may come up again somewhere without room for it.
    stop: async (instanceId) =>
      void (await act('StopInstance', instanceId, { StoppedMode: 'KeepCharging', ForceStop: false })),
    reboot: async (instanceId) => void (await act('RebootInstance', instanceId)),

    async terminate(instanceId) {
      try {
        await act('DeleteInstance', instanceId, { Force: true });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      ali.gone(instanceId);
    },

    async console(instanceId) {
      const answer = await ali.call<{ ConsoleOutput?: string }>('ecs', 'GetInstanceConsoleOutput', {
        InstanceId: instanceId,
      });
      return Buffer.from(answer.ConsoleOutput ?? '', 'base64').toString('utf8');
    },
  };
}

/** ECS: RunInstances. One instance, with tokens for its metadata only, tagged in the call that creates it. */
function runInput(request: LaunchRequest, now: number): { [name: string]: Parameter } {
  const { rootVolume, securityGroupIds = [] } = request;
  return {
    ClientToken: request.token,
    Amount: 1,
    ImageId: request.imageId,
    InstanceType: request.instanceType,
    InstanceName: request.tags.Name,
    VSwitchId: request.subnetId,
    SecurityGroupIds: securityGroupIds,
    RamRoleName: request.instanceProfile,
    KeyPairName: request.keyName,
    UserData: request.userData === '' ? undefined : Buffer.from(request.userData).toString('base64'),
    HttpEndpoint: 'enabled',
    HttpTokens: 'required',
    SystemDisk: systemDisk(rootVolume),
    SpotStrategy: request.spot ? 'SpotAsPriceGo' : undefined,
    AutoReleaseTime: releaseTime(request.tags, now),
    Tag: tagList(request.tags),
  };
}

/** ESSD in the words of gp3: a volume type of AWS means the usual one here. */
export const systemDisk = (volume: LaunchRequest['rootVolume']) => ({
  Category: /^(gp\d|io\d)$/.test(volume.type) ? 'cloud_essd' : volume.type,
  Size: volume.sizeGiB,
  Encrypted: volume.encrypted || undefined,
  KMSKeyId: volume.kmsKey,
});

/** The dead man's switch: what expires is released by the cloud itself, even if nobody is left to do it. */
function releaseTime(tags: Tags, now: number): string | undefined {
  const expires = Date.parse(tags[TAG.expires] ?? '');
  if (Number.isNaN(expires)) return undefined;
  return new Date(Math.max(expires, now + SHORTEST_LIFE)).toISOString().replace(/\.\d+Z$/, 'Z');
}

const STATES: Record<string, InstanceState> = {
  Pending: 'pending',
  Starting: 'pending',
  Running: 'running',
  Stopping: 'stopping',
  Stopped: 'stopped',
};

/** One that is released is in no listing. */
function toInstance(instance: WireInstance): Instance {
  const [lock] = instance.OperationLocks?.LockReason ?? [];
  return {
    id: instance.InstanceId,
    state: STATES[instance.Status ?? ''] ?? 'pending',
    reason: lock?.LockReason,
    imageId: instance.ImageId ?? '',
    instanceType: instance.InstanceType ?? '',
    privateAddress: instance.VpcAttributes?.PrivateIpAddress?.IpAddress?.[0],
    publicAddress: instance.EipAddress?.IpAddress || instance.PublicIpAddress?.IpAddress?.[0],
    securityGroupIds: instance.SecurityGroupIds?.SecurityGroupId ?? [],
    launchedAt: Date.parse(instance.StartTime ?? '') || 0,
    tags: tagRecord(instance.Tags),
  };
}
