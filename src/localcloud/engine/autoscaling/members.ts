import type { Engine } from '../engine.ts';
import type { TemplateReference } from './groups.ts';

export type LifecycleState =
  | 'Pending'
  | 'Pending:Wait'
  | 'Pending:Proceed'
  | 'InService'
  | 'Standby'
  | 'Terminating'
  | 'Terminating:Wait'
  | 'Terminating:Proceed'
  | 'Terminating:Retained'
  | 'Warmed:Pending'
  | 'Warmed:Pending:Wait'
  | 'Warmed:Pending:Proceed'
  | 'Warmed:Stopped'
  | 'Warmed:Running'
  | 'Warmed:Hibernated'
  | 'Warmed:Terminating'
  | 'Warmed:Terminating:Wait'
  | 'Warmed:Terminating:Proceed'
  | 'Warmed:Terminating:Retained';

/** A lifecycle hook that holds a member in a wait state. */
export interface LifecycleAction {
  hook: string;
  token: string;
  defaultResult: 'CONTINUE' | 'ABANDON';
  /** Milliseconds that a heartbeat adds, at the engine's speed. */
  heartbeat: number;
  /** When the default result is taken. */
  deadline: number;
  /** No heartbeat moves the deadline beyond this. */
  globalDeadline: number;
}

/** One instance of a group. Leaves the table when its instance is terminated or detached. */
export interface MemberRecord {
  instanceId: string;
  group: string;
  state: LifecycleState;
  /** Since when it is in `state`. */
  since: number;
  healthy: boolean;
  /** Why it is not, in the words of a scaling activity's cause. */
  unhealthyBecause?: string;
  zone: string;
  instanceType: string;
  imageId: string;
  /** As launched: `version` is a number. Absent when attached by hand. */
  template?: TemplateReference;
  protected: boolean;
  /** Units of the group's capacity that it is; absent: one. */
  weight?: number;
  /** Bought on the spot market. */
  spot?: boolean;
  launchedAt: number;
  inServiceAt?: number;
  /** The refresh whose configuration it was launched with, if one ran then. */
  refresh?: { id: string; direction: 'forward' | 'rollback' };
  /** The instance refresh that took it out of service. */
  replacedBy?: string;
  /** When it may enter service; set when its instance runs and its launch hooks are complete. */
  readyAt?: number;
  /** Target groups that it was registered with. */
  targets?: string[];
  /** On its way out, its load balancers still finishing requests. */
  draining?: true;
  /** It was taken from the warm pool. */
  fromPool?: true;
  /** On its way out of service, back to the warm pool. */
  returns?: true;
  /** Launched to even out the zones: another goes when it is in service. */
  rebalances?: true;
  /** Hooks it still waits for. */
  actions: LifecycleAction[];
  /** The scaling activity that launches or ends it. */
  activityId: string;
}

export const members = (engine: Engine) => engine.store.table<MemberRecord>('autoScalingMembers');

interface Company {
  live: MemberRecord[];
  pool: MemberRecord[];
}

const NOBODY: Company = { live: [], pool: [] };

/** All members by group, as of one version of the store: each settle asks for them many times over, and mostly nothing changed. */
const companies = new WeakMap<Engine, { version: number; byGroup: Map<string, Company> }>();

function companyOf(engine: Engine, group: string): Company {
  const { version } = engine.store;
  let index = companies.get(engine);
  if (index?.version !== version) {
    index = { version, byGroup: new Map() };
    for (const member of members(engine).all()) {
      const company = index.byGroup.get(member.group) ?? { live: [], pool: [] };
      (isWarm(member) ? company.pool : company.live).push(member);
      index.byGroup.set(member.group, company);
    }
    companies.set(engine, index);
  }
  return index.byGroup.get(group) ?? NOBODY;
}

/** Without those of its warm pool. */
export const membersOf = (engine: Engine, group: string): readonly MemberRecord[] =>
  companyOf(engine, group).live;

/** The group's warm pool. */
export const poolOf = (engine: Engine, group: string): readonly MemberRecord[] =>
  companyOf(engine, group).pool;

export const isWarm = ({ state }: MemberRecord) => state.startsWith('Warmed:');

export const isPending = ({ state }: MemberRecord) => state.startsWith('Pending');

/** On its way in, into the group or into its warm pool. */
export const isLaunching = ({ state }: MemberRecord) => /^(Warmed:)?Pending/.test(state);

/** On its way out, of the group or of its warm pool. */
export const isTerminating = ({ state }: MemberRecord) => /^(Warmed:)?Terminating/.test(state);

export const isRetained = ({ state }: MemberRecord) => state.endsWith('Terminating:Retained');

/** Counts towards the desired capacity: in service, or about to be. */
export const isActive = (member: MemberRecord) => member.state === 'InService' || isPending(member);

/** When a member has been in service for its warmup; undefined while it is not in service and healthy. */
export const warmAt = (member: MemberRecord, warmup: number) =>
  member.state === 'InService' && member.healthy ? (member.inServiceAt ?? 0) + warmup : undefined;
