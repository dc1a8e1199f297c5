import type { NeededAction } from '../../clouds/cloud.ts';
import type { PlannedTest } from '../../smoke/planned.ts';
import type { Capacity } from './capacity.ts';
import type { PlannedStep } from './duration.ts';
import type { TemplateChanges } from './template.ts';

/** What a rollout would do. Plain JSON: the value of the fact `rollout.plan`. Durations are milliseconds. */
export interface RolloutPlan {
  strategy: 'rolling' | 'blue-green';
  /** The group in front; with blue-green `newGroup` would be made beside it. */
  group: string;
  newGroup?: string;
  release: string;
  imageId: string;
  /** The launch template version that would be brought; undefined: one has to be made. */
  version?: number;
  previous: { release?: string; version: number };
  /** The fleet runs all of it already. */
  nothing: boolean;
  template: TemplateChanges;
  capacity: Capacity;
  steps: PlannedStep[];
  tests: PlannedTest[];
  hooks: { when: string; run: string }[];
  /** What may surprise, though it stops nothing. */
  warnings: string[];
  actions: NeededAction[];
}
