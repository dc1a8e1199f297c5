import type { Cloud } from '../../src/clouds/cloud.ts';
import { ownTags, TAG } from '../../src/run/tags.ts';
import { testProject } from './project.ts';

export const BASE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

/** A release of the project `testing` that took no build: a copy of the base image, whose id is returned. */
export async function addCopiedRelease(cloud: Cloud, release: string): Promise<string> {
  const base = await cloud.images.resolve({ ssmParameter: BASE });
  const imageId = await cloud.images.copy({
    token: `release-${release}`,
    imageId: base!.id,
    fromRegion: cloud.region,
    name: `testing-${release}`,
    description: '',
    tags: ownTags(testProject(), 'build', { [TAG.release]: release, [TAG.published]: 'yes' }),
    encrypted: true,
  });
  while ((await cloud.images.find([imageId]))[0]?.state !== 'available');
  return imageId;
}
