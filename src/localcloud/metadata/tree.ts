import { members } from '../engine/autoscaling/members.ts';
import { roleKey } from '../engine/credentials.ts';
import { type InstanceRecord, instances } from '../engine/ec2/instances.ts';
import { spotRequestOf } from '../engine/ec2/spot-requests.ts';
import type { Engine } from '../engine/engine.ts';
import { roleOfProfile } from '../engine/iam/records.ts';

/** A value, one that is made when it is asked for, or a directory. */
export type Node = string | Buffer | (() => string) | { [name: string]: Node };

/** Everything below `/latest/`. Names: EC2 user guide, "Instance metadata categories". Undefined: no such instance. */
export function metadataTree(engine: Engine, instanceId: string): Record<string, Node> | undefined {
  const instance = instances(engine).get(instanceId);
  if (!instance) return undefined;
  const mac = macOf(instance.address);
  return {
    dynamic: { 'instance-identity': { document: () => identityDocument(engine, instance) } },
    'meta-data': {
      'ami-id': instance.imageId,
      'ami-launch-index': String(instance.launchIndex),
      ...autoscaling(engine, instanceId),
      hostname: instance.dnsName,
      ...(instance.profile && { iam: iam(engine, instance, instance.profile) }),
      'instance-id': instanceId,
      'instance-life-cycle': instance.spotRequestId ? 'spot' : 'on-demand',
      'instance-type': instance.instanceType,
      'local-hostname': instance.dnsName,
      'local-ipv4': instance.address,
      mac,
      network: {
        interfaces: {
          macs: {
            [mac]: {
              'device-number': '0',
              'local-hostname': instance.dnsName,
              'local-ipv4s': instance.address,
              mac,
              'owner-id': engine.account,
              'security-group-ids': instance.securityGroupIds.join('\n'),
              'subnet-id': instance.subnetId,
              'vpc-id': instance.vpcId,
            },
          },
        },
      },
      placement: { 'availability-zone': instance.zone, region: engine.region },
      ...publicKeys(instance),
      'reservation-id': instance.reservationId,
      ...spot(engine, instance),
      services: { domain: 'amazonaws.com', partition: 'aws' },
      ...(instance.metadataOptions.instanceMetadataTags === 'enabled' && {
        tags: { instance: { ...instance.tags } },
      }),
    },
    ...(instance.userData && { 'user-data': Buffer.from(instance.userData, 'base64') }),
  };
}

/** An instance of a group can see where it is headed, e.g. to finish its work before it ends. */
function autoscaling(engine: Engine, instanceId: string): Record<string, Node> {
  const state = members(engine).get(instanceId)?.state;
  if (!state) return {};
  const target = state.startsWith('Terminating')
    ? 'Terminated'
    : state === 'Standby'
      ? 'Standby'
      : 'InService';
  return { autoscaling: { 'target-lifecycle-state': target } };
}

/** The notice of a spot instance that is taken back. Source: EC2 user guide, "Spot Instance interruption notices". */
function spot(engine: Engine, instance: InstanceRecord): Record<string, Node> {
  const interruption = spotRequestOf(engine, instance)?.interruption;
  if (!interruption) return {};
  const at = time(interruption.at);
  return {
    spot: {
      'instance-action': JSON.stringify({ action: interruption.action, time: at }),
      ...(interruption.action === 'terminate' && { 'termination-time': at }),
    },
  };
}

/** The instance profile's role has the profile's name, unless IAM knows better. */
function iam(engine: Engine, instance: InstanceRecord, profile: string): Record<string, Node> {
  const role = roleOfProfile(engine, profile);
  const arn = profile.startsWith('arn:')
    ? profile
    : `arn:aws:iam::${engine.account}:instance-profile/${profile}`;
  const info = { Code: 'Success', LastUpdated: time(instance.launchedAt), InstanceProfileArn: arn };
  return {
    info: () => JSON.stringify(info, null, 2),
    'security-credentials': { [role]: () => credentials(engine, role, instance.instanceId) },
  };
}

function credentials(engine: Engine, role: string, instanceId: string): string {
  const key = roleKey(engine, role, instanceId);
  // Keys made now must be on disk before anybody signs with them.
  engine.settle();
  const answer = {
    Code: 'Success',
    LastUpdated: time(engine.clock.now()),
    Type: 'AWS-HMAC',
    AccessKeyId: key.accessKeyId,
    SecretAccessKey: key.secretAccessKey,
    Token: key.sessionToken,
    Expiration: time(key.expiresAt ?? 0),
  };
  return JSON.stringify(answer, null, 2);
}

function publicKeys({ publicKey }: InstanceRecord): Record<string, Node> {
  return publicKey === undefined ? {} : { 'public-keys': { 0: { 'openssh-key': publicKey } } };
}

function identityDocument(engine: Engine, instance: InstanceRecord): string {
  const document = {
    accountId: engine.account,
    architecture: instance.architecture,
    availabilityZone: instance.zone,
    billingProducts: null,
    devpayProductCodes: null,
    marketplaceProductCodes: null,
    imageId: instance.imageId,
    instanceId: instance.instanceId,
    instanceType: instance.instanceType,
    kernelId: null,
    pendingTime: time(instance.launchedAt),
    privateIp: instance.address,
    ramdiskId: null,
    region: engine.region,
    version: '2017-09-30',
  };
  return JSON.stringify(document, null, 2);
}

/** A locally administered address made from the IPv4 one. */
const macOf = (address: string) =>
  ['0a', '00', ...address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':');

/** Without fractions of a second, as the real service has it. */
const time = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
