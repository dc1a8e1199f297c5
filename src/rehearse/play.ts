import { hasImage } from '../config/images.ts';
import type { RunEvent } from '../run/events.ts';
import { count, formatDuration } from '../run/format.ts';
import type { Step } from '../run/run.ts';
import { readStatus } from '../upkeep/status.ts';
import type { CommandEnd } from './bake-process.ts';
import { clearFaults, filled, setFaults } from './faults.ts';
import { type Check, checkInvariants } from './invariants.ts';
import { Jobs } from './jobs.ts';
import type { Scenario } from './scenario-schema.ts';
import { type BuiltRelease, perform, type Stage } from './stage.ts';

/** What a command has done to the fleet. */
export type Outcome = 'released' | 'held' | 'neither';

export interface Played {
  outcome: Outcome;
  /** Whether what the scenario is about has happened at all. */
  met: boolean;
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
  stage.workspace.writePlain(scenario.expect === 'held');
  const { end, met } = await underFaults(stage, scenario, to, () => withEvent(stage, step, scenario, args));
  const status = await readStatus(stage.cloud, stage.project);
  const runs = status.template.release;
  const outcome: Outcome =
    end.code === 0 && runs === to.name
      ? 'released'
      : end.code !== 0 && runs === from.name
        ? 'held'
        : 'neither';
  const expected = outcome === 'neither' ? from.name : (runs ?? from.name);
  const checks = await checkInvariants(stage, { release: expected, jobs });
  return {
    outcome,
    met: met !== undefined,
    happened: wordsOf(end, met),
    checks,
    runs,
    durationMs: Date.now() - startedAt,
  };
}

/** Tries one scenario on a build. `runs`: what the fleet runs, which no build changes. */
export async function playBuild(
  stage: Stage,
  step: Step,
  scenario: Scenario,
  { runs, args }: { runs: BuiltRelease | undefined; args: string[] },
): Promise<Played> {
  const startedAt = Date.now();
  const { end, met } = await underFaults(stage, scenario, runs, () => withEvent(stage, step, scenario, args));
  const outcome: Outcome = end.code === 0 ? 'released' : 'held';
  const checks = runs ? await checkInvariants(stage, { release: runs.name }) : [];
  return {
    outcome,
    met: met !== undefined,
    happened: wordsOf(end, met),
    checks,
    runs: runs?.name,
    durationMs: Date.now() - startedAt,
  };
}

/** How the command ended, and what it had met by then. */
export interface Met {
  end: CommandEnd;
  /** In words; undefined when what should have happened did not. */
  met: string | undefined;
}

export async function underFaults(
  { local, project, surroundings }: Stage,
  { faults }: Scenario,
  to: BuiltRelease | undefined,
  work: () => Promise<Met>,
): Promise<Met> {
  const { fleet } = project.config;
  const builder = hasImage(project.config) ? project.config.image.builder : undefined;
  if (faults) {
    const words = {
      // One machine room serves both clouds, with names of its own.
      image: to?.image.replace(/^m-/, 'ami-') ?? '',
      'fleet.type': fleet?.instanceType ?? '',
      'builder.type': builder?.instanceTypes[0] ?? '',
      zone: `${local.region}a`,
    };
    await setFaults(local, filled(faults, words));
  }
  let struck = 0;
  let done: Met;
  try {
    done = await work();
  } finally {
    struck = await clearFaults(local);
    const [alarm] = project.config.rollout.alarms;
    if (alarm !== undefined && project.config.cloud === 'aws') await surroundings.setAlarm(alarm, 'ok');
  }
  const { end, met } = done;
  // Capacity that is short is met by nobody that could be counted.
  const counted = faults?.requests !== undefined || faults?.instances !== undefined;
  if (!counted) return done;
  return { end, met: struck === 0 ? undefined : [met, count(struck, 'fault')].filter(Boolean).join(', ') };
}

/** The command with what happens in its middle, and what is run afterwards. The end is that of the last run of the command itself. */
export async function withEvent(stage: Stage, step: Step, scenario: Scenario, args: string[]): Promise<Met> {
  const { at, afterwards } = scenario;
  const kill = new AbortController();
  let seen: string[] = [];
  let happening: Promise<void> | undefined;
  let where = '';
  const onEvent = (event: RunEvent) => {
    if (event.type === 'fleet.seen')
      seen = [...seen, ...event.instances.map(({ id }) => id)].filter((id) => !event.gone.includes(id));
    if (!at || happening || !isAt(at, event)) return;
    where = `${DONE[at.do]} at ${'step' in event ? event.step : ''}`;
    happening = happen(stage, at.do, { kill, seen });
  };
  let end = await perform(stage, step, args, { onEvent, kill: kill.signal });
  await happening;
  const ends = [end];
  for (const next of afterwards) {
    if (next === 'gc') await perform(stage, step, ['gc']);
    else ends.push(await perform(stage, step, next === 'resume' ? [...args, '--resume'] : args));
  }
  end = ends.at(-1) ?? end;
  const durationMs = ends.reduce((sum, one) => sum + one.durationMs, 0);
  return { end: { ...end, durationMs }, met: at && !happening ? undefined : where };
}

const DONE = { kill: 'killed', alarm: 'alarm', 'end-instance': 'an instance ended' } as const;

type At = NonNullable<Scenario['at']>;

function isAt({ step, percent, says }: At, event: RunEvent): boolean {
  if (event.type !== 'step.started' && event.type !== 'step.progress') return false;
  const named = (name: string) =>
    name.endsWith('*') ? event.step.startsWith(name.slice(0, -1)) : event.step === name;
  if (!step.some(named)) return false;
  if (percent === undefined && says === undefined) return true;
  if (event.type !== 'step.progress') return false;
  return (event.percent ?? 0) >= (percent ?? 0) && event.message.includes(says ?? '');
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

export function wordsOf({ error, headline, durationMs }: CommandEnd, met: string | undefined): string {
  const said = error?.message ?? headline;
  const took = error ? ` (${formatDuration(durationMs)})` : '';
  return `${met === undefined ? 'no fault was met: ' : met === '' ? '' : `${met}; `}${said}${took}`;
}
