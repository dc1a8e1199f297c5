import type { EcsDisk, LaunchFields } from '../../../engine/ecs/launch.ts';
import type { Input } from '../../input.ts';
import { inward, outward } from '../ids.ts';
import { tagsOf, tagViews } from './input.ts';

/** The parameters that RunInstances and launch template versions share. */
export function launchFields(input: Input): LaunchFields {
  const fields: LaunchFields = {
    imageId: inwardIf(input.text('ImageId')),
    imageFamily: input.text('ImageFamily'),
    instanceType: input.text('InstanceType'),
    instanceName: input.text('InstanceName'),
    hostName: input.text('HostName'),
    zoneId: input.text('ZoneId'),
    subnetId: inwardIf(input.text('VSwitchId')),
    securityGroupIds: securityGroups(input),
    keyPairName: input.text('KeyPairName'),
    ramRoleName: input.text('RamRoleName'),
    userData: input.text('UserData'),
    httpTokens: input.text('HttpTokens'),
    systemDisk: diskOf(input.object('SystemDisk')),
    dataDisks: input.has('DataDisk') ? input.objects('DataDisk').map((disk) => diskOf(disk)!) : undefined,
    spotStrategy: input.text('SpotStrategy'),
    internetMaxBandwidthOut: input.int('InternetMaxBandwidthOut'),
    deletionProtection: input.bool('DeletionProtection'),
    tags: input.has('Tag') ? tagsOf(input) : undefined,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const inwardIf = (id: string | undefined) => (id === undefined ? undefined : inward(id));

function securityGroups(input: Input): string[] | undefined {
  const one = input.text('SecurityGroupId');
  const several = input.list('SecurityGroupIds');
  if (several.length > 0) return several;
  return one === undefined ? undefined : [one];
}

const diskOf = (disk: Input | undefined): EcsDisk | undefined =>
  disk && {
    size: disk.int('Size'),
    category: disk.text('Category'),
    performanceLevel: disk.text('PerformanceLevel'),
    encrypted: disk.bool('Encrypted'),
    kmsKeyId: disk.text('KMSKeyId'),
    deleteWithInstance: disk.bool('DeleteWithInstance'),
  };

/** A version's data as it is read back, which is not how it was written: lists are wrapped, tags have other names. */
export function templateDataView(fields: LaunchFields): object {
  const { systemDisk, dataDisks = [], securityGroupIds = [] } = fields;
  return {
    ImageId: outward(fields.imageId ?? ''),
    ImageFamily: fields.imageFamily,
    InstanceType: fields.instanceType,
    InstanceName: fields.instanceName,
    HostName: fields.hostName,
    ZoneId: fields.zoneId,
    VSwitchId: fields.subnetId === undefined ? undefined : outward(fields.subnetId),
    SecurityGroupId: securityGroupIds.length === 1 ? securityGroupIds[0] : undefined,
    SecurityGroupIds: { SecurityGroupId: securityGroupIds },
    KeyPairName: fields.keyPairName,
    RamRoleName: fields.ramRoleName,
    UserData: fields.userData,
    HttpTokens: fields.httpTokens,
    SystemDisk: systemDisk && diskView(systemDisk),
    DataDisks: {
      DataDisk: dataDisks.map(diskView),
    },
    SpotStrategy: fields.spotStrategy,
    InternetMaxBandwidthOut: fields.internetMaxBandwidthOut,
    DeletionProtection: fields.deletionProtection,
    Tags: {
      InstanceTag: tagViews(fields.tags ?? {}).Tag.map(({ TagKey, TagValue }) => ({
        Key: TagKey,
        Value: TagValue,
      })),
    },
    NetworkInterfaces: { NetworkInterface: [] },
  };
}

const diskView = (disk: EcsDisk) => ({
  Size: disk.size,
  Category: disk.category,
  PerformanceLevel: disk.performanceLevel,
  Encrypted: disk.encrypted === undefined ? undefined : String(disk.encrypted),
  KMSKeyId: disk.kmsKeyId,
  DeleteWithInstance: disk.deleteWithInstance,
});
