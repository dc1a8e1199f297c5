import { BakeError, usageError } from '../../run/errors.ts';
import { poll } from '../../run/poll.ts';
import { TAG } from '../../run/tags.ts';
import type { Image, ImageState, Images, Tags } from '../cloud.ts';
import type { Connection, Parameter } from './connection.ts';
import { failedWith, isNotFound } from './errors.ts';
import { carries, tagList, tagRecord, type WireTags } from './tags.ts';

/** ECS: images of one page, accounts of one call, and how long a new image may not name its snapshots. */
const PAGE = 100;
const ACCOUNTS_PER_CALL = 10;
const SNAPSHOT_WINDOW = 60_000;
/** Listings show only what is available, unless they are told otherwise. */
const ALL = 'Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated';

interface WireImage {
  ImageId: string;
  ImageName?: string;
  ImageOwnerAlias?: string;
  Status?: string;
  Usable?: boolean;
  Architecture?: string;
  CreationTime?: string;
  Tags?: WireTags;
  DiskDeviceMappings?: { DiskDeviceMapping?: { Type?: string; Device?: string; SnapshotId?: string }[] };
}

/** ECS custom images with their snapshots. */
export function images(ali: Connection): Images {
  const list = async (query: { [name: string]: Parameter }): Promise<Image[]> => {
    const listing = (answer: { Images?: { Image?: WireImage[] } }) => answer.Images?.Image;
    return (await ali.pages('ecs', 'DescribeImages', { Status: ALL, ...query }, listing, PAGE)).map(toImage);
  };
  const find = (ids: string[]): Promise<Image[]> =>
    ali.findAll(ids, (wanted) => list({ ImageId: wanted.join(',') }));
  // The name is searched for: others that contain it come along.
  const findByName = async (name: string): Promise<Image | undefined> =>
    (await list({ ImageName: name, ImageOwnerAlias: 'self' })).find((image) => image.name === name);

  async function newestOfFamily(ImageFamily: string): Promise<Image | undefined> {
    const answer = await ali.call<{ Image?: WireImage }>('ecs', 'DescribeImageFromFamily', { ImageFamily });
    return answer.Image?.ImageId ? toImage(answer.Image) : undefined;
  }

  /** The name is taken: by our own earlier attempt whose answer was lost, or by somebody else's image. */
  async function takenBy(name: string, tags: Tags): Promise<string> {
    const image = await findByName(name);
    const owner = image?.tags[TAG.run];
    if (image && owner !== undefined && owner === tags[TAG.run]) return image.id;
    const whose = owner === undefined ? 'was not made by bake' : `was made by run ${owner}`;
    throw new BakeError(`the image name ${name} is taken${image ? ` by ${image.id}, which ${whose}` : ''}`, {
      hint: 'Names are unique within an account and region: remove that image, or build again.',
    });
  }

  const tag = (ResourceType: string, ResourceId: string[], tags: Tags) =>
    ali.again(
      () => ali.call('ecs', 'TagResources', { ResourceType, ResourceId, Tag: tagList(tags) }),
      isNotFound,
    );

  /** ECS: snapshots of an image are tagged in a call of their own, once the image names them. */
  async function tagSnapshots(imageId: string, tags: Tags): Promise<void> {
    const snapshots = await poll(
      async () => {
        const [image] = await find([imageId]);
        const settled = image !== undefined && (image.snapshotIds.length > 0 || image.state !== 'pending');
        return settled
          ? { done: true, value: image.snapshotIds }
          : { done: false, state: image?.state ?? 'unknown' };
      },
      { what: `image ${imageId} to name its snapshots`, timeout: SNAPSHOT_WINDOW, clock: ali.clock },
    );
    if (snapshots.length > 0) await tag('snapshot', snapshots, tags);
  }

  async function deleteSnapshot(SnapshotId: string): Promise<void> {
    try {
      await ali.again(
        () => ali.call('ecs', 'DeleteSnapshot', { SnapshotId, Force: true }),
        (error) => failedWith(error, 'OperationConflict'),
      );
    } catch (error) {
      if (!isNotFound(error) && !failedWith(error, 'SnapshotCreatedImage')) throw error;
    }
  }

  /** A shared image cannot be deleted. */
  async function unshare(ImageId: string): Promise<void> {
    const { Accounts } = await ali.call<{ Accounts?: { Account?: { AliyunId: string }[] } }>(
      'ecs',
      'DescribeImageSharePermission',
      { ImageId },
    );
    const accounts = (Accounts?.Account ?? []).map(({ AliyunId }) => AliyunId);
    for (let at = 0; at < accounts.length; at += ACCOUNTS_PER_CALL) {
      const RemoveAccount = accounts.slice(at, at + ACCOUNTS_PER_CALL);
      await ali.call('ecs', 'ModifyImageSharePermission', { ImageId, RemoveAccount });
    }
  }

  return {
    async resolve(query) {
      if ('id' in query) return (await find([query.id]))[0];
      if ('family' in query) return newestOfFamily(query.family);
      if ('filter' in query) {
        const { owner, name, architecture } = query.filter;
        const pattern = new RegExp(`^${name.split('*').map(escapePattern).join('.*')}$`);
        const found = await list({
          ImageOwnerAlias: owner,
          ImageName: name.split('*').sort((a, b) => b.length - a.length)[0],
          Architecture: architecture,
          Status: 'Available',
        });
        return found.filter((image) => pattern.test(image.name)).sort((a, b) => b.createdAt - a.createdAt)[0];
      }
      throw usageError(
        'Alibaba Cloud has no public parameters that name base images',
        'Name an image family in image.base.family, for example acs:alibaba_cloud_linux_3_2104_lts_x64.',
      );
    },
    find,
    findByName,

    async findByTags(tags) {
      // One value can be asked for; which of several it is, is looked up here.
      const single = Object.entries(tags).flatMap(([Key, value]) =>
        typeof value === 'string' ? [{ Key, Value: value }] : [{ Key }],
      );
      const found = await list({ ImageOwnerAlias: 'self', Tag: single });
      return found.filter((image) => carries(image.tags, tags));
    },

    async createFromInstance({ instanceId, name, description, tags }) {
      const query = {
        ClientToken: `${tags[TAG.run] ?? ''}-${name}`.slice(-64),
        InstanceId: instanceId,
        ImageName: name,
        Description: description.slice(0, 256) || undefined,
        Tag: tagList(tags),
      };
      let imageId: string;
      try {
        const answer = await ali.again(
          () => ali.call<{ ImageId: string }>('ecs', 'CreateImage', query),
          (error) => failedWith(error, 'IdempotentProcessing', 'OperationConflict'),
        );
        imageId = answer.ImageId;
      } catch (error) {
        if (!failedWith(error, 'InvalidImageName.Duplicated')) throw error;
        imageId = await takenBy(name, tags);
      }
      ali.made(imageId);
      await tagSnapshots(imageId, tags);
      return imageId;
    },

    async copy({ token, imageId, fromRegion, name, description, tags, encrypted, kmsKey }) {
      // In the region of the source, not in that of the copy.
      const answer = await ali.inRegion(fromRegion).call<{ ImageId: string }>('ecs', 'CopyImage', {
        ClientToken: token,
        ImageId: imageId,
        DestinationRegionId: ali.region,
        DestinationImageName: name,
        DestinationDescription: description.slice(0, 256) || undefined,
        Encrypted: encrypted || undefined,
        KMSKeyId: kmsKey,
        Tag: tagList(tags),
      });
      ali.made(answer.ImageId);
      return answer.ImageId;
    },

    async share(ImageId, { accounts, organizations }) {
      if (organizations.length > 0)
        throw usageError(
          'Alibaba Cloud shares images with accounts, not with organisations',
          'Name the accounts in image.distribute.accounts.',
        );
      for (let at = 0; at < accounts.length; at += ACCOUNTS_PER_CALL) {
        const AddAccount = accounts.slice(at, at + ACCOUNTS_PER_CALL);
        await ali.call('ecs', 'ModifyImageSharePermission', { ImageId, AddAccount });
      }
    },

    async deprecate() {
      throw usageError(
        'Alibaba Cloud deprecates an image at once, not at a date',
        'Leave the deprecation date out of bake.yaml; image.keep removes old images.',
      );
    },

    async setProtection(_, enabled) {
      if (!enabled) return;
      throw usageError(
        'Alibaba Cloud has no protection of images against deletion',
        'Leave it out of bake.yaml; a RAM policy without ecs:DeleteImage does the same.',
      );
    },

    async joinFamily(ImageId, ImageFamily) {
      await ali.call('ecs', 'ModifyImageAttribute', { ImageId, ImageFamily });
    },

    setTags: async (imageIds, tags) => void (await tag('image', [imageIds].flat(), tags)),

    async remove(ImageId) {
      const [image] = await find([ImageId]);
      ali.gone(ImageId);
      if (!image) return;
      // A copy's snapshots come without tags: with them gc finds them again, should they be left, and a policy knows whose they are.
      if (image.tags[TAG.sourceImage] && image.state === 'available')
        await tag('snapshot', image.snapshotIds, image.tags);
      const remove = () => ali.call('ecs', 'DeleteImage', { ImageId, Force: true });
      try {
        await remove();
      } catch (error) {
        if (failedWith(error, 'ImageUseShared')) {
          await unshare(ImageId);
          await remove();
        } else if (failedWith(error, 'OperationDenied.ImageCopying')) {
          // What there is of the copy goes with it.
          await ali.call('ecs', 'CancelCopyImage', { ImageId });
          return;
        } else if (!isNotFound(error)) throw error;
      }
      await Promise.all(image.snapshotIds.map(deleteSnapshot));
    },
  };
}

const escapePattern = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function toImage(image: WireImage): Image {
  const disks = image.DiskDeviceMappings?.DiskDeviceMapping ?? [];
  return {
    id: image.ImageId,
    name: image.ImageName ?? '',
    state: imageState(image),
    reason: image.Status === 'CreateFailed' ? 'the image could not be created' : undefined,
    architecture: image.Architecture ?? '',
    createdAt: Date.parse(image.CreationTime ?? '') || 0,
    tags: tagRecord(image.Tags),
    snapshotIds: disks.flatMap(({ SnapshotId }) => SnapshotId || []),
    rootDevice: disks.find(({ Type }) => Type === 'system')?.Device || '/dev/xvda',
  };
}

/** `Available` may come before the image can be used: then it is still pending. Source: ECS, DescribeImages. */
export function imageState({ Status = '', Usable }: { Status?: string; Usable?: boolean }): ImageState {
  if (Status === 'CreateFailed' || Status === 'UnAvailable') return 'failed';
  if (Status === 'Available' || Status === 'Deprecated') return Usable === false ? 'pending' : 'available';
  return 'pending';
}
