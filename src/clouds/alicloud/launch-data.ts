import type { LaunchSettings } from '../cloud.ts';
import type { Parameter } from './connection.ts';
import { systemDisk } from './instances.ts';
import { tagList } from './tags.ts';

type Fields = { [name: string]: Parameter };

/** A version's data as ECS gives it back, which is not how it takes it. */
export interface WireLaunchData {
  ImageId?: string;
  InstanceType?: string;
  RamRoleName?: string;
  KeyPairName?: string;
  UserData?: string;
  SecurityGroupId?: string;
  SecurityGroupIds?: { SecurityGroupId?: string[] };
  SystemDisk?: { Category?: string; Size?: number; Encrypted?: boolean | string; KMSKeyId?: string };
  DataDisks?: { DataDisk?: Fields[] };
  NetworkInterfaces?: { NetworkInterface?: Fields[] };
  Tags?: { InstanceTag?: { Key?: string; Value?: string }[] };
  [name: string]: unknown;
}

/** Read back as they were written, besides those that are told apart below. Source: ECS, CreateLaunchTemplateVersion. */
const AS_WRITTEN = [
  'AutoReleaseTime',
  'CreditSpecification',
  'DeletionProtection',
  'DeploymentSetId',
  'Description',
  'HostName',
  'HttpEndpoint',
  'HttpPutResponseHopLimit',
  'HttpTokens',
  'ImageOwnerAlias',
  'InstanceChargeType',
  'InstanceName',
  'InternetChargeType',
  'InternetMaxBandwidthIn',
  'InternetMaxBandwidthOut',
  'IoOptimized',
  'Ipv6AddressCount',
  'NetworkType',
  'Period',
  'PrivateIpAddress',
  'ResourceGroupId',
  'SecurityEnhancementStrategy',
  'SpotDuration',
  'SpotPriceLimit',
  'SpotStrategy',
  'VSwitchId',
  'VpcId',
  'ZoneId',
] as const;

/** Everything that an earlier version says, as parameters of a new one: ECS has no source version to start from. */
export function carriedOver(data: WireLaunchData): Fields {
  const fields = AS_WRITTEN.flatMap((name) =>
    data[name] === undefined ? [] : [[name, data[name]] as const],
  );
  return {
    ...(Object.fromEntries(fields) as Fields),
    DataDisk: data.DataDisks?.DataDisk,
    NetworkInterface: data.NetworkInterfaces?.NetworkInterface,
    ...encodeLaunchData(decodeLaunchData(data)),
  };
}

/** Settings as parameters of a launch template version. Only what is given is written. */
export function encodeLaunchData(settings: Partial<LaunchSettings>): Fields {
  const { rootVolume, tags, userData, securityGroupIds } = settings;
  return {
    ...given({
      ImageId: settings.imageId,
      InstanceType: settings.instanceType,
      RamRoleName: settings.instanceProfile,
      KeyPairName: settings.keyName,
      UserData: userData ? Buffer.from(userData).toString('base64') : undefined,
      SecurityGroupIds: securityGroupIds?.length ? securityGroupIds : undefined,
      SystemDisk: rootVolume && systemDisk(rootVolume),
      Tag: tags && tagList(tags),
    }),
    HttpEndpoint: 'enabled',
    HttpTokens: 'required',
  };
}

const given = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** Launch template data as settings. Monitoring and EBS optimisation are no settings here: every instance has them. */
export function decodeLaunchData(data: WireLaunchData): LaunchSettings {
  const { SystemDisk: disk, SecurityGroupId: one } = data;
  const several = data.SecurityGroupIds?.SecurityGroupId ?? [];
  return dropUndefined({
    imageId: data.ImageId ?? '',
    instanceType: data.InstanceType ?? '',
    instanceProfile: data.RamRoleName || undefined,
    securityGroupIds: several.length > 0 ? several : one ? [one] : [],
    keyName: data.KeyPairName || undefined,
    monitoring: true,
    ebsOptimized: true,
    rootVolume: disk && {
      device: '/dev/xvda',
      ...dropUndefined({
        sizeGiB: disk.Size,
        // What bake writes for a type of AWS's.
        type: disk.Category === 'cloud_essd' ? 'gp3' : (disk.Category ?? 'cloud_essd'),
        encrypted: String(disk.Encrypted) === 'true',
        kmsKey: disk.KMSKeyId || undefined,
      }),
    },
    userData: Buffer.from(data.UserData ?? '', 'base64').toString('utf8'),
    tags: Object.fromEntries((data.Tags?.InstanceTag ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  });
}

/** Settings are compared field by field: a field that is not there must be absent. */
const dropUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
