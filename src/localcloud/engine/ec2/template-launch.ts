import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import type { BlockDevice, LaunchSpec, MetadataOptions, SpotOptions } from './launch-spec.ts';
import type { LaunchTemplateData } from './launch-template-data.ts';
import { defaultVpc, findSubnet } from './network.ts';
import { groupByIdOrName } from './security-groups.ts';

/**
 * What launch template data (with a request's own fields already on top) launches. Throws MissingParameter without an
 * image, InvalidGroup.NotFound, InvalidParameterValue.
 */
export function launchSpecOf(engine: Engine, data: LaunchTemplateData): LaunchSpec {
  if (data.ImageId === undefined) {
    throw new ServiceError('MissingParameter', 'The request must contain the parameter ImageId');
  }
  const [network] = data.NetworkInterfaces ?? [];
  const subnetId = network?.SubnetId;
  const named = data.SecurityGroups ?? [];
  const vpcOfNames = () => (subnetId ? findSubnet(engine, subnetId) : defaultVpc(engine)).vpcId;
  return {
    imageId: data.ImageId,
    // The API's own default, as old as EC2.
    instanceType: data.InstanceType ?? 'm1.small',
    zone: data.Placement?.AvailabilityZone,
    subnetId,
    securityGroupIds: [
      ...(data.SecurityGroupIds ?? []),
      ...(network?.Groups ?? []),
      ...named.map((name) => groupByIdOrName(engine, { name, vpcId: vpcOfNames() }).groupId),
    ],
    keyName: data.KeyName,
    profile: data.IamInstanceProfile?.Arn ?? data.IamInstanceProfile?.Name,
    userData: data.UserData,
    tags: tagsByType(data.TagSpecifications),
    shutdownBehavior: oneOf('InstanceInitiatedShutdownBehavior', data.InstanceInitiatedShutdownBehavior, [
      'stop',
      'terminate',
    ]),
    disableApiTermination: data.DisableApiTermination,
    metadataOptions: metadataOptions(data.MetadataOptions ?? {}),
    blockDevices: blockDevices(data.BlockDeviceMappings ?? []),
    monitoring: data.Monitoring?.Enabled,
    ebsOptimized: data.EbsOptimized,
    cpuCredits: data.CreditSpecification?.CpuCredits,
    spot: spotOptions(data.InstanceMarketOptions),
  };
}

/** Throws InvalidParameterCombination for a one-time request that is to be stopped. */
function spotOptions(market: LaunchTemplateData['InstanceMarketOptions']): SpotOptions | undefined {
  if (oneOf('MarketType', market?.MarketType, ['spot', 'capacity-block']) !== 'spot') return undefined;
  const { MaxPrice, SpotInstanceType, ValidUntil, InstanceInterruptionBehavior } = market?.SpotOptions ?? {};
  return checkedSpotOptions({
    maxPrice: MaxPrice,
    type: SpotInstanceType,
    behavior: InstanceInterruptionBehavior,
    validUntil: ValidUntil,
  });
}

/** Throws InvalidParameterValue, InvalidParameterCombination. */
export function checkedSpotOptions(given: {
  maxPrice?: string;
  type?: string;
  behavior?: string;
  validUntil?: string;
}): SpotOptions {
  const type = oneOf('SpotInstanceType', given.type, ['one-time', 'persistent']) ?? 'one-time';
  const behaviors = ['terminate', 'stop', 'hibernate'] as const;
  const behavior = oneOf('InstanceInterruptionBehavior', given.behavior, behaviors) ?? 'terminate';
  if (behavior !== 'terminate' && type === 'one-time') {
    throw new ServiceError(
      'InvalidParameterCombination',
      `The interruption behavior ${behavior} needs a persistent Spot request.`,
    );
  }
  const validUntil = given.validUntil === undefined ? undefined : Date.parse(given.validUntil);
  const badPrice = given.maxPrice !== undefined && !(Number(given.maxPrice) > 0);
  if (badPrice || Number.isNaN(validUntil)) {
    throw new ServiceError('InvalidParameterValue', 'Invalid Spot price or time.');
  }
  return { maxPrice: given.maxPrice, type, behavior, validUntil };
}

/** Tag specifications by resource type; several for one type add up. */
export function tagsByType(specifications: LaunchTemplateData['TagSpecifications']) {
  const tags: Record<string, Record<string, string>> = {};
  for (const { ResourceType: type = '', Tags = [] } of specifications ?? []) {
    tags[type] = {
      ...tags[type],
      ...Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
    };
  }
  return tags;
}

export function metadataOptions(options: NonNullable<LaunchTemplateData['MetadataOptions']>) {
  const state = ['enabled', 'disabled'] as const;
  const hops = options.HttpPutResponseHopLimit;
  if (hops !== undefined && (hops < 1 || hops > 64)) {
    throw new ServiceError('InvalidParameterValue', 'HttpPutResponseHopLimit must be between 1 and 64.');
  }
  const given: Partial<MetadataOptions> = {
    httpTokens: oneOf('HttpTokens', options.HttpTokens, ['optional', 'required']),
    httpPutResponseHopLimit: hops,
    httpEndpoint: oneOf('HttpEndpoint', options.HttpEndpoint, state),
    instanceMetadataTags: oneOf('InstanceMetadataTags', options.InstanceMetadataTags, state),
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Partial<MetadataOptions>;
}

/** What a block device mapping makes: nothing for instance store and the like. */
export const blockDevices = (
  mappings: NonNullable<LaunchTemplateData['BlockDeviceMappings']>,
): BlockDevice[] =>
  mappings.flatMap(({ DeviceName: deviceName, Ebs, NoDevice }): BlockDevice[] => {
    if (deviceName === undefined) return [];
    if (NoDevice !== undefined) return [{ deviceName, noDevice: true }];
    if (Ebs === undefined) return [];
    return [
      {
        deviceName,
        size: Ebs.VolumeSize,
        type: Ebs.VolumeType,
        iops: Ebs.Iops,
        throughput: Ebs.Throughput,
        encrypted: Ebs.Encrypted,
        kmsKeyId: Ebs.KmsKeyId,
        snapshotId: Ebs.SnapshotId,
        deleteOnTermination: Ebs.DeleteOnTermination,
      },
    ];
  });

/** Throws InvalidParameterValue for a word that the API does not know. */
export function oneOf<T extends string>(
  name: string,
  value: string | undefined,
  words: readonly T[],
): T | undefined {
  if (value !== undefined && !words.includes(value as T)) {
    throw new ServiceError('InvalidParameterValue', `Value (${value}) for parameter ${name} is invalid.`);
  }
  return value as T | undefined;
}
