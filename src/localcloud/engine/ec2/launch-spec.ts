import type { Tags } from './resources.ts';

export interface MetadataOptions {
  httpTokens: 'optional' | 'required';
  httpPutResponseHopLimit: number;
  httpEndpoint: 'enabled' | 'disabled';
  instanceMetadataTags: 'enabled' | 'disabled';
}

/** One entry of a block device mapping, as far as it makes a volume. Sizes in GiB, throughput in MiB/s. */
export interface BlockDevice {
  deviceName: string;
  size?: number;
  type?: string;
  iops?: number;
  throughput?: number;
  encrypted?: boolean;
  kmsKeyId?: string;
  snapshotId?: string;
  deleteOnTermination?: boolean;
  /** The image's device of this name is left out. */
  noDevice?: boolean;
}

/** An instance that costs less and can be taken back. */
export interface SpotOptions {
  /** US dollars an hour; without one the on-demand price is the limit. */
  maxPrice?: string;
  type: 'one-time' | 'persistent';
  behavior: 'terminate' | 'stop' | 'hibernate';
  /** A request that is not fulfilled by then is closed. */
  validUntil?: number;
  /** The request that the launch is for; without one it is made by the launch. */
  requestId?: string;
}

/** Everything that instances are made from, whoever launches them. */
export interface LaunchSpec {
  imageId: string;
  instanceType: string;
  /** Zone name; a subnet decides where one is given. */
  zone?: string;
  subnetId?: string;
  securityGroupIds?: string[];
  keyName?: string;
  /** Name or ARN of the instance profile, as given. */
  profile?: string;
  /** Base64. */
  userData?: string;
  /** Bytes before it is encoded, where it is not EC2's own limit. */
  mostUserData?: number;
  /** By resource type: `instance`, `volume`, `spot-instances-request`. */
  tags?: Record<string, Tags>;
  shutdownBehavior?: 'stop' | 'terminate';
  disableApiTermination?: boolean;
  metadataOptions?: Partial<MetadataOptions>;
  blockDevices?: BlockDevice[];
  monitoring?: boolean;
  ebsOptimized?: boolean;
  cpuCredits?: string;
  launchTemplate?: { id: string; version: number };
  clientToken?: string;
  spot?: SpotOptions;
}
