import type { Project } from '../config/schema.ts';
import { slackReporter } from '../report/slack/reporter.ts';
import { type HostStatus, statusRows } from '../rollout/in-place/status.ts';
import type { RunEvent } from '../run/events.ts';
import type { Posted } from '../slack/post.ts';
import type { FleetStatus } from '../upkeep/status.ts';
import { statusLines } from '../upkeep/status-text.ts';
import { type Finished, runBake } from './child.ts';
import type { Grave, Surroundings } from './surroundings.ts';

/** Runs a command that is told by its end alone, and keeps its facts. */
export async function look(
  world: Surroundings,
  project: Project,
  command: string[],
): Promise<{ end: Finished; facts: Map<string, unknown> }> {
  const facts = new Map<string, unknown>();
  const end = await child(world, project, command, (event) => {
    if (event.type === 'fact') facts.set(event.name, event.value);
  });
  return { end, facts };
}

/** Runs a rollback or a cutover, told by a message that is there already, and in its thread. `who` had it done, in Slack's mrkdwn. */
export async function tellRun(
  world: Surroundings,
  project: Project,
  command: Grave,
  { posted, who }: { posted: Posted; who: string },
): Promise<Finished> {
  const { project: name, cloud, region = '' } = project.config;
  const begin = { command: command.kind, project: name, environment: project.environment, cloud, region };
  const slack = await world.open(posted.channel);
  const reporter = slackReporter(slack, { begin, posted, who: { words: who }, warn: world.note });
  const end = await child(world, project, argumentsOf(command), (event) => reporter.emit(event));
  await reporter.close();
  return end;
}

const child = (
  { bake }: Surroundings,
  { environment, directory }: Project,
  command: string[],
  onEvent: (event: RunEvent) => void,
): Promise<Finished> => runBake(bake, ['-e', environment, ...command], directory, onEvent);

function argumentsOf(command: Grave): string[] {
  if (command.kind === 'cutover') return ['cutover', '--yes', ...(command.emergency ? ['--emergency'] : [])];
  return ['rollback', '--yes', ...(command.release === undefined ? [] : ['--to', command.release])];
}

/** The fact `status` as lines of a table: of a fleet, or of servers that stay. */
export function rowsOf(status: unknown, now: number): string[] {
  if (isFleet(status)) return statusLines(status, now);
  const { hosts } = (status ?? {}) as { hosts?: HostStatus[] };
  return hosts ? statusRows(hosts) : [];
}

/** What one has to know before one confirms a change. */
export function presentOf({ end, facts }: { end: Finished; facts: Map<string, unknown> }): string[] {
  if (end.error) return [`What runs there is not known: ${end.error.message}`];
  const status = facts.get('status');
  if (!isFleet(status)) return [end.headline];
  const { verified, back } = status;
  return [
    end.headline,
    ...(verified ? [`last verified: release ${verified.release}`] : []),
    ...(back?.template.release === undefined ? [] : [`behind it: release ${back.template.release}`]),
  ];
}

const isFleet = (status: unknown): status is FleetStatus =>
  typeof status === 'object' && status !== null && 'group' in status;
