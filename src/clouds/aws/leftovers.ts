import {
  DeleteKeyPairCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeKeyPairsCommand,
  EC2Client,
  type Filter,
  paginateDescribeImages,
  paginateDescribeSecurityGroups,
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import type { Leftover, LeftoverKind, Leftovers } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { tagFilters, tagRecord } from './describe.ts';
import { failedWith } from './errors.ts';

/** How long a terminated instance may still hold its security group and its volumes. AWS: seconds, at most minutes. */
const RELEASE_WINDOW = 180_000;
const RELEASE_PACE = { first: 8_000, longest: 8_000 };
const HELD = ['DependencyViolation', 'InvalidGroup.InUse', 'VolumeInUse', 'InvalidSnapshot.InUse'];
const GONE = [
  'InvalidVolume.NotFound',
  'InvalidSnapshot.NotFound',
  'InvalidKeyPair.NotFound',
  'InvalidGroup.NotFound',
  'InvalidGroupId.NotFound',
];
/** AWS: values of one filter. */
const MOST_VALUES = 200;
/** What CreateImage writes in the description of its snapshots: an image that is pending does not name them yet. */
const MADE_FOR = /^Created by CreateImage\([^)]*\) for (ami-\w+)/;

/** Volumes, snapshots, key pairs and security groups. */
export function leftovers(aws: Connection): Leftovers {
  const ec2 = aws.client(EC2Client);

  const find: Record<LeftoverKind, (Filters: Filter[]) => Promise<Leftover[]>> = {
    async volume(Filters) {
      const found: Leftover[] = [];
      for await (const { Volumes = [] } of paginateDescribeVolumes({ client: ec2 }, { Filters })) {
        for (const { VolumeId, State, Tags } of Volumes) {
          const inUse = State !== 'available' && State !== 'error';
          found.push(leftover('volume', VolumeId, Tags, { inUse }));
        }
      }
      return found;
    },

    async snapshot(Filters) {
      const found: Snapshot[] = [];
      const input = { OwnerIds: ['self'], Filters };
      for await (const page of paginateDescribeSnapshots({ client: ec2 }, input)) {
        found.push(...(page.Snapshots ?? []));
      }
      const used = await usedSnapshots(found);
      return found.map(({ SnapshotId, Tags }) =>
        leftover('snapshot', SnapshotId, Tags, { inUse: used.has(SnapshotId!) }),
      );
    },

    async 'key pair'(Filters) {
      const { KeyPairs = [] } = await ec2.send(new DescribeKeyPairsCommand({ Filters }));
      return KeyPairs.map(({ KeyPairId, KeyName, Tags }) =>
        leftover('key pair', KeyPairId, Tags, { name: KeyName }),
      );
    },

    async 'security group'(Filters) {
      const found: Leftover[] = [];
      const pages = paginateDescribeSecurityGroups({ client: ec2 }, { Filters });
      for await (const { SecurityGroups = [] } of pages) {
        for (const { GroupId, GroupName, Tags } of SecurityGroups)
          found.push(leftover('security group', GroupId, Tags, { name: GroupName }));
      }
      return found;
    },
  };

  /** Those of the snapshots that an own image stands on, or will. */
  async function usedSnapshots(snapshots: Snapshot[]): Promise<Set<string>> {
    const used = new Set<string>();
    for (let at = 0; at < snapshots.length; at += MOST_VALUES) {
      const some = snapshots.slice(at, at + MOST_VALUES);
      const ids = some.map(({ SnapshotId }) => SnapshotId!);
      for (const image of await images('block-device-mapping.snapshot-id', ids)) {
        for (const { Ebs } of image.BlockDeviceMappings ?? []) used.add(Ebs?.SnapshotId ?? '');
      }
      const madeFor = new Map(
        some.map(({ SnapshotId, Description }) => [SnapshotId!, MADE_FOR.exec(Description ?? '')?.[1]]),
      );
      const pending = [...new Set([...madeFor.values()].filter((id) => id !== undefined))];
      const waiting = await images('image-id', pending);
      const ofPending = waiting.filter(({ State }) => State === 'pending').map(({ ImageId }) => ImageId);
      for (const [id, image] of madeFor) if (ofPending.includes(image)) used.add(id);
    }
    return used;
  }

  async function images(filter: string, values: string[]) {
    if (values.length === 0) return [];
    const found = [];
    const input = { Owners: ['self'], IncludeDisabled: true, Filters: [{ Name: filter, Values: values }] };
    for await (const page of paginateDescribeImages({ client: ec2 }, input))
      found.push(...(page.Images ?? []));
    return found;
  }

  const remove: Record<LeftoverKind, (id: string) => Promise<unknown>> = {
    volume: (VolumeId) => ec2.send(new DeleteVolumeCommand({ VolumeId })),
    snapshot: (SnapshotId) => ec2.send(new DeleteSnapshotCommand({ SnapshotId })),
    'key pair': (KeyPairId) => ec2.send(new DeleteKeyPairCommand({ KeyPairId })),
    'security group': (GroupId) => ec2.send(new DeleteSecurityGroupCommand({ GroupId })),
  };

  return {
    async find(kinds, tags) {
      const found = await Promise.all(kinds.map((kind) => find[kind](tagFilters(tags))));
      return found.flat();
    },

    async remove({ kind, id }) {
      try {
        await aws.again(
          () => remove[kind](id),
          (error) => failedWith(error, ...HELD),
          RELEASE_WINDOW,
          aws.local ? undefined : RELEASE_PACE,
        );
      } catch (error) {
        if (!failedWith(error, ...GONE)) throw error;
      }
    },
  };
}

function leftover(
  kind: LeftoverKind,
  id: string | undefined,
  tagged: { Key?: string; Value?: string }[] | undefined,
  more: { name?: string; inUse?: boolean },
): Leftover {
  const tags = tagRecord(tagged);
  return { kind, id: id!, name: more.name ?? tags.Name ?? id!, tags, inUse: more.inUse ?? false };
}
