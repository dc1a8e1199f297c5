import { createImage } from '../../engine/ec2/create-image.ts';
import { deregisterImage } from '../../engine/ec2/deregister-image.ts';
import { findImage, type ImageRecord, images } from '../../engine/ec2/images.ts';
import { snapshots } from '../../engine/ec2/snapshots.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { type FilterFields, filtered } from './filters.ts';
import { page } from './paging.ts';
import { tagSet, tagSpecifications } from './tag-wire.ts';

/** Amazon's own account, which owns Amazon Linux. */
const AMAZON = '137112412989';

const ownerOf = ({ ownerId }: ImageRecord) => (ownerId === 'amazon' ? AMAZON : ownerId);

const fields: FilterFields<ImageRecord> = {
  name: (i) => i.name,
  'image-id': (i) => i.imageId,
  state: (i) => i.state,
  architecture: (i) => i.architecture,
  description: (i) => i.description,
  'is-public': (i) => i.public,
  'owner-id': ownerOf,
  'owner-alias': (i) => (i.ownerId === 'amazon' ? 'amazon' : undefined),
  'creation-date': (i) => new Date(i.createdAt).toISOString(),
  'root-device-name': (i) => i.rootDeviceName,
  'root-device-type': () => 'ebs',
  'virtualization-type': () => 'hvm',
  'image-type': () => 'machine',
  hypervisor: () => 'xen',
  'ena-support': () => true,
  'block-device-mapping.snapshot-id': (i) => i.snapshotIds,
  'block-device-mapping.volume-type': () => 'gp3',
  'source-instance-id': (i) => i.sourceInstanceId,
};

const DescribeImages: Operation = (input, { engine }) => {
  const ids = input.list('ImageId');
  const owners = input.list('Owner').map((owner) => (owner === 'self' ? engine.account : owner));
  const known =
    ids.length > 0
      ? ids.map((id) => visibleImage(engine, id))
      : images(engine).filter(({ state }) => state !== 'deregistered');
  const owned = known.filter(
    (image) => owners.length === 0 || owners.includes(image.ownerId) || owners.includes(ownerOf(image)),
  );
  const { items, nextToken } = page(input, filtered(input, owned, fields), (i) => i.imageId);
  return { imagesSet: items.map((image) => imageView(engine, image)), nextToken };
};

function visibleImage(engine: Engine, id: string): ImageRecord {
  const image = findImage(engine, id);
  if (image.state === 'deregistered') {
    throw new ServiceError('InvalidAMIID.Unavailable', `The image ID '${id}' is no longer available`);
  }
  return image;
}

function imageView(engine: Engine, image: ImageRecord): Record<string, unknown> {
  return {
    imageId: image.imageId,
    imageLocation: `${image.ownerId}/${image.name}`,
    imageState: image.state,
    stateReason: image.stateReason,
    imageOwnerId: ownerOf(image),
    imageOwnerAlias: image.ownerId === 'amazon' ? 'amazon' : undefined,
    creationDate: new Date(image.createdAt).toISOString(),
    isPublic: image.public,
    productCodes: [],
    architecture: image.architecture,
    imageType: 'machine',
    name: image.name,
    description: image.description || undefined,
    sourceInstanceId: image.sourceInstanceId,
    rootDeviceType: 'ebs',
    rootDeviceName: image.rootDeviceName,
    blockDeviceMapping: image.snapshotIds.map((snapshotId, index) =>
      blockDevice(engine, image, snapshotId, index),
    ),
    virtualizationType: 'hvm',
    hypervisor: 'xen',
    enaSupport: true,
    sriovNetSupport: 'simple',
    bootMode: 'uefi-preferred',
    imdsSupport: 'v2.0',
    platformDetails: 'Linux/UNIX',
    usageOperation: 'RunInstances',
    tagSet: tagSet(image.tags),
  };
}

function blockDevice(engine: Engine, image: ImageRecord, snapshotId: string, index: number) {
  const snapshot = snapshots(engine).get(snapshotId);
  const ebs = {
    snapshotId,
    volumeSize: snapshot?.size ?? 8,
    volumeType: 'gp3',
    iops: 3000,
    throughput: 125,
    encrypted: snapshot?.encrypted ?? false,
    deleteOnTermination: true,
  };
  return { deviceName: index === 0 ? image.rootDeviceName : (image.dataDevices[index - 1] ?? ''), ebs };
}

const CreateImage: Operation = (input, { engine }) => {
  const tags = tagSpecifications(input, ['image', 'snapshot']);
  const image = createImage(engine, {
    instanceId: input.require('InstanceId'),
    name: input.require('Name'),
    description: input.text('Description') ?? '',
    noReboot: input.bool('NoReboot') ?? false,
    imageTags: tags.image ?? {},
    snapshotTags: tags.snapshot ?? {},
  });
  return { imageId: image.imageId };
};

const DeregisterImage: Operation = (input, { engine }) => {
  const withSnapshots = input.bool('DeleteAssociatedSnapshots') ?? false;
  const gone = deregisterImage(engine, input.require('ImageId'), withSnapshots);
  return {
    return: true,
    deleteSnapshotResultSet: withSnapshots
      ? gone.map((snapshotId) => ({ snapshotId, returnCode: 'success' }))
      : undefined,
  };
};

export const imageOperations: Record<string, Operation> = { DescribeImages, CreateImage, DeregisterImage };
