import { isFound } from '../../../engine/ec2/consistency.ts';
import { type InstanceRecord, instances } from '../../../engine/ec2/instances.ts';
import { ecsInstances } from '../../../engine/ecs/records.ts';
import type { Engine } from '../../../engine/engine.ts';
import { outward } from '../ids.ts';
import { tagViews, utc } from './input.ts';

/** Those that listings show: one that is released is in none. */
export const visibleInstances = (engine: Engine): InstanceRecord[] =>
  instances(engine).filter(
    ({ state, createdAt }) =>
      state !== 'terminated' && state !== 'shutting-down' && isFound(engine, createdAt),
  );

/** Source: ECS, "Instance lifecycle". A new one is Pending, one that comes up again Starting. */
export const statusOf = ({ state, booted }: InstanceRecord): string =>
  ({
    pending: booted ? 'Starting' : 'Pending',
    running: 'Running',
    stopping: 'Stopping',
    stopped: 'Stopped',
    'shutting-down': 'Stopping',
    terminated: 'Stopped',
  })[state];

/** One entry of DescribeInstances. */
export function instanceView(engine: Engine, instance: InstanceRecord): object {
  const { instanceId, address } = instance;
  const known = ecsInstances(engine).get(instanceId);
  return {
    InstanceId: instanceId,
    InstanceName: known?.name ?? instanceId,
    HostName: known?.hostName ?? instance.dnsName,
    Status: statusOf(instance),
    ImageId: outward(instance.imageId),
    InstanceType: instance.instanceType,
    RegionId: engine.region,
    ZoneId: instance.zone,
    CreationTime: utc(instance.createdAt).replace(/:\d\dZ$/, 'Z'),
    StartTime: utc(instance.launchedAt).replace(/:\d\dZ$/, 'Z'),
    AutoReleaseTime: known?.releaseAt === undefined ? '' : utc(known.releaseAt),
    InstanceChargeType: 'PostPaid',
    SpotStrategy: known?.spotStrategy ?? 'NoSpot',
    StoppedMode: 'Not-applicable',
    KeyPairName: instance.keyName ?? '',
    DeletionProtection: instance.disableApiTermination,
    SecurityGroupIds: { SecurityGroupId: instance.securityGroupIds },
    VpcAttributes: {
      VpcId: instance.vpcId,
      VSwitchId: outward(instance.subnetId),
      PrivateIpAddress: { IpAddress: [address] },
      NatIpAddress: '',
    },
    // The one address it has is reached from everywhere here.
    PublicIpAddress: { IpAddress: [] },
    EipAddress: { IpAddress: '', AllocationId: '' },
    OperationLocks: { LockReason: [] },
    Tags: tagViews(instance.tags),
  };
}
