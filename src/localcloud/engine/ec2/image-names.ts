import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { images } from './images.ts';

/** Names are unique among an account's images of one region. Throws InvalidAMIName.Malformed, InvalidAMIName.Duplicate. */
export function checkImageName(engine: Engine, region: string, name: string): void {
  if (!/^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/.test(name)) {
    throw new ServiceError(
      'InvalidAMIName.Malformed',
      `AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'`,
    );
  }
  const owner = images(engine).filter(
    (image) =>
      image.name === name &&
      image.region === region &&
      image.ownerId === engine.account &&
      image.state !== 'deregistered' &&
      image.state !== 'failed',
  )[0];
  if (owner) {
    throw new ServiceError(
      'InvalidAMIName.Duplicate',
      `AMI name ${name} is already in use by AMI ${owner.imageId}`,
    );
  }
}
