import type {
  LaunchTemplateBlockDeviceMapping,
  LaunchTemplateBlockDeviceMappingRequest,
  RequestLaunchTemplateData,
  ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import type { LaunchSettings, RootVolume, Tags } from '../cloud.ts';
import { tagList, tagRecord } from './describe.ts';

/** Session tokens only, not readable from containers or through a proxy (one hop), tags readable on the instance. */
export const IMDS_V2 = {
  HttpTokens: 'required',
  HttpEndpoint: 'enabled',
  HttpPutResponseHopLimit: 1,
  InstanceMetadataTags: 'enabled',
} as const;

/** Names under which images register their root device, most usual first. */
const ROOT_DEVICES = ['/dev/xvda', '/dev/sda1', '/dev/sda', '/dev/vda'];

export const toBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');

/** AWS takes an instance profile by name or by ARN, never both. */
export const instanceProfile = (
  nameOrArn: string | undefined,
): { Arn: string } | { Name: string } | undefined =>
  nameOrArn === undefined
    ? undefined
    : nameOrArn.startsWith('arn:')
      ? { Arn: nameOrArn }
      : { Name: nameOrArn };

type RootDevice = RootVolume & { device: string };

/** The root volume as a block device mapping. */
export const rootMapping = (volume: RootDevice) => ({
  DeviceName: volume.device,
  Ebs: {
    VolumeSize: volume.sizeGiB,
    VolumeType: volume.type as 'gp3',
    Iops: volume.iops,
    Throughput: volume.throughput,
    Encrypted: volume.encrypted,
    KmsKeyId: volume.kmsKey,
    DeleteOnTermination: true,
  },
});

/**
 * Settings as launch template data. `source` is what the new version is made from: EC2 replaces whole lists,
 * so what the settings do not speak of (data volumes, tags of other resources, network interfaces) is carried over from it.
 */
export function encodeLaunchData(
  settings: Partial<LaunchSettings>,
  source?: ResponseLaunchTemplateData,
): RequestLaunchTemplateData {
  const { monitoring, ebsOptimized, rootVolume, tags, userData, securityGroupIds } = settings;
  return {
    ImageId: settings.imageId,
    InstanceType: settings.instanceType as RequestLaunchTemplateData['InstanceType'],
    IamInstanceProfile: instanceProfile(settings.instanceProfile),
    KeyName: settings.keyName,
    Monitoring: monitoring === undefined ? undefined : { Enabled: monitoring },
    EbsOptimized: ebsOptimized,
    UserData:
      userData === undefined || (userData === '' && !source?.UserData) ? undefined : toBase64(userData),
    BlockDeviceMappings: rootVolume && [...otherMappings(source, rootVolume), rootMapping(rootVolume)],
    TagSpecifications: tags && tagSpecifications(tags, source),
    ...(securityGroupIds && groupsData(securityGroupIds, source)),
    ...(source ? {} : { MetadataOptions: IMDS_V2 }),
  };
}

function otherMappings(
  source: ResponseLaunchTemplateData | undefined,
  root: RootDevice,
): LaunchTemplateBlockDeviceMappingRequest[] {
  const replaced = rootOf(source)?.DeviceName;
  return (source?.BlockDeviceMappings ?? []).filter(
    ({ DeviceName }) => DeviceName !== root.device && DeviceName !== replaced,
  );
}

function tagSpecifications(tags: Tags, source: ResponseLaunchTemplateData | undefined) {
  const others = (source?.TagSpecifications ?? []).filter(
    ({ ResourceType }) => ResourceType !== 'instance' && ResourceType !== 'volume',
  );
  if (Object.keys(tags).length === 0) return others.length > 0 ? others : undefined;
  const Tags = tagList(tags);
  return [...(['instance', 'volume'] as const).map((ResourceType) => ({ ResourceType, Tags })), ...others];
}

/** A template names its security groups on its network interface or on the instance; both is refused. */
function groupsData(
  groups: string[],
  source: ResponseLaunchTemplateData | undefined,
): RequestLaunchTemplateData {
  const [first, ...rest] = source?.NetworkInterfaces ?? [];
  if (first) return { NetworkInterfaces: [{ ...first, Groups: groups }, ...rest] };
  return groups.length > 0 ? { SecurityGroupIds: groups } : {};
}

function rootOf(data: ResponseLaunchTemplateData | undefined): LaunchTemplateBlockDeviceMapping | undefined {
  const mappings = (data?.BlockDeviceMappings ?? []).filter(({ Ebs }) => Ebs);
  const named = ROOT_DEVICES.map((device) => mappings.find(({ DeviceName }) => DeviceName === device));
  return named.find(Boolean) ?? mappings[0];
}

/** Launch template data as settings. */
export function decodeLaunchData(data: ResponseLaunchTemplateData): LaunchSettings {
  const root = rootOf(data);
  const instanceTags = data.TagSpecifications?.find(({ ResourceType }) => ResourceType === 'instance');
  return dropUndefined({
    imageId: data.ImageId ?? '',
    instanceType: data.InstanceType ?? '',
    instanceProfile: data.IamInstanceProfile?.Arn ?? data.IamInstanceProfile?.Name,
    securityGroupIds: data.SecurityGroupIds?.length
      ? data.SecurityGroupIds
      : (data.NetworkInterfaces?.[0]?.Groups ?? []),
    keyName: data.KeyName,
    monitoring: data.Monitoring?.Enabled ?? false,
    ebsOptimized: data.EbsOptimized ?? false,
    rootVolume: root && decodeRoot(root),
    userData: fromBase64(data.UserData ?? ''),
    tags: tagRecord(instanceTags?.Tags),
  });
}

const decodeRoot = ({ DeviceName, Ebs }: LaunchTemplateBlockDeviceMapping): RootDevice =>
  dropUndefined({
    device: DeviceName ?? '',
    sizeGiB: Ebs?.VolumeSize,
    // What EC2 takes when a template names no type.
    type: Ebs?.VolumeType ?? 'gp2',
    iops: Ebs?.Iops,
    throughput: Ebs?.Throughput,
    encrypted: Ebs?.Encrypted ?? false,
    kmsKey: Ebs?.KmsKeyId,
  });

/** Settings are compared field by field: a field that is not there must be absent. */
const dropUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
