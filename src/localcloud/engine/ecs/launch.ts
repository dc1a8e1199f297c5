import { runInstances } from '../ec2/instances.ts';
import type { BlockDevice, LaunchSpec } from '../ec2/launch-spec.ts';
import type { Tags } from '../ec2/resources.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { familyImage } from './families.ts';
import { ecsInstances } from './records.ts';

/** ECS: user data before it is encoded. Bytes. */
const MOST_USER_DATA = 32_768;

export interface EcsDisk {
  /** GiB. */
  size?: number;
  category?: string;
  performanceLevel?: string;
  encrypted?: boolean;
  kmsKeyId?: string;
  deleteWithInstance?: boolean;
}

/** What an instance is launched with, whether a request, a launch template or a scaling group says it. Ids are the engine's. */
export interface LaunchFields {
  imageId?: string;
  imageFamily?: string;
  instanceType?: string;
  instanceName?: string;
  hostName?: string;
  zoneId?: string;
  subnetId?: string;
  securityGroupIds?: string[];
  keyPairName?: string;
  ramRoleName?: string;
  /** Base64. */
  userData?: string;
  httpTokens?: string;
  systemDisk?: EcsDisk;
  dataDisks?: EcsDisk[];
  spotStrategy?: string;
  internetMaxBandwidthOut?: number;
  deletionProtection?: boolean;
  tags?: Tags;
}

/**
 * Launches instances; returns their ids. `releaseAt`: when they end by themselves, milliseconds. Throws as `runInstances`, in the
 * engine's words, and InvalidUserData.SizeExceeded, MissingInstanceType, InvalidImageFamily.NotFound.
 */
export function launchEcs(
  engine: Engine,
  fields: LaunchFields,
  amount: number,
  releaseAt?: number,
): string[] {
  return runInstances(engine, launchSpec(engine, fields), amount).map(({ instanceId }) => {
    const name = fields.instanceName ?? instanceId;
    ecsInstances(engine).put(instanceId, {
      instanceId,
      name,
      hostName: fields.hostName ?? name,
      releaseAt,
      spotStrategy: fields.spotStrategy ?? 'NoSpot',
    });
    return instanceId;
  });
}

/** What the launch comes to. Throws before anything is made. */
export function launchSpec(engine: Engine, fields: LaunchFields): LaunchSpec {
  const { userData, instanceType, tags = {} } = fields;
  if (instanceType === undefined)
    throw new ServiceError('MissingInstanceType', 'InstanceType is mandatory for this action.');
  if (userData !== undefined && Buffer.from(userData, 'base64').length > MOST_USER_DATA)
    throw new ServiceError(
      'InvalidUserData.SizeExceeded',
      'The specified user data is limited to 32 KB before it is Base64-encoded.',
    );
  return {
    imageId: imageOf(engine, fields),
    instanceType,
    zone: fields.zoneId,
    subnetId: fields.subnetId,
    securityGroupIds: fields.securityGroupIds,
    keyName: fields.keyPairName,
    profile: fields.ramRoleName,
    userData,
    mostUserData: MOST_USER_DATA,
    tags: { instance: tags, volume: tags },
    metadataOptions: { httpTokens: fields.httpTokens === 'required' ? 'required' : 'optional' },
    blockDevices: blockDevices(fields),
    disableApiTermination: fields.deletionProtection,
    // A spot instance of ECS can be stopped, and is released when it is taken back.
    spot: isSpot(fields) ? { type: 'persistent', behavior: 'terminate' } : undefined,
  };
}

const isSpot = ({ spotStrategy = 'NoSpot' }: LaunchFields) => spotStrategy !== 'NoSpot';

function imageOf(engine: Engine, { imageId, imageFamily }: LaunchFields): string {
  if (imageId !== undefined) return imageId;
  if (imageFamily === undefined)
    throw new ServiceError('MissingImageId', 'ImageId is mandatory for this action.');
  const found = familyImage(engine, engine.region, imageFamily);
  if (found) return found.imageId;
  throw new ServiceError(
    'InvalidImageFamily.NotFound',
    `The specified image family ${imageFamily} has no available image.`,
    404,
  );
}

function blockDevices({ systemDisk, dataDisks = [] }: LaunchFields): BlockDevice[] {
  const one = (disk: EcsDisk, deviceName: string): BlockDevice => ({
    deviceName,
    size: disk.size,
    encrypted: disk.encrypted,
    kmsKeyId: disk.kmsKeyId,
    deleteOnTermination: disk.deleteWithInstance,
  });
  return [
    ...(systemDisk ? [one(systemDisk, '/dev/xvda')] : []),
    ...dataDisks.map((disk, at) => one(disk, `/dev/xvd${String.fromCharCode(98 + at)}`)),
  ];
}
