import type { Tags } from './tags.ts';

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

export interface Instance {
  id: string;
  state: InstanceState;
  /** Why it left its state ("Client.UserInitiatedShutdown …", "Server.InsufficientInstanceCapacity …"). */
  reason?: string;
  imageId: string;
  instanceType: string;
  privateAddress?: string;
  publicAddress?: string;
  /** What gives it credentials (AWS: ARN of the instance profile). */
  instanceProfile?: string;
  securityGroupIds: string[];
  launchedAt: number;
  tags: Tags;
}

export interface RootVolume {
  sizeGiB?: number;
  type: string;
  iops?: number;
  /** MiB/s. */
  throughput?: number;
  encrypted: boolean;
  kmsKey?: string;
}

export interface LaunchRequest {
  /** Idempotency token, at most 64 ASCII characters. */
  token: string;
  imageId: string;
  /** The device that the image boots from, where it is known already. */
  rootDevice?: string;
  instanceType: string;
  subnetId?: string;
  /** As spot capacity: cheaper, may be reclaimed at any time, and cannot be stopped. Default: on demand. */
  spot?: boolean;
  securityGroupIds?: string[];
  instanceProfile?: string;
  /** Key pair whose holder may log in. */
  keyName?: string;
  rootVolume: RootVolume;
  /** Plain text; the adapter encodes it. */
  userData: string;
  /** On instance, volume and network interface, in the creating call. */
  tags: Tags;
  /** The machine ends itself for good when it shuts down from inside (the dead man's switch needs it). */
  terminateOnShutdown: boolean;
}

/** The cloud has no room for this type in this place: try the next. */
export interface NoCapacity {
  noCapacity: string;
}

/** A machine that will be there. */
export interface Launched {
  instanceId: string;
  /** Known from the beginning, and kept as long as it exists. */
  privateAddress?: string;
}

export interface Instances {
  launch(request: LaunchRequest): Promise<Launched | NoCapacity>;
  find(ids: string[]): Promise<Instance[]>;
  findByTags(tags: Tags): Promise<Instance[]>;
  /** Own instances launched from one of these images, in any state but terminated. */
  findByImages(imageIds: string[]): Promise<Instance[]>;
  setTags(instanceId: string, tags: Tags): Promise<void>;
  start(instanceId: string): Promise<void>;
  stop(instanceId: string): Promise<void>;
  /** In order, keeping disk and addresses; returns before it goes down. */
  reboot(instanceId: string): Promise<void>;
  /** Succeeds when it is gone. */
  terminate(instanceId: string): Promise<void>;
  /** What the machine wrote to its console (user data's output is in it), oldest first; empty when there is none. */
  console(instanceId: string): Promise<string>;
}
