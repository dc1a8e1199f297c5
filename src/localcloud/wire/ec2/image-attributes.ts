import {
  deprecateImage,
  disableImage,
  enableImage,
  protectImage,
  protectionName,
  unprotectImage,
} from '../../engine/ec2/image-uses.ts';
import { type ImageRecord, images, ownImage } from '../../engine/ec2/images.ts';
import { changedPermissions } from '../../engine/ec2/permissions.ts';
import { oneOf } from '../../engine/ec2/template-launch.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { imageDevices } from './image-view.ts';
import { readSharing, sharingView } from './sharing.ts';

/** By the names that `Attribute` takes, which are the names of the answer's elements too. */
const READERS: Record<string, (image: ImageRecord, engine: Engine) => unknown> = {
  description: (i) => ({ value: i.description }),
  launchPermission: sharingView,
  blockDeviceMapping: (i, engine) => imageDevices(engine, i),
  bootMode: (i) => ({ value: i.bootMode ?? 'uefi-preferred' }),
  imdsSupport: (i) => ({ value: i.imdsSupport }),
  deregistrationProtection: (i) => ({ value: protectionName(i) }),
  sriovNetSupport: () => ({ value: 'simple' }),
  productCodes: () => [],
  kernel: () => ({}),
  ramdisk: () => ({}),
  tpmSupport: () => ({}),
  uefiData: () => ({}),
  lastLaunchedTime: () => ({}),
};

const DescribeImageAttribute: Operation = (input, { engine, region }) => {
  const image = ownImage(engine, region, input.require('ImageId'));
  const name = input.require('Attribute');
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (!read) throw unknownAttribute(name);
  return { imageId: image.imageId, [name]: read(image, engine) };
};

const ModifyImageAttribute: Operation = (input, { engine, region }) => {
  const image = ownImage(engine, region, input.require('ImageId'));
  images(engine).patch(image.imageId, change(image, input));
  return { return: true };
};

function change(image: ImageRecord, input: Input): Partial<ImageRecord> {
  const sharing = readSharing(input, 'LaunchPermission');
  if (sharing) return changedPermissions(image, sharing, 'InvalidAMIAttributeItemValue');
  const attribute = input.text('Attribute');
  const given = (name: string) => {
    const own = name.charAt(0).toUpperCase() + name.slice(1);
    return attribute === name ? (input.text('Value') ?? '') : input.object(own)?.text('Value');
  };
  const imds = given('imdsSupport');
  // It cannot be taken back.
  if (imds !== undefined) return { imdsSupport: oneOf('ImdsSupport', imds, ['v2.0']) };
  const description = given('description');
  // An empty description is one too.
  if (description !== undefined || input.values.Description !== undefined) {
    return { description: description ?? '' };
  }
  throw attribute === undefined || attribute === 'launchPermission'
    ? new ServiceError('InvalidParameterCombination', 'No attributes specified.')
    : unknownAttribute(attribute);
}

const ResetImageAttribute: Operation = (input, { engine, region }) => {
  const { imageId } = ownImage(engine, region, input.require('ImageId'));
  const attribute = input.require('Attribute');
  if (attribute !== 'launchPermission') throw unknownAttribute(attribute);
  images(engine).patch(imageId, { public: false, sharedWith: [] });
  return { return: true };
};

const unknownAttribute = (name: string) =>
  new ServiceError(
    'InvalidParameterValue',
    `Value (${name}) for parameter attribute is invalid. Unknown attribute.`,
  );

/** Operations that take an image and say that they succeeded; some in a word rather than by a truth value. */
const using =
  (
    use: (engine: Engine, region: string, imageId: string, input: Input) => void,
    success: boolean | string = true,
  ): Operation =>
  (input, { engine, region }) => {
    use(engine, region, input.require('ImageId'), input);
    return { return: success };
  };

function deprecateAt(input: Input): number {
  const text = input.require('DeprecateAt');
  const at = Date.parse(text);
  if (Number.isNaN(at)) {
    throw new ServiceError('InvalidParameterValue', `Value (${text}) for parameter DeprecateAt is invalid.`);
  }
  return at;
}

export const imageAttributeOperations: Record<string, Operation> = {
  DescribeImageAttribute,
  ModifyImageAttribute,
  ResetImageAttribute,
  EnableImage: using(enableImage),
  DisableImage: using(disableImage),
  EnableImageDeprecation: using((engine, region, id, input) =>
    deprecateImage(engine, region, id, deprecateAt(input)),
  ),
  DisableImageDeprecation: using((engine, region, id) => deprecateImage(engine, region, id, undefined)),
  EnableImageDeregistrationProtection: using(
    (engine, region, id, input) => protectImage(engine, region, id, input.bool('WithCooldown') ?? false),
    'true',
  ),
  DisableImageDeregistrationProtection: using(unprotectImage, 'true'),
};
