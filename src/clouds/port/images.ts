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
  /** Protected against being removed. */
  protected?: boolean;
  /** When an instance was last launched from it, by anybody; the clouds know it a day late. */
  lastLaunchedAt?: number;
}

export interface ImageRequest {
  instanceId: string;
  name: string;
  description: string;
  tags: Tags;
  running?: boolean;
}

/** A copy of an image of another region, in this one. */
export interface CopyRequest {
  /** Idempotency token, at most 64 ASCII characters. */
  token: string;
  imageId: string;
  fromRegion: string;
  name: string;
  description: string;
  /** On the image and its snapshots, in the creating call. */
  tags: Tags;
  /** Encrypt the copy: with this key, or with the account's default for the region. */
  encrypted: boolean;
  kmsKey?: string;
}

/** With whom an image is shared. */
export interface ImageAudience {
  /** Account ids. */
  accounts: string[];
  /** ARNs of organisations and of their units. */
  organizations: string[];
}

/** How the configuration names a base image: exactly one of the four. */
export type BaseImageQuery =
  | { id: string }
  | { ssmParameter: string }
  /** Alibaba Cloud: an image family, which stands for its newest image. */
  | { family: string }
  | { filter: { owner: string; name: string; architecture?: string } };

export interface Images {
  /** The one image that the query means now (the most recent for a filter), or undefined. */
  resolve(query: BaseImageQuery): Promise<Image | undefined>;
  find(ids: string[]): Promise<Image[]>;
  /** Own images that carry all of these tags; a value list means any of them. */
  findByTags(tags: Record<string, string | string[]>): Promise<Image[]>;
  findByName(name: string): Promise<Image | undefined>;
  /**
   * Of the instance's disk at rest: one that runs is restarted for it. With `running` of the disk as it is, while the instance goes on;
   * what is written after the answer is not in it. Idempotent by name: a second call with the same name finds the first's
   * image. Tags image and snapshots in the creating call.
   */
  createFromInstance(request: ImageRequest): Promise<string>;
  /** Into this region. A wrong key is found out later: the copy fails, with the reason. */
  copy(request: CopyRequest): Promise<string>;
  /** Lets these launch from it as well. Keys of encrypted snapshots are shared in their own policies. */
  share(imageId: string, audience: ImageAudience): Promise<void>;
  /** From then on listings of others leave it out. AWS: to the minute, in the future. */
  deprecate(imageId: string, at: number): Promise<void>;
  /** Against being removed. */
  setProtection(imageId: string, enabled: boolean): Promise<void>;
  /** Alibaba Cloud: makes it the newest image of a family of images. */
  joinFamily(imageId: string, family: string): Promise<void>;
  /** On one image or several, in one call. */
  setTags(imageIds: string | string[], tags: Tags): Promise<void>;
  /** Deregisters the image and deletes its snapshots. Succeeds when it is gone. */
  remove(imageId: string): Promise<void>;
}
