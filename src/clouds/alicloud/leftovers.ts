import type { Leftover, LeftoverKind, Leftovers, Tags } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { failedWith, isNotFound } from './errors.ts';
import { tagList, tagRecord, type WireTags } from './tags.ts';

/** How long an instance that is released may still hold its security group. Milliseconds. */
const RELEASE_WINDOW = 180_000;
const HELD = ['DependencyViolation', 'OperationConflict', 'SnapshotCreatedDisk'];

type Wire = { Tags?: WireTags } & Record<string, unknown>;

interface Kind {
  action: string;
  listOf: (answer: Record<string, Record<string, Wire[]>>) => Wire[] | undefined;
  id: string;
  name: string;
  inUse: (found: Wire) => boolean;
  remove: (id: string) => [action: string, parameters: Record<string, string | boolean>];
}

/** Disks of ECS end with their instances, so none is looked for among volumes. */
const KINDS: Record<Exclude<LeftoverKind, 'volume'>, Kind> = {
  snapshot: {
    action: 'DescribeSnapshots',
    listOf: ({ Snapshots }) => Snapshots?.Snapshot,
    id: 'SnapshotId',
    name: 'SnapshotName',
    inUse: ({ Usage }) => Usage !== undefined && Usage !== 'none',
    remove: (SnapshotId) => ['DeleteSnapshot', { SnapshotId, Force: true }],
  },
  'key pair': {
    action: 'DescribeKeyPairs',
    listOf: ({ KeyPairs }) => KeyPairs?.KeyPair,
    id: 'KeyPairName',
    name: 'KeyPairName',
    inUse: () => false,
    remove: (name) => ['DeleteKeyPairs', { KeyPairNames: JSON.stringify([name]) }],
  },
  'security group': {
    action: 'DescribeSecurityGroups',
    listOf: ({ SecurityGroups }) => SecurityGroups?.SecurityGroup,
    id: 'SecurityGroupId',
    name: 'SecurityGroupName',
    inUse: () => false,
    remove: (SecurityGroupId) => ['DeleteSecurityGroup', { SecurityGroupId }],
  },
};

/** Snapshots, key pairs and security groups. */
export function leftovers(ali: Connection): Leftovers {
  async function find(kind: LeftoverKind, tags: Tags): Promise<Leftover[]> {
    if (kind === 'volume') return [];
    const { action, listOf, id, name, inUse } = KINDS[kind];
    const found = await ali.pages('ecs', action, { Tag: tagList(tags) }, listOf, 50);
    return found.map((one) => ({
      kind,
      id: String(one[id]),
      name: String(one[name] ?? one[id]),
      tags: tagRecord(one.Tags),
      inUse: inUse(one),
    }));
  }

  return {
    async find(kinds, tags) {
      return (await Promise.all(kinds.map((kind) => find(kind, tags)))).flat();
    },

    async remove({ kind, id }) {
      if (kind === 'volume') return;
      const [action, parameters] = KINDS[kind].remove(id);
      try {
        await ali.again(
          () => ali.call('ecs', action, parameters),
          (error) => failedWith(error, ...HELD),
          RELEASE_WINDOW,
        );
      } catch (error) {
        if (!isNotFound(error) && !failedWith(error, 'SnapshotCreatedImage')) throw error;
      }
    },
  };
}
