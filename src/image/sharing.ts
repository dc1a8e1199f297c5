import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';

/** Dates and protection of a finished image: what nobody else notices. `createdAt`: milliseconds since the epoch. */
export async function settleImage(
  cloud: Cloud,
  project: Project,
  imageId: string,
  createdAt: number,
): Promise<void> {
  const { deprecateAfter, protect } = project.config.image.distribute;
  if (deprecateAfter !== undefined) await cloud.images.deprecate(imageId, createdAt + deprecateAfter);
  if (protect) await cloud.images.setProtection(imageId, true);
}

/** Lets the configured accounts and organisations launch from it. */
export async function shareImage(cloud: Cloud, project: Project, imageId: string): Promise<void> {
  const { accounts, organizations } = project.config.image.distribute;
  if (accounts.length + organizations.length > 0) {
    await cloud.images.share(imageId, { accounts, organizations });
  }
}
