import { z } from 'zod';
import { usageError } from '../run/errors.ts';
import type { imageSchema } from './schema-image.ts';

type ImageConfig = z.output<typeof imageSchema>;

interface Given {
  image?: ImageConfig;
  images?: Record<string, ImageConfig>;
  fleet?: { image?: string };
  inPlace?: object;
}

/** What a project knows of its images: all of them, and the one that is meant where one is spoken of. */
export interface Chosen {
  /** The image that the fleet runs, or the one that is being built. */
  image: ImageConfig;
  /** Its name, where there are several. */
  imageName?: string;
  /** Empty when there is the one only. */
  images: Record<string, ImageConfig>;
}

/** One image under `image`, or several under `images`, of which the fleet says which it runs. */
export function chooseImage<T extends Given>(
  given: T,
  context: z.RefinementCtx,
): Omit<T, 'image' | 'images'> & Chosen {
  const { image, images = {}, fleet } = given;
  const problem = (path: string[], message: string) => {
    context.addIssue({ code: 'custom', path, message, input: given });
    return z.NEVER;
  };
  if (given.images === undefined) {
    if (image === undefined && given.inPlace && fleet === undefined)
      return withoutImage({ ...given, images });
    if (image === undefined) return problem(['image'], 'an image');
    if (fleet?.image !== undefined)
      return problem(['fleet', 'image'], 'no name where there is one image only');
    return { ...given, image, images };
  }
  if (image !== undefined) return problem(['images'], 'either "image" or "images"');
  const names = Object.keys(images);
  if (names.length === 0) return problem(['images'], 'at least one image');
  const several = fleet !== undefined && names.length > 1;
  if (several && fleet.image === undefined) return problem(['fleet', 'image'], 'a name');
  const imageName = fleet?.image ?? names[0]!;
  const chosen = images[imageName];
  if (!chosen) return problem(['fleet', 'image'], `one of ${names.join(', ')}`);
  return { ...given, image: chosen, imageName, images };
}

/** A project of servers that stay needs no image. What asks for it all the same hears so. */
const withoutImage = <T extends object>(config: T): T & { image: ImageConfig } =>
  Object.defineProperty(config, 'image', {
    enumerable: false,
    get() {
      throw usageError(
        'bake.yaml has no image',
        'Releases reach its servers by `bake rollout --strategy in-place`.',
      );
    },
  }) as T & { image: ImageConfig };

/** Whether the project bakes images at all. */
export const hasImage = (config: object): boolean => Object.keys(config).includes('image');
