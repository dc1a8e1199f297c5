import type { Alarms } from './port/alarms.ts';
import type { Commands } from './port/commands.ts';
import type { GroupCopies } from './port/group-copies.ts';
import type { ScalingGroups } from './port/groups.ts';
import type { Images } from './port/images.ts';
import type { Instances } from './port/instances.ts';
import type { Leftovers } from './port/leftovers.ts';
import type { LifecycleHooks } from './port/lifecycle-hooks.ts';
import type { Logs } from './port/logs.ts';
import type { Networks } from './port/networks.ts';
import type { Parameters } from './port/parameters.ts';
import type { Permissions } from './port/permissions.ts';
import type { Queues } from './port/queues.ts';
import type { InstanceRefreshes } from './port/refreshes.ts';
import type { Scaling } from './port/scaling.ts';
import type { SshAccess } from './port/ssh-access.ts';
import type { Staging } from './port/staging.ts';
import type { LaunchTemplates } from './port/templates.ts';
import type { Traffic } from './port/traffic.ts';

export type * from './port/alarms.ts';
export type * from './port/commands.ts';
export type * from './port/group-copies.ts';
export type * from './port/groups.ts';
export type * from './port/images.ts';
export type * from './port/instances.ts';
export type * from './port/leftovers.ts';
export type * from './port/lifecycle-hooks.ts';
export type * from './port/logs.ts';
export type * from './port/networks.ts';
export type * from './port/parameters.ts';
export type * from './port/permissions.ts';
export type * from './port/queues.ts';
export type * from './port/refreshes.ts';
export type * from './port/scaling.ts';
export type * from './port/ssh-access.ts';
export type * from './port/staging.ts';
export type * from './port/surroundings.ts';
export type * from './port/tags.ts';
export type * from './port/templates.ts';
export type * from './port/traffic.ts';

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
  /**
   * Who is calling; fails with a clear word when credentials are missing, wrong or expired. `clockAhead`: by how much the clock of this
   * machine is ahead of the cloud's, milliseconds, where the answer tells.
   */
  identity(): Promise<{ account: string; principal: string; clockAhead?: number }>;
  readonly images: Images;
  readonly instances: Instances;
  readonly commands: Commands;
  readonly sshAccess: SshAccess;
  readonly staging: Staging;
  readonly templates: LaunchTemplates;
  readonly groups: ScalingGroups;
  readonly copies: GroupCopies;
  readonly traffic: Traffic;
  readonly scaling: Scaling;
  readonly alarms: Alarms;
  readonly lifecycleHooks: LifecycleHooks;
  readonly refreshes: InstanceRefreshes;
  /**
   * Whether a refresh itself lets new instances warm up, pauses at a checkpoint for its whole delay whoever held it meanwhile, and soaks.
   * Where it does not, whoever follows it waits.
   */
  readonly refreshesKeepTime: boolean;
  readonly queues: Queues;
  readonly logs: Logs;
  readonly networks: Networks;
  readonly parameters: Parameters;
  readonly leftovers: Leftovers;
  readonly permissions: Permissions;
  /** The same account in another region; `close` of this one closes it too. */
  inRegion(region: string): Cloud;
  /** Lets go of sockets, so that the process can end. */
  close(): void;
}
