import type { Tags } from './tags.ts';

/** The other colour: a scaling group made like another, with everything that belongs to it. */
export interface GroupCopies {
  /**
   * Makes `to.name` like the group `from`: every setting, lifecycle hooks (in the creating call), policies with their alarms,
   * schedules, notifications, metrics, warm pool, suspended processes, deletion protection; empty (min and desired 0, the same max), with
   * its scaling processes (`AlarmNotification`, `ScheduledActions`, `AZRebalance`) suspended until `groups.resume`.
   * Idempotent: what an earlier attempt has made is completed, its sizes are left alone, and the processes are suspended again.
   * Policies that count the requests of a target group cannot be made before the copy has it: they come when this is said again
   * after `traffic.attach` (before `groups.resume`).
   * Fails when there is another group of that name, without these tags (of `bake:run` any value will do).
   */
  copy(from: string, to: CopiedGroup): Promise<void>;
  /**
   * Reads both back and compares them field by field. One sentence for each difference that is not meant (name, sizes, template version,
   * bake's own tags, suspended scaling processes, with `traffic: false` target groups, and policies that wait for one).
   */
  differences(from: string, to: CopiedGroup): Promise<string[]>;
  /**
   * Lets go of an empty group with all that belongs to it: warm pool, policies, schedules, the alarms that bake has made for them; also
   * one that is protected from deletion. Fails when it has an instance: nothing that works is ended; with `force` its instances are
   * ended without their lifecycle hooks. Succeeds when it is gone.
   */
  remove(name: string, options?: { force?: boolean }): Promise<void>;
}

export interface CopiedGroup {
  name: string;
  template: { id: string; version: number };
  /** Replace those of the same name, and propagate to instances; the original's `bake:*` tags are not copied. */
  tags: Tags;
  /** The same, but its instances do not get them. */
  groupOnlyTags?: Tags;
  /** Whether the copy gets the original's target groups and load balancers at once. */
  traffic: boolean;
  /** Target groups of the original and those that take their places (ARNs): in the copy's traffic, policies and alarms. */
  targetGroups?: Record<string, string>;
}
