import { isActive } from '../fleet/roster.ts';
import { BakeError } from '../run/errors.ts';
import { failureOf, type SmokeReport } from '../smoke/report.ts';
import { hasSmokeTests, runSmokeTests } from '../smoke/run.ts';
import type { Rollout } from './context.ts';

/** A gate that was started and runs while the rollout goes on. */
export interface RunningGate {
  /** Never rejects: a test that broke is a gate that failed. */
  done: Promise<{ failure?: string }>;
  cancel(): Promise<void>;
}

/** What a gate waits for besides its tests, milliseconds: so long before them, and so long from its beginning to its end at least. */
export interface GateTimes {
  first: number;
  least: number;
}

/** Starts the smoke tests for the instances that run the new version now. `at` 100 is the last gate. */
export function startGate(
  rollout: Rollout,
  at: number,
  times: GateTimes = { first: 0, least: 0 },
): RunningGate {
  const stop = new AbortController();
  const signal = AbortSignal.any([rollout.run.signal, stop.signal]);
  const done = timed(rollout, times, signal, () => gate(rollout, at, signal)).then(
    (report) => ({
      failure: report.verdict === 'passed' ? undefined : `${gateName(at)}: ${failureOf(report)}`,
    }),
    (error: Error) => ({ failure: `${gateName(at)}: ${error.message}` }),
  );
  return {
    done,
    async cancel() {
      stop.abort();
      await done;
    },
  };
}

async function timed(
  { run: { clock } }: Rollout,
  { first, least }: GateTimes,
  signal: AbortSignal,
  tests: () => Promise<SmokeReport>,
): Promise<SmokeReport> {
  const until = clock.now() + least;
  if (first > 0) await clock.sleep(first, signal);
  const report = await tests();
  const left = until - clock.now();
  if (report.verdict === 'passed' && left > 0) await clock.sleep(left, signal);
  return report;
}

const gateName = (at: number) => (at >= 100 ? 'the last smoke test' : `the smoke test at ${at} %`);

async function gate(rollout: Rollout, at: number, signal: AbortSignal): Promise<SmokeReport> {
  const { run, cloud, project, roster, version, release, since, baseline } = rollout;
  const name = at >= 100 ? 'rollout.gate.last' : `rollout.gate.${at}`;
  const title = at >= 100 ? 'Testing the whole fleet' : `Testing the new instances at ${at} %`;
  const { smoke } = project.config;
  const group = await roster.look();
  if (!hasSmokeTests(smoke) || group.instances.filter(isActive).length === 0) {
    const why = hasSmokeTests(smoke) ? 'the fleet has no instance' : 'bake.yaml names no smoke test';
    run.skip(name, title, why);
    return { verdict: 'passed', checks: [] };
  }
  return run
    .step(name, title, async (step) => {
      const report = await runSmokeTests(run, cloud, project, {
        roster,
        version,
        release,
        since,
        step,
        baseline,
        signal,
      });
      step.summary = report.checks.map((check) => check.summary).join('; ');
      if (report.verdict !== 'passed') throw new GateFailed(report);
      return report;
    })
    .catch((error: unknown) => {
      if (error instanceof GateFailed) return error.report;
      throw error;
    });
}

/** So that the step itself is shown as failed. */
class GateFailed extends BakeError {
  readonly report: SmokeReport;

  constructor(report: SmokeReport) {
    super(failureOf(report));
    this.report = report;
  }
}
