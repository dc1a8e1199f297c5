import { protectionName } from '../../engine/ec2/image-uses.ts';
import type { ImageRecord } from '../../engine/ec2/images.ts';
import { snapshots } from '../../engine/ec2/snapshots.ts';
import type { Engine } from '../../engine/engine.ts';
import { IMAGE_FILTERS } from './filter-names.ts';
import type { FilterFields } from './filters.ts';
import { tagSet } from './tag-wire.ts';
import { viewFields } from './view-fields.ts';

/** Amazon's own account, which owns Amazon Linux. */
const AMAZON = '137112412989';

export const ownerOf = ({ ownerId }: ImageRecord) => (ownerId === 'amazon' ? AMAZON : ownerId);

export const imageFields = (engine: Engine): FilterFields<ImageRecord> => ({
  name: (i) => i.name,
  'image-id': (i) => i.imageId,
  state: (i) => i.state,
  architecture: (i) => i.architecture,
  description: (i) => i.description,
  'is-public': (i) => i.public,
  'owner-id': ownerOf,
  'owner-alias': (i) => (i.ownerId === 'amazon' ? 'amazon' : undefined),
  'creation-date': (i) => new Date(i.createdAt).toISOString(),
  'manifest-location': (i) => `${i.ownerId}/${i.name}`,
  platform: () => undefined,
  'root-device-name': (i) => i.rootDeviceName,
  'root-device-type': () => 'ebs',
  'virtualization-type': () => 'hvm',
  'image-type': () => 'machine',
  hypervisor: () => 'xen',
  'ena-support': () => true,
  'imds-support': (i) => i.imdsSupport,
  'boot-mode': (i) => i.bootMode ?? 'uefi-preferred',
  'block-device-mapping.device-name': (i) => [i.rootDeviceName, ...i.dataDevices],
  'block-device-mapping.snapshot-id': (i) => i.snapshotIds,
  'block-device-mapping.volume-type': (i) => i.deviceSettings?.[i.rootDeviceName]?.type ?? 'gp3',
  'source-instance-id': (i) => i.sourceInstanceId,
  'source-image-id': (i) => i.copiedFrom?.imageId,
  'source-image-region': (i) => i.copiedFrom?.region,
  'state-reason-code': (i) => i.stateReason?.code,
  'state-reason-message': (i) => i.stateReason?.message,
  ...viewFields<ImageRecord>(IMAGE_FILTERS, (i) => imageView(engine, i)),
});

/** The element `imagesSet.item`. */
export function imageView(engine: Engine, image: ImageRecord): Record<string, unknown> {
  return {
    imageId: image.imageId,
    imageLocation: `${image.ownerId}/${image.name}`,
    imageState: image.state,
    stateReason: image.stateReason,
    imageOwnerId: ownerOf(image),
    imageOwnerAlias: image.ownerId === 'amazon' ? 'amazon' : undefined,
    creationDate: new Date(image.createdAt).toISOString(),
    deprecationTime: image.deprecatedAt && new Date(image.deprecatedAt).toISOString(),
    isPublic: image.public,
    productCodes: [],
    architecture: image.architecture,
    imageType: 'machine',
    name: image.name,
    description: image.description || undefined,
    sourceInstanceId: image.sourceInstanceId,
    sourceImageId: image.copiedFrom?.imageId,
    sourceImageRegion: image.copiedFrom?.region,
    rootDeviceType: 'ebs',
    rootDeviceName: image.rootDeviceName,
    blockDeviceMapping: imageDevices(engine, image),
    virtualizationType: 'hvm',
    hypervisor: 'xen',
    enaSupport: true,
    sriovNetSupport: 'simple',
    bootMode: image.bootMode ?? 'uefi-preferred',
    imdsSupport: image.imdsSupport,
    deregistrationProtection: protectionName(image),
    platformDetails: 'Linux/UNIX',
    usageOperation: 'RunInstances',
    tagSet: tagSet(image.tags),
  };
}

export function imageDevices(engine: Engine, image: ImageRecord) {
  return image.snapshotIds.map((snapshotId, index) => {
    const deviceName = index === 0 ? image.rootDeviceName : (image.dataDevices[index - 1] ?? '');
    const snapshot = snapshots(engine).get(snapshotId);
    const settings = image.deviceSettings?.[deviceName];
    const type = settings?.type ?? 'gp3';
    const ebs = {
      snapshotId,
      volumeSize: settings?.size ?? snapshot?.size ?? 8,
      volumeType: type,
      iops: settings?.iops ?? (type === 'gp3' ? 3000 : undefined),
      throughput: settings?.throughput ?? (type === 'gp3' ? 125 : undefined),
      encrypted: snapshot?.encrypted ?? false,
      deleteOnTermination: settings?.deleteOnTermination ?? true,
    };
    return { deviceName, ebs };
  });
}
