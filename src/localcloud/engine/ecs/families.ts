import { type ImageRecord, images } from '../ec2/images.ts';
import type { Engine } from '../engine.ts';
import { ecsImages } from './records.ts';

/** What the built-in base image is called, for bake's configuration as for anybody's. */
export const BASE_FAMILY = 'acs:alibaba_cloud_linux_3_2104_lts_x64';

/** The family of an image; empty where it has none. */
export const familyOf = (engine: Engine, image: ImageRecord): string =>
  image.ownerId === 'amazon' ? BASE_FAMILY : (ecsImages(engine).get(image.imageId)?.family ?? '');

export const isDeprecated = (engine: Engine, imageId: string): boolean =>
  ecsImages(engine).get(imageId)?.deprecated ?? false;

/** The newest available image of a family that is not deprecated, or undefined. Source: ECS, DescribeImageFromFamily. */
export function familyImage(engine: Engine, region: string, family: string): ImageRecord | undefined {
  return images(engine)
    .filter(
      (image) =>
        image.region === region &&
        image.state === 'available' &&
        familyOf(engine, image) === family &&
        !isDeprecated(engine, image.imageId),
    )
    .sort((a, b) => b.createdAt - a.createdAt)[0];
}
