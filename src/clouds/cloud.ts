/**
 * The port: everything bake asks of a cloud, in bake's own words. No SDK type appears here.
 * Adapters retry throttling, 5xx, network errors and eventual consistency themselves, so a caller sees either
 * the answer or a final `BakeError`. All ids are the cloud's own. Times are milliseconds since the epoch,
 * durations milliseconds, sizes GiB. `undefined` means "not there", never an exception, for every `find*`.
 */
export interface Cloud {
  readonly kind: 'aws' | 'alicloud';
  readonly region: string;
  /** True for the embedded local cloud. */
  readonly local: boolean;
  /** Who is calling; fails with a clear word when credentials are missing, wrong or expired. */
  identity(): Promise<{ account: string; principal: string }>;
  readonly images: Images;
  readonly instances: Instances;
  readonly commands: Commands;
  readonly templates: LaunchTemplates;
  readonly groups: ScalingGroups;
  readonly refreshes: InstanceRefreshes;
  readonly queues: Queues;
  readonly logs: Logs;
  /** Lets go of sockets, so that the process can end. */
  close(): void;
}

export type Tags = Record<string, string>;

// ---- images -------------------------------------------------------------------------------------------------

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

// ---- instances ----------------------------------------------------------------------------------------------

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

export interface Instance {
  id: string;
  state: InstanceState;
  /** Why it left its state ("Client.UserInitiatedShutdown …", "Server.InsufficientInstanceCapacity …"). */
  reason?: string;
  imageId: string;
  instanceType: string;
  privateAddress?: string;
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
  instanceType: string;
  subnetId?: string;
  securityGroupIds?: string[];
  instanceProfile?: string;
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

export interface Instances {
  launch(request: LaunchRequest): Promise<{ instanceId: string } | NoCapacity>;
  find(ids: string[]): Promise<Instance[]>;
  findByTags(tags: Tags): Promise<Instance[]>;
  start(instanceId: string): Promise<void>;
  stop(instanceId: string): Promise<void>;
  /** Succeeds when it is gone. */
  terminate(instanceId: string): Promise<void>;
  /** What the machine wrote to its console (user data's output is in it), oldest first; empty when there is none. */
  console(instanceId: string): Promise<string>;
}

// ---- commands on instances (AWS: SSM Run Command; Alibaba Cloud: Cloud Assistant) -----------------------------

export type CommandState = 'pending' | 'running' | 'success' | 'failed' | 'timed-out' | 'cancelled';

export interface CommandResult {
  state: CommandState;
  exitCode?: number;
  /** At most the first 24,000 characters (AWS: GetCommandInvocation). */
  stdout: string;
  /** At most the first 8,000 characters. */
  stderr: string;
}

export interface Commands {
  /** Whether the agent on the instance answers. */
  reachable(instanceId: string): Promise<boolean>;
  /** Runs a shell script as root. Not idempotent (the clouds offer no token): guard the script where it matters. */
  send(instanceId: string, script: string, options: { timeout: number; comment?: string }): Promise<string>;
  result(instanceId: string, commandId: string): Promise<CommandResult>;
  cancel(instanceId: string, commandId: string): Promise<void>;
}

// ---- launch templates ---------------------------------------------------------------------------------------

/** What a launch template version says. Compared field by field to find out whether a new version is needed. */
export interface LaunchSettings {
  imageId: string;
  instanceType: string;
  instanceProfile?: string;
  securityGroupIds: string[];
  keyName?: string;
  monitoring: boolean;
  ebsOptimized: boolean;
  rootVolume?: RootVolume & { device: string };
  userData: string;
  /** On instances and volumes. */
  tags: Tags;
}

export interface LaunchTemplate {
  id: string;
  name: string;
  defaultVersion: number;
  latestVersion: number;
  tags: Tags;
}

export interface LaunchTemplateVersion {
  version: number;
  description: string;
  createdAt: number;
  settings: LaunchSettings;
}

export interface LaunchTemplates {
  findByName(name: string): Promise<LaunchTemplate | undefined>;
  /** Creates the template with its version 1. */
  create(request: {
    token: string;
    name: string;
    description: string;
    settings: LaunchSettings;
    tags: Tags;
  }): Promise<LaunchTemplate>;
  /** A new version with these settings; from `source`, what `settings` does not name is kept (templates of other makers). */
  createVersion(request: {
    token: string;
    templateId: string;
    source?: number;
    description: string;
    settings: Partial<LaunchSettings>;
  }): Promise<number>;
  /** One version, or undefined. */
  findVersion(templateId: string, version: number): Promise<LaunchTemplateVersion | undefined>;
  /** All versions, newest first. */
  versions(templateId: string): Promise<LaunchTemplateVersion[]>;
  remove(templateId: string): Promise<void>;
}

// ---- scaling groups -----------------------------------------------------------------------------------------

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
  /** All propagate to instances. */
  tags: Tags;
}

export interface ScalingActivity {
  id: string;
  startedAt: number;
  endedAt?: number;
  state: 'in-progress' | 'successful' | 'failed' | 'cancelled';
  description: string;
  cause: string;
  message?: string;
}

export interface ScalingGroups {
  find(name: string): Promise<ScalingGroup | undefined>;
  create(settings: GroupSettings): Promise<void>;
  /** Size, template, health check, warmup, metrics: only what is given is changed. */
  update(name: string, changes: Partial<Omit<GroupSettings, 'name' | 'tags'>>): Promise<void>;
  /**
   * `propagate`: whether instances launched from now on carry them too. What says something about the group as it is now
   * (its release) must not: a new instance of the next release would carry the old one's name, for a group's tag wins over
   * its launch template's.
   */
  setTags(name: string, tags: Tags, options: { propagate: boolean }): Promise<void>;
  /** With all its instances. Succeeds when it is gone. */
  remove(name: string): Promise<void>;
  terminateInstance(instanceId: string, options: { decrementDesired: boolean }): Promise<void>;
  /** Newest first, at most `limit` (default 20). */
  activities(name: string, limit?: number): Promise<ScalingActivity[]>;
  /** The zones of the region, for a group without subnets. */
  zones(): Promise<string[]>;
}

// ---- instance refresh ---------------------------------------------------------------------------------------

export type RefreshState =
  | 'pending'
  | 'in-progress'
  | 'baking'
  | 'cancelling'
  | 'rollback-in-progress'
  | 'successful'
  | 'failed'
  | 'cancelled'
  | 'rollback-successful'
  | 'rollback-failed';

export interface InstanceRefresh {
  id: string;
  state: RefreshState;
  /** The cloud's own words. */
  reason?: string;
  /** 0-100. */
  percent: number;
  instancesToUpdate: number;
  startedAt?: number;
  endedAt?: number;
  rollback?: { reason: string; percent: number; instancesToUpdate: number };
  /** The launch template version it brings. */
  templateVersion?: number;
  checkpoints: number[];
}

export interface RefreshPreferences {
  minHealthyPercentage: number;
  maxHealthyPercentage: number;
  /** Milliseconds. */
  warmup?: number;
  checkpoints: number[];
  checkpointDelay?: number;
  skipMatching: boolean;
  autoRollback: boolean;
  alarms: string[];
  /** AWS: BakeTime. */
  soak: number;
  scaleInProtected: 'refresh' | 'ignore' | 'wait';
  standby: 'terminate' | 'ignore' | 'wait';
}

export interface InstanceRefreshes {
  /** The desired configuration is always sent, as a number. Fails with the words of the cloud when one is active. */
  start(
    group: string,
    request: { templateId: string; version: number; preferences: RefreshPreferences },
  ): Promise<string>;
  find(group: string, refreshId: string): Promise<InstanceRefresh | undefined>;
  /** Newest first. */
  list(group: string): Promise<InstanceRefresh[]>;
  /** False when there is none that could be rolled back. */
  rollback(group: string): Promise<boolean>;
  /** False when there is none active. */
  cancel(group: string): Promise<boolean>;
}

// ---- queues and logs, for smoke tests -------------------------------------------------------------------------

export interface Queue {
  url: string;
  arn: string;
  name: string;
  /** Milliseconds. */
  visibilityTimeout: number;
  /** Approximate, and late by up to a minute. */
  visible: number;
  inFlight: number;
  delayed: number;
  deadLetter?: { name: string; maxReceiveCount: number };
}

export interface Queues {
  /** By name or URL. */
  find(nameOrUrl: string): Promise<Queue | undefined>;
  /** Returns the message id. */
  send(queueUrl: string, body: string, attributes: Record<string, string>): Promise<string>;
  /** Finds or creates; `deadLetter` names an existing queue. Returns the URL. */
  create(request: {
    name: string;
    visibilityTimeout: number;
    deadLetter?: { name: string; maxReceiveCount: number };
    tags: Tags;
  }): Promise<string>;
}

export interface LogEvent {
  time: number;
  stream: string;
  message: string;
}

export interface Logs {
  /**
   * Events since `since`, oldest first, all pages up to `limit` (default 1000); `pattern` is the cloud's filter pattern.
   * Only streams whose name contains one of `streamsContaining`, when given. An unknown group has no events.
   */
  search(request: {
    group: string;
    since: number;
    pattern?: string;
    streamsContaining?: string[];
    limit?: number;
  }): Promise<LogEvent[]>;
}
