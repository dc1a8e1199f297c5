import { type ImageRecord, images } from '../../../engine/ec2/images.ts';
import { snapshots } from '../../../engine/ec2/snapshots.ts';
import { familyOf, isDeprecated } from '../../../engine/ecs/families.ts';
import type { Engine } from '../../../engine/engine.ts';
import { outward } from '../ids.ts';
import { tagViews, utc } from './input.ts';

export type ImageStatus = 'Creating' | 'Available' | 'UnAvailable' | 'CreateFailed' | 'Deprecated';

/** Source: ECS, DescribeImages, Status. */
export function imageStatus(engine: Engine, image: ImageRecord): ImageStatus {
  if (image.state === 'pending') return 'Creating';
  if (image.state === 'failed') return 'CreateFailed';
  if (image.state === 'disabled') return 'UnAvailable';
  return isDeprecated(engine, image.imageId) ? 'Deprecated' : 'Available';
}

/** Images of a region that are not gone. */
export const presentImages = (engine: Engine, region: string): ImageRecord[] =>
  images(engine).filter((image) => image.region === region && image.state !== 'deregistered');

/** One entry of DescribeImages. */
export function imageView(engine: Engine, image: ImageRecord): object {
  const status = imageStatus(engine, image);
  const ready = status === 'Available' || status === 'Deprecated';
  const system = image.ownerId === 'amazon';
  return {
    ImageId: outward(image.imageId),
    ImageName: image.name,
    ImageFamily: familyOf(engine, image),
    Description: image.description,
    Status: status,
    Usable: ready,
    Progress: ready ? '100%' : '50%',
    Size: Math.max(1, ...image.snapshotIds.map((id) => snapshots(engine).get(id)?.size ?? 1)),
    Platform: 'Aliyun',
    OSType: 'linux',
    OSName: 'Alibaba Cloud Linux 3 (the local cloud)',
    Architecture: image.architecture,
    CreationTime: utc(image.createdAt),
    ImageOwnerAlias: system ? 'system' : 'self',
    IsSelfShared: (image.sharedWith ?? []).length > 0 ? 'True' : '',
    IsCopied: image.copiedFrom !== undefined,
    DiskDeviceMappings: {
      // A snapshot is named once what it holds is settled.
      DiskDeviceMapping: image.snapshotIds.flatMap((id, at) =>
        snapshots(engine).get(id)?.awaited
          ? []
          : {
              Device: at === 0 ? image.rootDeviceName : (image.dataDevices[at - 1] ?? ''),
              Type: at === 0 ? 'system' : 'data',
              SnapshotId: outward(id),
              Size: String(snapshots(engine).get(id)?.size ?? 1),
              Progress: ready ? '100%' : '50%',
              RemainTime: 0,
            },
      ),
    },
    Tags: tagViews(image.tags),
  };
}
