import { once } from '../../../engine/ec2/client-tokens.ts';
import { copyImage } from '../../../engine/ec2/copy-image.ts';
import { createImage } from '../../../engine/ec2/create-image.ts';
import { deregisterImage } from '../../../engine/ec2/deregister-image.ts';
import { imageIn, images } from '../../../engine/ec2/images.ts';
import { instances } from '../../../engine/ec2/instances.ts';
import { familyImage, familyOf } from '../../../engine/ecs/families.ts';
import { ecsImages } from '../../../engine/ecs/records.ts';
import { ServiceError } from '../../../engine/errors.ts';
import type { Input } from '../../input.ts';
import type { Operation } from '../../service.ts';
import { inward, outward } from '../ids.ts';
import { imageStatus, imageView, presentImages } from './image-view.ts';
import { carries, endDryRun, pageOf, tagsOf } from './input.ts';

/** Source: ECS, CreateImage: 2 to 128 characters, a letter first. */
function imageName(input: Input, parameter: string): string {
  const name = input.text(parameter) ?? `image`;
  if (/^[A-Za-z][A-Za-z0-9:_.-]{1,127}$/.test(name) && !/^(aliyun|acs:)|https?:\/\//i.test(name)) return name;
  throw new ServiceError(
    'InvalidImageName.Malformed',
    `The specified parameter "${parameter}" is not valid: ${name}`,
  );
}

/** Only available images are shown, unless others are asked for. */
const DescribeImages: Operation = (input, { engine, region }) => {
  const asked = (input.text('Status') ?? 'Available').split(',');
  const owner = input.text('ImageOwnerAlias');
  const ids = input.text('ImageId')?.split(',').map(inward);
  const [name, family] = [input.text('ImageName'), input.text('ImageFamily')];
  const snapshot = input.text('SnapshotId');
  const found = presentImages(engine, region).filter(
    (image) =>
      (ids === undefined || ids.includes(image.imageId)) &&
      (asked.includes('ALL') || asked.includes(imageStatus(engine, image))) &&
      (owner === undefined || (image.ownerId === 'amazon' ? 'system' : 'self') === owner) &&
      (family === undefined || familyOf(engine, image) === family) &&
      // The name is searched for, not compared.
      (name === undefined || image.name.toLowerCase().includes(name.toLowerCase().replaceAll('*', ''))) &&
      (snapshot === undefined || image.snapshotIds.includes(inward(snapshot))) &&
      carries(image.tags, input),
  );
  const { items, view } = pageOf(input, found, 100);
  const { NextToken: _, ...page } = view;
  return { ...page, RegionId: region, Images: { Image: items.map((image) => imageView(engine, image)) } };
};

const DescribeImageFromFamily: Operation = (input, { engine, region }) => {
  const found = familyImage(engine, region, input.require('ImageFamily'));
  return found ? { Image: imageView(engine, found) } : {};
};

/** A snapshot of each disk, in the state it is in; a running instance goes on. */
const CreateImage: Operation = (input, { engine }) => {
  const { ClientToken: _, ...parameters } = input.values;
  const tags = tagsOf(input);
  const instanceId = input.require('InstanceId');
  const name = imageName(input, 'ImageName');
  endDryRun(input);
  const [made] = once(engine, 'ecs.CreateImage', input.text('ClientToken'), parameters, () => {
    const request = { instanceId, name, description: input.text('Description') ?? '' };
    const { imageId } = createImage(engine, {
      ...request,
      noReboot: true,
      devices: [],
      imageTags: tags,
      // Snapshots have to be tagged in calls of their own.
      snapshotTags: {},
    });
    const family = input.text('ImageFamily') ?? '';
    ecsImages(engine).put(imageId, { imageId, family, deprecated: false });
    return [imageId];
  });
  return { ImageId: outward(made!) };
};

/** In the region of the source; the copy has neither its family nor its tags. */
const CopyImage: Operation = (input, { engine, region }) => {
  const { ClientToken: _, ...parameters } = input.values;
  const destination = input.require('DestinationRegionId');
  const [made] = once(engine, `ecs.CopyImage/${region}`, input.text('ClientToken'), parameters, () => [
    copyImage(engine, {
      sourceRegion: region,
      sourceImageId: inward(input.require('ImageId')),
      region: destination,
      name: imageName(input, 'DestinationImageName'),
      description: input.text('DestinationDescription') ?? '',
      encrypted: input.bool('Encrypted'),
      kmsKeyId: input.text('KMSKeyId'),
      copyTags: false,
      imageTags: tagsOf(input),
      snapshotTags: {},
    }).imageId,
  ]);
  return { ImageId: outward(made!) };
};

const ModifyImageAttribute: Operation = (input, { engine, region }) => {
  const image = imageIn(engine, region, inward(input.require('ImageId')));
  const { imageId } = image;
  const known = ecsImages(engine).get(imageId) ?? { imageId, family: '', deprecated: false };
  const status = input.text('Status');
  if (status === 'Deprecated' && (image.sharedWith ?? []).length > 0)
    throw new ServiceError(
      'InvalidImageStatus.Shared',
      'A shared image cannot be deprecated: cancel the sharing first.',
      403,
    );
  images(engine).patch(imageId, {
    name: input.has('ImageName') ? imageName(input, 'ImageName') : image.name,
    description: input.text('Description') ?? image.description,
  });
  ecsImages(engine).put(imageId, {
    imageId,
    family: input.text('ImageFamily') ?? known.family,
    deprecated: status === undefined ? known.deprecated : status === 'Deprecated',
  });
  return {};
};

/** Ten accounts a call: what is beyond is ignored. Fifty an image. */
const ModifyImageSharePermission: Operation = (input, { engine, region }) => {
  const image = imageIn(engine, region, inward(input.require('ImageId')));
  const added = input.list('AddAccount').slice(0, 10);
  const removed = input.list('RemoveAccount').slice(0, 10);
  const kept = (image.sharedWith ?? []).filter(({ userId }) => !removed.includes(userId!));
  const users = [...new Set([...kept.map(({ userId }) => userId!), ...added])];
  if (users.length > 50)
    throw new ServiceError('QuotaExceed.ImageShare', 'An image is shared with 50 accounts at most.');
  images(engine).patch(image.imageId, { sharedWith: users.map((userId) => ({ userId })) });
  return {};
};

const DescribeImageSharePermission: Operation = (input, { engine, region }) => {
  const { imageId, sharedWith = [] } = imageIn(engine, region, inward(input.require('ImageId')));
  return {
    RegionId: region,
    ImageId: outward(imageId),
    TotalCount: sharedWith.length,
    PageNumber: 1,
    PageSize: 50,
    Accounts: { Account: sharedWith.map(({ userId }) => ({ AliyunId: userId })) },
    ShareGroups: { ShareGroup: [] },
  };
};

/** An id that nobody knows is as good as deleted. Its snapshots stay. */
const DeleteImage: Operation = (input, { engine, region }) => {
  const imageId = inward(input.require('ImageId'));
  const image = images(engine).get(imageId);
  endDryRun(input);
  if (!image || image.region !== region || image.state === 'deregistered') return {};
  const force = input.bool('Force') ?? false;
  const used = instances(engine).filter(
    (one) => one.imageId === imageId && !['shutting-down', 'terminated'].includes(one.state),
  );
  if (used.length > 0 && !force)
    throw new ServiceError(
      'ImageUsingByInstance',
      'The specified image has been used to create instances.',
      403,
    );
  if ((image.sharedWith ?? []).length > 0)
    throw new ServiceError('ImageUseShared', 'The specified image has been shared with others.', 403);
  if (image.state === 'pending' && image.copiedFrom)
    throw new ServiceError('OperationDenied.ImageCopying', 'The specified image is being copied.', 403);
  deregisterImage(engine, region, imageId, false);
  ecsImages(engine).delete(imageId);
  return {};
};

/** Ends a copy that has not come to its end; what there is of it goes. */
const CancelCopyImage: Operation = (input, { engine, region }) => {
  const { imageId, state, copiedFrom } = imageIn(engine, region, inward(input.require('ImageId')));
  if (state !== 'pending' || !copiedFrom)
    throw new ServiceError('InvalidImageStatus.NotCopying', 'The specified image is not being copied.', 403);
  deregisterImage(engine, region, imageId, true);
  return {};
};

export const imageOperations: Record<string, Operation> = {
  DescribeImages,
  DescribeImageFromFamily,
  CreateImage,
  CopyImage,
  CancelCopyImage,
  ModifyImageAttribute,
  ModifyImageSharePermission,
  DescribeImageSharePermission,
  DeleteImage,
};
