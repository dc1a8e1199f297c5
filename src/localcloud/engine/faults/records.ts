import type { Engine } from '../engine.ts';

/** Which of the matching requests (or launches) a rule strikes: all, unless one of these says otherwise. */
export interface Occasion {
  /** Only this one, counted from 1. */
  nth?: number;
  /** This one and its multiples. */
  every?: number;
  /** Each with this probability, by the seed. */
  probability?: number;
  /** At most so many. */
  count?: number;
}

export type RequestEffect = 'throttle' | 'error' | 'latency' | 'hang' | 'lost-answer' | 'http-500';

export interface RequestRule extends Occasion {
  id: string;
  /** As in the signature: ec2, autoscaling, sqs … */
  service?: string;
  /** As on the wire; may end with a star. */
  operation?: string;
  effect: RequestEffect;
  /** Of `error`. */
  code?: string;
  message?: string;
  status?: number;
  /** Of `latency`. */
  milliseconds?: number;
  seen: number;
  fired: number;
}

export type InstanceEffect = 'fail-boot' | 'die' | 'unhealthy' | 'reclaim-spot';

export interface InstanceRule extends Occasion {
  id: string;
  /** This one, launched already or not; else those that are launched from now on. */
  instanceId?: string;
  /** All of these. */
  tags?: Record<string, string>;
  imageId?: string;
  effect: InstanceEffect;
  /** After it began to run (of `unhealthy`: after it came into service). Not shortened by speed: real processes run meanwhile. */
  milliseconds?: number;
  seen: number;
  fired: number;
}

/** What was decided about an instance when it was first seen. */
export interface Fate {
  instanceId: string;
  effect?: InstanceEffect;
  milliseconds?: number;
  dueAt?: number;
}

/** In the order in which they were set: the first that strikes decides. */
export const requestRules = (engine: Engine) => engine.store.table<RequestRule>('faultRequests');

export const instanceRules = (engine: Engine) => engine.store.table<InstanceRule>('faultInstances');

export const fates = (engine: Engine) => engine.store.table<Fate>('faultFates');

interface FaultSettings {
  seed: number;
  /** Numbers the rules. */
  rules: number;
}

const settings = (engine: Engine) => engine.store.table<FaultSettings>('faultSettings');

export const faultSettings = (engine: Engine): FaultSettings =>
  settings(engine).get('faults') ?? { seed: 1, rules: 0 };

export const changeFaultSettings = (engine: Engine, change: Partial<FaultSettings>): FaultSettings =>
  settings(engine).put('faults', { ...faultSettings(engine), ...change });
