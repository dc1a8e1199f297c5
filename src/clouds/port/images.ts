import type { Tags } from './tags.ts';

export type ImageState = 'pending' | 'available' | 'failed';

export interface Image {
  id: string;
  name: string;
  state: ImageState;
  /** Why it failed, when it did. */
  reason?: string;
  architecture: string;
  createdAt: number;
  tags: Tags;
  snapshotIds: string[];
  rootDevice: string;
}

/** How the configuration names a base image: exactly one of the three. */
export type BaseImageQuery =
  | { id: string }
  | { ssmParameter: string }
  | { filter: { owner: string; name: string; architecture?: string } };

export interface Images {
  /** The one image that the query means now (the most recent for a filter), or undefined. */
  resolve(query: BaseImageQuery): Promise<Image | undefined>;
  find(ids: string[]): Promise<Image[]>;
  /** Own images that carry all of these tags; a value list means any of them. */
  findByTags(tags: Record<string, string | string[]>): Promise<Image[]>;
  findByName(name: string): Promise<Image | undefined>;
  /** From a stopped instance. Idempotent by name: a second call with the same name finds the first's image. Tags image and snapshots in the creating call. */
  createFromInstance(request: {
    instanceId: string;
    name: string;
    description: string;
    tags: Tags;
  }): Promise<string>;
  setTags(imageId: string, tags: Tags): Promise<void>;
  /** Deregisters the image and deletes its snapshots. Succeeds when it is gone. */
  remove(imageId: string): Promise<void>;
}
