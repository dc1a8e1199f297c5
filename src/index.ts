/**
 * bake as a library: the operations of the command line as functions. Each takes a project that `loadProject` has loaded, makes a run
 * of it, tells its events to `on`, and returns a typed result or throws. Nothing is printed, and no signal is listened to: that is
 * for who hosts it.
 *
 * @module
 */

export { type BuildOptions, type BuildResult, type Built, build } from './api/build.ts';
export { type CloudConnection, openCloud, openLocal } from './api/connection.ts';
export { type CutoverOptions, cutover } from './api/cutover.ts';
export { isBakeError, isInterrupted, isUsageError, notConfirmed } from './api/errors.ts';
export { fleetApply, fleetPlan } from './api/fleet.ts';
export { type GcOptions, type GcResult, gc } from './api/gc.ts';
export {
  diagnose,
  type HistoryResult,
  history,
  type SmokeOptions,
  type SmokeResult,
  type StatusOptions,
  type StatusResult,
  smoke,
  status,
} from './api/look.ts';
export type { RunBegin, RunOptions } from './api/perform.ts';
export {
  type BuildPlan,
  type PlanBuildOptions,
  type PlanRolloutOptions,
  planBuild,
  planRollout,
  type RolloutPlan,
} from './api/plan.ts';
export { loadProject } from './api/project.ts';
export { type RollbackOptions, type RollbackResult, rollback } from './api/rollback.ts';
export {
  type AbortOptions,
  abortRollout,
  type RolloutOptions,
  type RolloutResult,
  rollout,
  type Strategy,
} from './api/rollout.ts';
export type { LeftoverKind, NeededAction, RefreshState, TargetState } from './clouds/cloud.ts';
export type { LoadOptions } from './config/load.ts';
export type { Project, ProjectConfig } from './config/schema.ts';
export type { FleetResult } from './fleet/apply.ts';
export type { FleetPlan } from './fleet/plan.ts';
export type { PendingVersion } from './fleet/template.ts';
export type { BuildResult as BuiltImage } from './image/build.ts';
export type { ImagePlan } from './image/plan-text.ts';
export type { CutoverResult } from './rollout/blue-green/cutover.ts';
export type { PastRelease } from './rollout/history.ts';
export type { ReleaseHistory } from './rollout/in-place/history.ts';
export type { InPlacePlan } from './rollout/in-place/plan.ts';
export type { InPlaceResult } from './rollout/in-place/rollout.ts';
export type { HostStatus } from './rollout/in-place/status.ts';
export type { Chooser, InterruptChoice } from './rollout/interruption.ts';
export type { Capacity } from './rollout/plan/capacity.ts';
export type { PlannedStep } from './rollout/plan/duration.ts';
export type { RolloutPlan as FleetRolloutPlan } from './rollout/plan/plan.ts';
export type { TemplateChanges } from './rollout/plan/template.ts';
export type { RolloutRecord } from './rollout/record.ts';
export type { RollbackResult as FleetRollback } from './rollout/rollback-fleet.ts';
export type { RolloutResult as FleetRollout } from './rollout/rolling.ts';
export type { Watched } from './rollout/watch.ts';
export type { BakeError } from './run/errors.ts';
export type { EventSink, RunEvent, RunEventBody, SeenInstance } from './run/events.ts';
export type { PlannedTest } from './smoke/planned.ts';
export type { InstanceVerdict, SmokeCheck, SmokeReport, Verdict } from './smoke/report.ts';
export type { Blind, Diagnosis, Finding, Weight } from './upkeep/diagnose/finding.ts';
export type { Removal } from './upkeep/gc-collector.ts';
export type {
  FleetStatus,
  GroupStatus,
  InstanceStatus,
  QueueStatus,
  TargetStatus,
} from './upkeep/status.ts';
