import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';

export type Tags = Record<string, string>;

interface Kind {
  /** As in `ResourceType` of tag specifications. */
  type: string;
  /** Table of records, keyed by id. */
  table: string;
  notFound: string;
  malformed: string;
  describe: (id: string) => string;
  /** What follows the prefix, where it is not 8 or 17 hexadecimal digits. */
  rest?: string;
}

const kind = (type: string, table: string, codes: string | [string, string], describe: Kind['describe']) => ({
  type,
  table,
  notFound: `${typeof codes === 'string' ? codes : codes[0]}.NotFound`,
  malformed: `${typeof codes === 'string' ? codes : codes[1]}.Malformed`,
  describe,
});

/** Every kind of resource, by the prefix of its ids. Codes: EC2 API reference, "Error codes". */
const KINDS = {
  i: kind('instance', 'instances', 'InvalidInstanceID', (id) => `The instance ID '${id}' does not exist`),
  ami: kind('image', 'images', 'InvalidAMIID', (id) => `The image id '[${id}]' does not exist`),
  snap: kind(
    'snapshot',
    'snapshots',
    ['InvalidSnapshot', 'InvalidSnapshotID'],
    (id) => `The snapshot '${id}' does not exist.`,
  ),
  vol: kind(
    'volume',
    'volumes',
    ['InvalidVolume', 'InvalidVolumeID'],
    (id) => `The volume '${id}' does not exist.`,
  ),
  lt: kind(
    'launch-template',
    'launchTemplates',
    'InvalidLaunchTemplateId',
    (id) => `The specified launch template, with template ID ${id}, does not exist.`,
  ),
  sg: kind(
    'security-group',
    'securityGroups',
    ['InvalidGroup', 'InvalidGroupId'],
    (id) => `The security group '${id}' does not exist`,
  ),
  key: kind('key-pair', 'keyPairs', 'InvalidKeyPair', (id) => `The key pair ID '${id}' does not exist`),
  vpc: kind('vpc', 'vpcs', 'InvalidVpcID', (id) => `The vpc ID '${id}' does not exist`),
  subnet: kind('subnet', 'subnets', 'InvalidSubnetID', (id) => `The subnet ID '${id}' does not exist`),
  sir: kind(
    'spot-instances-request',
    'spotRequests',
    'InvalidSpotInstanceRequestID',
    (id) => `The spot instance request ID '${id}' does not exist`,
  ),
  replacevol: kind(
    'replace-root-volume-task',
    'replaceRootVolumeTasks',
    'InvalidReplaceRootVolumeTaskId',
    (id) => `The replace root volume task ID '${id}' does not exist`,
  ),
  fleet: {
    ...kind('fleet', 'fleets', 'InvalidFleetId', (id) => `The fleet ID '${id}' does not exist`),
    rest: '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  },
} satisfies Record<string, Kind>;

export type Prefix = keyof typeof KINDS;

/** The record with this id; throws the kind's NotFound or Malformed error. */
export function findResource<T>(engine: Engine, prefix: Prefix, id: string): T {
  const { table, notFound, malformed, describe, rest = '([0-9a-f]{8}|[0-9a-f]{17})' }: Kind = KINDS[prefix];
  if (!new RegExp(`^${prefix}-${rest}$`).test(id)) {
    throw new ServiceError(malformed, `Invalid id: "${id}" (expecting "${prefix}-...")`);
  }
  const record = engine.store.table<T>(table).get(id);
  if (record === undefined) throw new ServiceError(notFound, describe(id));
  return record;
}

/** Any resource that can carry tags, with the table it lies in. */
export function findTaggable(engine: Engine, id: string) {
  const prefix = id.split('-')[0] as string;
  if (!Object.hasOwn(KINDS, prefix)) throw new ServiceError('InvalidID', `The ID '${id}' is not valid`);
  const { table } = KINDS[prefix as Prefix];
  findResource(engine, prefix as Prefix, id);
  return engine.store.table<{ tags: Tags }>(table);
}

/** All tags of all resources of a region. Most kinds of resource are in the cloud's own region only. */
export function allTags(
  engine: Engine,
  region: string,
): { id: string; type: string; key: string; value: string }[] {
  return Object.values(KINDS).flatMap(({ type, table }) =>
    [...engine.store.table<{ tags: Tags; region?: string }>(table).entries()]
      .filter(([, record]) => (record.region ?? engine.region) === region)
      .flatMap(([id, { tags }]) => Object.entries(tags).map(([key, value]) => ({ id, type, key, value }))),
  );
}

/** What tag specifications may name. Network interfaces are no records of their own here: their tags are accepted, and lost. */
export const TAGGABLE_TYPES = [...Object.values(KINDS).map(({ type }) => type), 'network-interface'];
