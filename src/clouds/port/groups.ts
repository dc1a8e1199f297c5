import type { LifecycleHook } from './lifecycle-hooks.ts';
import type { Tags } from './tags.ts';

export interface GroupInstance {
  id: string;
  /** The cloud's lifecycle state: "Pending", "InService", "Terminating:Wait" … */
  lifecycle: string;
  healthy: boolean;
  zone: string;
  /** The launch template version it was launched with; undefined when it was attached by hand. */
  templateVersion?: number;
  protectedFromScaleIn: boolean;
}

export interface ScalingGroup {
  name: string;
  min: number;
  max: number;
  desired: number;
  /** `version` is a number, or `$Latest`/`$Default` when someone else set it so. */
  template: { id: string; name: string; version: number | '$Latest' | '$Default' };
  healthCheckType: string;
  /** Milliseconds. */
  healthCheckGrace: number;
  /** Milliseconds; undefined when the group has none. */
  defaultWarmup?: number;
  subnets: string[];
  zones: string[];
  suspendedProcesses: string[];
  metricsEnabled: boolean;
  /** Whether new instances are protected from scale-in. */
  protectFromScaleIn: boolean;
  /** ARNs of the target groups that send to its instances. */
  targetGroups: string[];
  /** "in-progress" while it is being deleted, in the cloud's own words; undefined otherwise. */
  status?: string;
  tags: Tags;
  instances: GroupInstance[];
}

export interface GroupSettings {
  name: string;
  min: number;
  max: number;
  desired: number;
  template: { id: string; version: number };
  subnets: string[];
  /** Used only where no subnets are named. */
  zones: string[];
  /** "EC2" or "EC2,ELB" as the cloud writes it. */
  healthCheckType: string;
  healthCheckGrace: number;
  defaultWarmup: number;
  metricsEnabled: boolean;
  /** New instances are protected from scale-in. */
  protectFromScaleIn?: boolean;
  /** All propagate to instances. */
  tags: Tags;
}

/** A new group with what has to be there before its first instance. */
export interface NewGroup extends GroupSettings {
  /** Tags that its instances do not get. */
  groupOnlyTags?: Tags;
  hooks?: LifecycleHook[];
  /** ARNs. */
  targetGroups?: string[];
}

export interface ScalingActivity {
  id: string;
  startedAt: number;
  endedAt?: number;
  state: 'in-progress' | 'successful' | 'failed' | 'cancelled';
  /** What bake looks for begins so on every cloud: "Launching a new …", "Terminating EC2 instance: i-…" (ECS). */
  description: string;
  cause: string;
  message?: string;
}

export interface ScalingGroups {
  find(name: string): Promise<ScalingGroup | undefined>;
  /** Several at once, in one call; those that do not exist are left out. */
  findAll(names: string[]): Promise<ScalingGroup[]>;
  /** All of the account in this region, whoever made them. */
  list(): Promise<ScalingGroup[]>;
  create(settings: NewGroup): Promise<void>;
  /** Size, template, health check, warmup, metrics: only what is given is changed. */
  update(name: string, changes: Partial<Omit<GroupSettings, 'name' | 'tags'>>): Promise<void>;
  /**
   * `propagate`: whether instances launched from now on carry them too. What says something about the group as it is now
   * (its release) must not: a new instance of the next release would carry the old one's name, for a group's tag wins over
   * its launch template's.
   */
  setTags(name: string, tags: Tags, options: { propagate: boolean }): Promise<void>;
  removeTags(name: string, keys: string[]): Promise<void>;
  /** Stops processes of the group by the cloud's names (AWS: "AlarmNotification", "ScheduledActions", "InstanceRefresh" …). Never all. */
  suspend(name: string, processes: string[]): Promise<void>;
  /** Only these: what somebody else suspended stays so. */
  resume(name: string, processes: string[]): Promise<void>;
  /** With all its instances. Succeeds when it is gone. */
  remove(name: string): Promise<void>;
  /** Fails when it has an instance: nothing that works is ended. Succeeds when it is gone. */
  removeEmpty(name: string): Promise<void>;
  terminateInstance(instanceId: string, options: { decrementDesired: boolean }): Promise<void>;
  /** Newest first, at most `limit` (default 20). */
  activities(name: string, limit?: number): Promise<ScalingActivity[]>;
  /** The zones of the region, for a group without subnets. */
  zones(): Promise<string[]>;
}
