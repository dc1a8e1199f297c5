import { randomBytes } from 'node:crypto';
import type { Cloud, ScalingGroup } from '../clouds/cloud.ts';
import type { Project, SmokeConfig } from '../config/schema.ts';
import type { Roster } from '../fleet/roster.ts';
import { usageError } from '../run/errors.ts';
import type { Run, Step } from '../run/run.ts';
import { secretValues } from '../run/secret-names.ts';
import { testCommand } from './commands.ts';
import type { SmokeContext } from './context.ts';
import { deadLettersSince } from './dead-letters.ts';
import { testHttpThroughBalancer } from './http-balancer.ts';
import { testHttpOnInstances } from './http-instances.ts';
import { MessageLedger } from './ledger.ts';
import { testLogs } from './logs.ts';
import { deadLetterCount, testedQueue } from './queue.ts';
import { reportOf, type SmokeCheck, type SmokeReport } from './report.ts';
import { testQueue } from './sqs.ts';

/** What was true before the first instance was replaced, and every test message since. One per rollout, shared by its gates. */
export interface SmokeBaseline {
  ledger: MessageLedger;
  deadLetters: number | undefined;
}

/**
 * Looks before anything is changed: the queue must exist, and where a test goes through a load balancer the group in front must be behind
 * one (exit code 2). Counts the dead letters.
 */
export async function readBaseline(
  cloud: Cloud,
  config: SmokeConfig,
  group?: Pick<ScalingGroup, 'name' | 'targetGroups'>,
): Promise<SmokeBaseline> {
  if (
    group &&
    group.targetGroups.length === 0 &&
    config.http.some(({ through }) => through === 'load-balancer')
  )
    throw usageError(
      `a smoke test goes through the load balancer, but no target group sends to ${group.name}`,
      'Name it in fleet.targetGroups, or ask the instances: `through: instance`.',
    );
  const ledger = new MessageLedger(randomBytes(5).toString('hex'));
  if (!config.sqs) return { ledger, deadLetters: undefined };
  return { ledger, deadLetters: await deadLetterCount(cloud, await testedQueue(cloud, config.sqs)) };
}

/** The same for a rollout that began at `since` and has lost its process: what became a dead letter since then is its doing. */
export async function resumeBaseline(
  cloud: Cloud,
  config: SmokeConfig,
  since: number,
): Promise<SmokeBaseline> {
  const baseline = await readBaseline(cloud, config);
  if (!config.sqs || !baseline.deadLetters) return baseline;
  const recent = await deadLettersSince(cloud, await testedQueue(cloud, config.sqs), since);
  return { ...baseline, deadLetters: Math.max(0, baseline.deadLetters - recent) };
}

/** Whether the configuration names any smoke test. */
export const hasSmokeTests = ({ sqs, logs, http, commands }: SmokeConfig) =>
  sqs !== undefined || logs !== undefined || http.length > 0 || commands.length > 0;

/** What is tested, and how it is told. */
export interface SmokeOptions {
  /** Of the group under test, with the other colour where there is one: `new Roster(cloud, green, blue)`. */
  roster: Roster;
  /** The launch template version under test. */
  version: number;
  release: string;
  /** When the rollout began, milliseconds since the epoch. */
  since: number;
  step: Step;
  baseline: SmokeBaseline;
  signal?: AbortSignal;
  /**
   * Share of its requests that the load balancer sends to the instances under test, 0 to 1. 0 while a colour has no traffic yet:
   * tests that go through it are left out. Default: as there are instances.
   */
  share?: number;
  /** Lets every test come to its end, instead of stopping all at the first that fails. */
  thorough?: boolean;
}

/**
 * Runs every configured smoke test at once against the instances of launch template version `version`; the first that fails
 * ends the others (unless `thorough`). Rejects with `Interrupted` when `signal` aborts.
 */
export async function runSmokeTests(
  run: Run,
  cloud: Cloud,
  project: Project,
  options: SmokeOptions,
): Promise<SmokeReport> {
  const { sqs, logs, http, commands } = project.config.smoke;
  const { baseline, signal = run.signal, thorough = false, ...rest } = options;
  const stop = new AbortController();
  const context: SmokeContext = {
    ...rest,
    run,
    cloud,
    ledger: baseline.ledger,
    deadLettersBefore: baseline.deadLetters,
    signal: AbortSignal.any([signal, stop.signal]),
  };
  // What bake.yaml has put into a script by `${env.NAME}` may come back in what is said of it.
  for (const secret of secretValues(process.env)) run.redactor.add(secret);
  await context.roster.look();
  const found: (SmokeCheck | undefined)[] = [];
  /** Notes what a test found. One that failed stops the others: their being stopped is no result. */
  const watch = async (test: Promise<SmokeCheck | undefined>, at: number) => {
    const check = await test.catch((error: unknown) => {
      if (found.some(failed)) return undefined;
      throw error;
    });
    found[at] = check;
    if (failed(check) && !thorough) stop.abort();
  };
  const active = [
    ...(sqs ? [testQueue(context, sqs)] : []),
    ...http.map((one) =>
      one.through === 'instance' ? testHttpOnInstances(context, one) : testHttpThroughBalancer(context, one),
    ),
    ...commands.map((one) => testCommand(context, one)),
  ];
  // The logs are watched while the others give the instances something to do.
  const passive = logs ? [testLogs(context, logs, Promise.all(active))] : [];
  try {
    await Promise.all([...active, ...passive].map(watch));
  } finally {
    stop.abort(); // One that broke by an error must not leave the others behind.
  }
  const checks = found.filter((check) => check !== undefined);
  for (const check of checks) run.emit({ type: 'fact', name: `smoke.${check.name}`, value: check });
  return reportOf(checks);
}

const failed = (check: SmokeCheck | undefined) => check?.verdict === 'failed';
