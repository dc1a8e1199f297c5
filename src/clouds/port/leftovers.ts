import type { Tags } from './tags.ts';

/** What a crashed run can leave behind besides instances and images. */
export type LeftoverKind = 'volume' | 'snapshot' | 'key pair' | 'security group';

/** What a build makes beside instances and images. */
export interface Leftover {
  kind: LeftoverKind;
  id: string;
  name: string;
  tags: Tags;
  /** A volume that is attached, a snapshot that an image stands on: goes with what uses it. */
  inUse: boolean;
}

export interface Leftovers {
  /** Own ones of these kinds that carry all of these tags. */
  find(kinds: LeftoverKind[], tags: Tags): Promise<Leftover[]>;
  /** Succeeds when it is gone. Waits while the cloud still counts what is ending as its user. */
  remove(leftover: Leftover): Promise<void>;
}
