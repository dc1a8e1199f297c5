import type { Tags } from './tags.ts';

/** The other colour: a scaling group made like another, with everything that belongs to it. */
export interface GroupCopies {
  /**
   * Makes `to.name` like the group `from`: every setting, lifecycle hooks (in the creating call), policies with their alarms,
   * schedules, notifications, metrics, warm pool, suspended processes; empty (min and desired 0, the same max), with its scaling processes
   * (alarms, schedules, rebalancing) suspended until `groups.resume`. Idempotent: what an earlier attempt has made is completed.
   */
  copy(from: string, to: CopiedGroup): Promise<void>;
  /**
   * Reads both back and compares them field by field. One sentence for each difference that is not meant (name, sizes, template version,
   * bake's own tags, suspended scaling processes, and target groups with `traffic: false`).
   */
  differences(from: string, to: CopiedGroup): Promise<string[]>;
}

export interface CopiedGroup {
  name: string;
  template: { id: string; version: number };
  /** Replace those of the same name; the original's `bake:*` tags are not copied. */
  tags: Tags;
  /** Whether the copy gets the original's target groups and load balancers at once. */
  traffic: boolean;
}
