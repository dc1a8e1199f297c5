import type { RunEvent } from '../run/events.ts';
import { formatDuration } from '../run/format.ts';
import type { Step } from '../run/run.ts';
import type { CommandEnd } from './bake-process.ts';
import { clearFaults, filled, setFaults } from './faults.ts';
import { type Check, checkInvariants, statusOf } from './invariants.ts';
import { Jobs } from './jobs.ts';
import type { Scenario } from './scenario-schema.ts';
import { type BuiltRelease, perform, type Stage } from './stage.ts';

/** What a command has done to the fleet. */
export type Outcome = 'released' | 'held' | 'neither';

export interface Played {
  outcome: Outcome;
  /** What was said, in the words of the command that ended last. */
  happened: string;
  checks: Check[];
  /** The release that the fleet runs now. */
  runs: string | undefined;
  durationMs: number;
}

/** Tries one scenario on the fleet: `from` is what it runs, `to` what is rolled out. */
export async function playRollout(
  stage: Stage,
  step: Step,
  scenario: Scenario,
  { from, to }: { from: BuiltRelease; to: BuiltRelease },
): Promise<Played> {
  const startedAt = Date.now();
  const jobs = await Jobs.open(stage.cloud, stage.project);
  await jobs?.send(scenario.messages);
  const args = ['rollout', '--release', to.name];
  const end = await underFaults(stage, scenario, to, () => withEvent(stage, step, scenario, args));
  const status = await statusOf(stage, step);
  const runs = status.template.release;
  const outcome: Outcome =
    end.code === 0 && runs === to.name
      ? 'released'
      : end.code !== 0 && runs === from.name
        ? 'held'
        : 'neither';
  const expected = outcome === 'neither' ? from.name : (runs ?? from.name);
  const checks = await checkInvariants(stage, step, { release: expected, jobs });
  return { outcome, happened: wordsOf(end), checks, runs, durationMs: Date.now() - startedAt };
}

/** Tries one scenario on a build. `runs`: what the fleet runs, which no build changes. */
export async function playBuild(
  stage: Stage,
  step: Step,
  scenario: Scenario,
  { runs, args }: { runs: BuiltRelease | undefined; args: string[] },
): Promise<Played> {
  const startedAt = Date.now();
  const end = await underFaults(stage, scenario, runs, () => withEvent(stage, step, scenario, args));
  const outcome: Outcome = end.code === 0 ? 'released' : 'held';
  const checks = runs ? await checkInvariants(stage, step, { release: runs.name }) : [];
  return { outcome, happened: wordsOf(end), checks, runs: runs?.name, durationMs: Date.now() - startedAt };
}

async function underFaults<T>(
  { local, project, surroundings }: Stage,
  { faults }: Scenario,
  to: BuiltRelease | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const { fleet } = project.config;
  const builder = Object.keys(project.config).includes('image') ? project.config.image.builder : undefined;
  if (faults) {
    const words = {
      image: to?.image ?? '',
      'fleet.type': fleet?.instanceType ?? '',
      'builder.type': builder?.instanceTypes[0] ?? '',
      zone: `${local.region}a`,
    };
    await setFaults(local, filled(faults, words));
  }
  try {
    return await work();
  } finally {
    await clearFaults(local);
    const [alarm] = project.config.rollout.alarms;
    if (alarm !== undefined && project.config.cloud === 'aws') await surroundings.setAlarm(alarm, 'ok');
  }
}

/** The command with what happens in its middle, and what is run afterwards. Returns the end of the last run of the command itself. */
async function withEvent(stage: Stage, step: Step, scenario: Scenario, args: string[]): Promise<CommandEnd> {
  const { at, afterwards } = scenario;
  const kill = new AbortController();
  let seen: string[] = [];
  let happening: Promise<void> | undefined;
  const onEvent = (event: RunEvent) => {
    if (event.type === 'fleet.seen')
      seen = [...seen, ...event.instances.map(({ id }) => id)].filter((id) => !event.gone.includes(id));
    if (at && !happening && isAt(at, event)) happening = happen(stage, at.do, { kill, seen });
  };
  let end = await perform(stage, step, args, { onEvent, kill: kill.signal });
  await happening;
  if (at && !happening && end.code === 0)
    return { ...end, code: undefined, headline: `${at.step.join(', ')} was not reached: ${end.headline}` };
  for (const next of afterwards) {
    if (next === 'gc') await perform(stage, step, ['gc']);
    else end = await perform(stage, step, [...args, '--resume']);
  }
  return end;
}

type At = NonNullable<Scenario['at']>;

function isAt({ step, percent }: At, event: RunEvent): boolean {
  if (event.type !== 'step.started' && event.type !== 'step.progress') return false;
  const named = (name: string) =>
    name.endsWith('*') ? event.step.startsWith(name.slice(0, -1)) : event.step === name;
  if (!step.some(named)) return false;
  return percent === undefined || (event.type === 'step.progress' && (event.percent ?? 0) >= percent);
}

async function happen(
  { local, surroundings, project }: Stage,
  what: At['do'],
  { kill, seen }: { kill: AbortController; seen: string[] },
): Promise<void> {
  if (what === 'kill') kill.abort();
  else if (what === 'alarm') await surroundings.setAlarm(project.config.rollout.alarms[0] ?? '', 'alarm');
  else if (seen[0] !== undefined)
    await setFaults(local, { instances: [{ instanceId: seen[0], effect: 'die', milliseconds: 0 }] });
}

const wordsOf = ({ error, headline, durationMs }: CommandEnd): string =>
  `${error?.message ?? headline}${error ? ` (${formatDuration(durationMs)})` : ''}`;
