import type { Engine } from '../engine.ts';

/** What ECS knows of an instance beyond what the engine does. */
export interface EcsInstance {
  instanceId: string;
  name: string;
  hostName: string;
  /** AutoReleaseTime: when it is released, whoever is still there. Milliseconds. */
  releaseAt?: number;
  spotStrategy: string;
}

export const ecsInstances = (engine: Engine) => engine.store.table<EcsInstance>('ecsInstances');

/** What ECS knows of an image beyond what the engine does. */
export interface EcsImage {
  imageId: string;
  family: string;
  /** Deprecated images can still be launched, but are no longer what their family means. */
  deprecated: boolean;
}

export const ecsImages = (engine: Engine) => engine.store.table<EcsImage>('ecsImages');
