import { once } from '../../engine/ec2/client-tokens.ts';
import { isFound } from '../../engine/ec2/consistency.ts';
import { copyImage } from '../../engine/ec2/copy-image.ts';
import { createImage } from '../../engine/ec2/create-image.ts';
import { deregisterImage } from '../../engine/ec2/deregister-image.ts';
import { type ImageRecord, imageIn, images } from '../../engine/ec2/images.ts';
import type { BlockDevice } from '../../engine/ec2/launch-spec.ts';
import type { LaunchTemplateData } from '../../engine/ec2/launch-template-data.ts';
import { registerImage } from '../../engine/ec2/register-image.ts';
import { blockDevices, oneOf } from '../../engine/ec2/template-launch.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { filtered } from './filters.ts';
import { imageFields, imageView, ownerOf } from './image-view.ts';
import { LAUNCH_TEMPLATE_DATA } from './launch-members.ts';
import { readMembers } from './members.ts';
import { page } from './paging.ts';
import { tagSpecifications } from './tag-wire.ts';

const DescribeImages: Operation = (input, { engine, region }) => {
  const ids = input.list('ImageId');
  const known =
    ids.length > 0
      ? ids.map((id) => visibleImage(engine, region, id))
      : images(engine).filter(
          (image) =>
            image.region === region && image.state !== 'deregistered' && isFound(engine, image.createdAt),
        );
  const shown = known.filter(
    (image) =>
      (input.bool('IncludeDisabled') || image.state !== 'disabled') &&
      (ids.length > 0 || input.bool('IncludeDeprecated') || !isHidden(engine, image)) &&
      isOwned(engine, input, image) &&
      isExecutable(engine, input, image),
  );
  const { items, nextToken } = page(input, filtered(input, shown, imageFields(engine)), (i) => i.imageId);
  return { imagesSet: items.map((image) => imageView(engine, image)), nextToken };
};

function visibleImage(engine: Engine, region: string, id: string): ImageRecord {
  const image = imageIn(engine, region, id);
  if (isFound(engine, image.createdAt)) return image;
  throw new ServiceError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
}

/** Others' deprecated images are left out of listings; one's own are not. */
const isHidden = (engine: Engine, { ownerId, deprecatedAt }: ImageRecord) =>
  ownerId !== engine.account && deprecatedAt !== undefined && deprecatedAt <= engine.clock.now();

function isOwned(engine: Engine, input: Input, image: ImageRecord): boolean {
  const owners = input.list('Owner').map((owner) => (owner === 'self' ? engine.account : owner));
  return owners.length === 0 || owners.includes(image.ownerId) || owners.includes(ownerOf(image));
}

/** `all`: public images; `self`: those that the account was explicitly let launch from; an account: those shared with it. */
function isExecutable(engine: Engine, input: Input, image: ImageRecord): boolean {
  const users = input.list('ExecutableBy');
  if (users.length === 0) return true;
  return users.some((user) => {
    if (user === 'all') return image.public;
    const account = user === 'self' ? engine.account : user;
    return (image.sharedWith ?? []).some(({ userId }) => userId === account);
  });
}

function readDevices(input: Input): BlockDevice[] {
  const { BlockDeviceMappings } = readMembers(LAUNCH_TEMPLATE_DATA, input) as LaunchTemplateData;
  return blockDevices(BlockDeviceMappings ?? []);
}

const CreateImage: Operation = (input, { engine }) => {
  const tags = tagSpecifications(input, ['image', 'snapshot']);
  const image = createImage(engine, {
    instanceId: input.require('InstanceId'),
    name: input.require('Name'),
    description: input.text('Description') ?? '',
    noReboot: input.bool('NoReboot') ?? false,
    devices: readDevices(input),
    imageTags: tags.image ?? {},
    snapshotTags: tags.snapshot ?? {},
  });
  return { imageId: image.imageId };
};

const RegisterImage: Operation = (input, { engine, region }) => {
  const image = registerImage(engine, {
    region,
    name: input.require('Name'),
    description: input.text('Description') ?? '',
    // The API's own default, as old as EC2.
    architecture: oneOf('architecture', input.text('Architecture'), ['x86_64', 'arm64', 'i386']) ?? 'i386',
    rootDeviceName: input.text('RootDeviceName') ?? '/dev/sda1',
    devices: readDevices(input),
    imdsSupport: oneOf('ImdsSupport', input.text('ImdsSupport'), ['v2.0']),
    bootMode: oneOf('BootMode', input.text('BootMode'), ['legacy-bios', 'uefi', 'uefi-preferred']),
    tags: tagSpecifications(input, ['image']).image ?? {},
  });
  return { imageId: image.imageId };
};

/** Client tokens hold per region. */
const CopyImage: Operation = (input, { engine, region }) => {
  const { ClientToken: _token, ...parameters } = input.values;
  const tags = tagSpecifications(input, ['image', 'snapshot']);
  const request = {
    sourceRegion: input.require('SourceRegion'),
    sourceImageId: input.require('SourceImageId'),
    region,
    name: input.require('Name'),
    description: input.text('Description'),
    encrypted: input.bool('Encrypted'),
    kmsKeyId: input.text('KmsKeyId'),
    copyTags: input.bool('CopyImageTags') ?? false,
    imageTags: tags.image ?? {},
    snapshotTags: tags.snapshot ?? {},
  };
  const [imageId] = once(engine, `CopyImage/${region}`, input.text('ClientToken'), parameters, () => [
    copyImage(engine, request).imageId,
  ]);
  return { imageId };
};

const DeregisterImage: Operation = (input, { engine, region }) => {
  const withSnapshots = input.bool('DeleteAssociatedSnapshots') ?? false;
  const results = deregisterImage(engine, region, input.require('ImageId'), withSnapshots);
  return { return: true, deleteSnapshotResultSet: withSnapshots ? results : undefined };
};

export const imageOperations: Record<string, Operation> = {
  DescribeImages,
  CreateImage,
  RegisterImage,
  CopyImage,
  DeregisterImage,
};
