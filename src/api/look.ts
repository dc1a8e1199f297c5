import type { Project } from '../config/schema.ts';
import type { PastRelease } from '../rollout/history.ts';
import { historyHeadline, historyLines } from '../rollout/history-text.ts';
import type { ReleaseHistory } from '../rollout/in-place/history.ts';
import { isInPlace } from '../rollout/in-place/site.ts';
import type { HostStatus } from '../rollout/in-place/status.ts';
import { readLastRun } from '../rollout/lock.ts';
import { wayBackOf } from '../rollout/rollback-target.ts';
import { findSetback } from '../rollout/setback.ts';
import { type Watched, watchRollout } from '../rollout/watch.ts';
import { count } from '../run/format.ts';
import { smokeFleet } from '../smoke/fleet.ts';
import { reportLines, type SmokeReport } from '../smoke/report.ts';
import { diagnose as diagnoseFleet } from '../upkeep/diagnose/diagnose.ts';
import type { Diagnosis } from '../upkeep/diagnose/finding.ts';
import { diagnosisHeadline, diagnosisLines, troubles } from '../upkeep/diagnose/text.ts';
import { type FleetStatus, readStatus } from '../upkeep/status.ts';
import { statusHeadline, statusHints, statusLines } from '../upkeep/status-text.ts';
import { asksCloud, historyInPlace, statusInPlace } from './in-place.ts';
import { perform, type RunOptions } from './perform.ts';

/** What runs where. `watched`: what became of the rollout in progress, where one was looked on at. */
export type StatusResult =
  | ({ kind: 'fleet'; watched?: Watched } & FleetStatus)
  | { kind: 'in-place'; hosts: HostStatus[] };

/** Options of `status`. */
export interface StatusOptions extends RunOptions {
  /** Looks on until the rollout in progress has ended. */
  watch?: boolean;
}

/** What runs where, version by version, and who is at work on it: `bake status`. Changes nothing. */
export const status = (project: Project, options: StatusOptions = {}): Promise<StatusResult> =>
  perform<StatusResult>(project, options, {
    command: 'status',
    journal: false,
    cloud: asksCloud(project),
    async work(session) {
      if (isInPlace(project)) {
        const { result: hosts, ...outcome } = await statusInPlace(session);
        return { ...outcome, result: { kind: 'in-place', hosts } };
      }
      const { run, cloud, notes } = session;
      const watched = options.watch ? await watchRollout(run, cloud, project) : undefined;
      const status = await readStatus(cloud, project);
      run.fact('status', status);
      if (notes) for (const line of statusLines(status, run.clock.now())) run.note(line);
      const resume = watched?.left ? ['bake rollout --resume    # its process is gone: goes on with it'] : [];
      return {
        result: { kind: 'fleet', ...status, watched },
        ok: watched?.arrived ?? true,
        headline: statusHeadline(status),
        next: [...resume, ...statusHints(status)],
      };
    },
  });

/** The releases that were brought, newest first. `wayBack`: the one that `rollback` would go to. */
export type HistoryResult =
  | {
      kind: 'fleet';
      group: string;
      otherGroup?: string;
      releases: (PastRelease & { wayBack: boolean })[];
    }
  | { kind: 'in-place'; releases: ReleaseHistory[] };

/** Releases of the fleet, newest first: what runs which, which is verified, which is the way back. `bake history`. Changes nothing. */
export const history = (project: Project, options: RunOptions = {}): Promise<HistoryResult> =>
  perform<HistoryResult>(project, options, {
    command: 'history',
    journal: false,
    cloud: asksCloud(project),
    async work(session) {
      if (isInPlace(project)) {
        const { result: releases, ...outcome } = await historyInPlace(session);
        return { ...outcome, result: { kind: 'in-place', releases } };
      }
      const { run, cloud, notes } = session;
      const { setback } = await findSetback(cloud, project, await readLastRun(cloud, project));
      const { colours, releases } = setback.history;
      const wayBack = wayBackOf(setback);
      const told = {
        group: colours.front.name,
        otherGroup: colours.back?.name,
        releases: releases.map((one) => ({ ...one, wayBack: one === wayBack })),
      };
      run.fact('history', told);
      if (notes) for (const line of historyLines(setback.history, wayBack, run.clock.now())) run.note(line);
      return {
        result: { kind: 'fleet', ...told },
        headline: historyHeadline(setback.history, wayBack),
        next: wayBack && !wayBack.current ? ['bake rollback'] : ['bake rollback --to RELEASE'],
      };
    },
  });

/** Options of `smoke`. */
export interface SmokeOptions extends RunOptions {
  /** Release that has to pass. Default: the one that the fleet runs. */
  release?: string;
}

/** What was tested, and what each test found. */
export interface SmokeResult {
  release: string;
  report: SmokeReport;
}

/**
 * Runs the smoke tests against the release that the fleet runs, or against `release`, which has to be one that runs: `bake smoke`. Throws
 * with exit code 1 when they do not pass.
 */
export const smoke = (project: Project, options: SmokeOptions = {}): Promise<SmokeResult> =>
  perform(project, options, {
    command: 'smoke',
    journal: false,
    async work({ run, cloud, notes }) {
      const result = await smokeFleet(run, cloud, project, { release: options.release });
      if (notes) for (const line of reportLines(result.report)) run.note(line);
      const tests = count(result.report.checks.length, 'smoke test');
      return { result, headline: `release ${result.release} works: ${tests} passed`, next: ['bake status'] };
    },
  });

/** Why the fleet is unhealthy: causes by name, with evidence and what to do. `bake diagnose`. Changes nothing. */
export const diagnose = (project: Project, options: RunOptions = {}): Promise<Diagnosis> =>
  perform(project, options, {
    command: 'diagnose',
    journal: false,
    async work({ run, cloud, notes }) {
      const result = await diagnoseFleet(run, cloud, project);
      run.fact('diagnosis', result);
      if (notes) for (const line of diagnosisLines(result)) run.note(line);
      return {
        result,
        ok: troubles(result).length === 0,
        headline: diagnosisHeadline(result),
        next: ['bake status'],
      };
    },
  });
