import {
  CreateImageCommand,
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  type DescribeImagesCommandInput,
  EC2Client,
  type Image as Ec2Image,
  paginateDescribeImages,
  paginateDescribeSnapshots,
} from '@aws-sdk/client-ec2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { BakeError, usageError } from '../../run/errors.ts';
import { poll } from '../../run/poll.ts';
import { TAG } from '../../run/tags.ts';
import type { Image, ImageState, Images, Tags } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { describeExisting, tagFilters, tagList, tagRecord } from './describe.ts';
import { failedWith } from './errors.ts';
import { imageSharing } from './image-sharing.ts';

const UNKNOWN = ['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable', 'InvalidAMIID.Malformed'];
/** AWS: DeregisterImage, DeleteSnapshotResults.ReturnCode: deleted, or kept because another image needs it. */
const SNAPSHOT_SETTLED = ['success', 'skipped'];

/** How long CreateImage may take to begin the snapshots of a running instance. */
const SNAPSHOT_WINDOW = 10 * 60_000;

/** AMIs and their snapshots. */
export function images(aws: Connection): Images {
  const ec2 = aws.client(EC2Client);

  async function describe(input: DescribeImagesCommandInput): Promise<Image[]> {
    const found: Image[] = [];
    for await (const page of paginateDescribeImages({ client: ec2 }, input)) {
      found.push(...(page.Images ?? []).map(toImage));
    }
    return found;
  }

  const find = (ids: string[]): Promise<Image[]> =>
    aws.findAll(ids, (wanted) =>
      describeExisting(wanted, UNKNOWN, (ImageIds) => describe({ ImageIds, IncludeDeprecated: true })),
    );

  const findByName = async (name: string): Promise<Image | undefined> => {
    const found = await describe({ Owners: ['self'], Filters: [{ Name: 'name', Values: [name] }] });
    return found.find((image) => image.name === name);
  };

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

  /** `aws:ssm` parameters of AWS hold the image id itself. */
  async function imageIdIn(parameter: string): Promise<string | undefined> {
    try {
      const answer = await aws.client(SSMClient).send(new GetParameterCommand({ Name: parameter }));
      return answer.Parameter?.Value;
    } catch (error) {
      if (failedWith(error, 'ParameterNotFound')) return undefined;
      throw error;
    }
  }

  async function deleteSnapshot(SnapshotId: string): Promise<void> {
    try {
      await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
    } catch (error) {
      if (!failedWith(error, 'InvalidSnapshot.NotFound', 'InvalidSnapshot.InUse')) throw error;
    }
  }

  /** An image that is still pending does not name its snapshots yet: EC2 writes the image's id in their description. */
  async function snapshotsOfPending(imageId: string): Promise<string[]> {
    const found: string[] = [];
    const Filters = [{ Name: 'description', Values: [`Created by CreateImage(*) for ${imageId}*`] }];
    for await (const page of paginateDescribeSnapshots({ client: ec2 }, { OwnerIds: ['self'], Filters })) {
      found.push(...(page.Snapshots ?? []).map((snapshot) => snapshot.SnapshotId!));
    }
    return found;
  }

  /** AWS: CreateSnapshot: what a snapshot holds is settled as soon as it is there, pending or not; CreateImage begins it a moment later. */
  async function snapshotsBegun(imageId: string): Promise<void> {
    let looks = 0;
    const look = async () => {
      const begun = (await snapshotsOfPending(imageId)).length > 0;
      // Of an image that failed the caller is told when it waits for it.
      const failed = ++looks > 3 && (await find([imageId]))[0]?.state !== 'pending';
      return begun || failed
        ? ({ done: true, value: undefined } as const)
        : ({ done: false, state: 'not yet' } as const);
    };
    const what = `the snapshots of image ${imageId} to begin`;
    const interval = aws.local ? undefined : { delay: 1_000, first: 1_000 };
    await poll(look, { what, timeout: SNAPSHOT_WINDOW, clock: aws.clock, interval });
  }

  return {
    ...imageSharing(aws, UNKNOWN),

    async resolve(query) {
      if ('filter' in query) {
        const { owner, name, architecture } = query.filter;
        const Filters = [
          { Name: 'name', Values: [name] },
          { Name: 'state', Values: ['available'] },
          ...(architecture ? [{ Name: 'architecture', Values: [architecture] }] : []),
        ];
        const found = await describe({ Owners: [owner], Filters });
        return found.sort((a, b) => b.createdAt - a.createdAt)[0];
      }
      if ('family' in query)
        throw usageError(
          'AWS has no image families',
          'Name an SSM parameter in image.base.ssmParameter, or a filter.',
        );
      const id = 'id' in query ? query.id : await imageIdIn(query.ssmParameter);
      return id === undefined ? undefined : (await find([id]))[0];
    },
    find,
    findByTags: (tags) => describe({ Owners: ['self'], Filters: tagFilters(tags) }),
    findByName,

    async createFromInstance({ instanceId, name, description, tags, running = false }) {
      const command = new CreateImageCommand({
        InstanceId: instanceId,
        Name: name,
        Description: description,
        NoReboot: running,
        TagSpecifications: (['image', 'snapshot'] as const).map((ResourceType) => ({
          ResourceType,
          Tags: tagList(tags),
        })),
      });
      try {
        const { ImageId } = await ec2.send(command);
        aws.made(ImageId!);
        if (running) await snapshotsBegun(ImageId!);
        return ImageId!;
      } catch (error) {
        if (!failedWith(error, 'InvalidAMIName.Duplicate')) throw error;
        const imageId = await takenBy(name, tags);
        if (running) await snapshotsBegun(imageId);
        return imageId;
      }
    },

    async joinFamily() {
      throw usageError('AWS has no image families', 'Name an SSM parameter in image.publish.parameter.');
    },

    async setTags(imageIds, tags) {
      const Resources = [imageIds].flat();
      const command = new CreateTagsCommand({ Resources, Tags: tagList(tags) });
      const fresh = Resources.find((id) => aws.isFresh(id)) ?? '';
      await aws.whileUnknown(fresh, UNKNOWN, () => ec2.send(command));
    },

    async remove(imageId) {
      const [image] = await find([imageId]);
      aws.gone(imageId);
      if (!image) return;
      const deleted = new Set<string>();
      try {
        const command = new DeregisterImageCommand({ ImageId: imageId, DeleteAssociatedSnapshots: true });
        const { DeleteSnapshotResults = [] } = await ec2.send(command);
        for (const { SnapshotId, ReturnCode } of DeleteSnapshotResults) {
          if (SNAPSHOT_SETTLED.includes(ReturnCode ?? '')) deleted.add(SnapshotId!);
        }
      } catch (error) {
        if (!failedWith(error, ...UNKNOWN)) throw error;
      }
      // Endpoints from before 2025 ignore DeleteAssociatedSnapshots and answer without results.
      const pending = image.state === 'pending' ? await snapshotsOfPending(imageId) : [];
      const left = new Set([...image.snapshotIds, ...pending].filter((id) => !deleted.has(id)));
      await Promise.all([...left].map(deleteSnapshot));
    },
  };
}

function toImage(image: Ec2Image): Image {
  return {
    id: image.ImageId!,
    name: image.Name ?? '',
    state: imageState(image.State),
    reason: image.StateReason?.Message,
    architecture: image.Architecture ?? '',
    createdAt: Date.parse(image.CreationDate ?? '') || 0,
    tags: tagRecord(image.Tags),
    snapshotIds: (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []),
    rootDevice: image.RootDeviceName ?? '',
    protected: image.DeregistrationProtection?.startsWith('enabled') ?? false,
    lastLaunchedAt: image.LastLaunchedTime ? Date.parse(image.LastLaunchedTime) : undefined,
  };
}

/** AWS: Image.State: pending and transient pass; invalid, deregistered, failed, error and disabled never become available. */
export function imageState(state: string | undefined): ImageState {
  if (state === 'available') return 'available';
  return state === 'pending' || state === 'transient' ? 'pending' : 'failed';
}
