import type { Engine } from '../engine.ts';
import type { MetadataOptions } from './launch-spec.ts';
import { findResource, type Tags } from './resources.ts';

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

export interface InstanceRecord {
  instanceId: string;
  /** Instances launched by one request share it. */
  reservationId: string;
  launchIndex: number;
  state: InstanceState;
  /** Why it is in this state; undefined while all is as asked. */
  stateReason?: { code: string; message: string };
  /** `User initiated (2026-01-01 00:00:00 GMT)`; empty while it runs. */
  transitionReason: string;
  imageId: string;
  instanceType: string;
  architecture: string;
  zone: string;
  subnetId: string;
  vpcId: string;
  securityGroupIds: string[];
  keyName?: string;
  /** Of that key pair, with its name; an instance keeps it when the key pair is deleted. */
  publicKey?: string;
  /** Name or ARN of the instance profile, as given. */
  profile?: string;
  /** Set where the profile was given to it later than by its launch. */
  profileAssociation?: { id: string; at: number };
  /** Base64; empty without. */
  userData: string;
  tags: Tags;
  /** Milliseconds. */
  createdAt: number;
  /** Milliseconds; set anew by a start. */
  launchedAt: number;
  shutdownBehavior: 'stop' | 'terminate';
  disableApiTermination: boolean;
  metadataOptions: MetadataOptions;
  monitoring: boolean;
  ebsOptimized: boolean;
  /** `standard` or `unlimited`, where it is not as usual for the type. */
  cpuCredits?: string;
  /** Its own IPv4 address; in 127.0.0.0/8 where it has processes. */
  address: string;
  /** Private DNS name: ip-… */
  dnsName: string;
  /** Image layers its disk lies on, topmost first. */
  layers: string[];
  rootDeviceName: string;
  blockDevices: { deviceName: string; volumeId: string; deleteOnTermination: boolean; attachedAt: number }[];
  launchTemplate?: { id: string; version: number };
  clientToken?: string;
  /** The spot request that it fulfils. */
  spotRequestId?: string;
  /** Frozen and not booted since: its disk is its layers and nothing more. */
  unchanged?: boolean;
  /** Has come up at least once: user data has had its turn. */
  booted: boolean;
  /** A running machine that has to go down and come up again, and why. */
  restart?: 'reboot' | 'image' | 'recovery' | 'root-volume';
  /** End of the present transition; undefined while the runtime is still at work on it (or it is none). */
  dueAt?: number;
}

export const instances = (engine: Engine) => engine.store.table<InstanceRecord>('instances');

/** Throws InvalidInstanceID.NotFound or InvalidInstanceID.Malformed. */
export const findInstance = (engine: Engine, id: string) => findResource<InstanceRecord>(engine, 'i', id);
