import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import type { Run } from '../run/run.ts';
import { logLines } from '../smoke/log-lines.ts';
import { failedUnits } from './failed-units.ts';
import { userDataFailure } from './user-data-failure.ts';

/** Instances that are looked into: the others fail in the same way. */
const MOST_INSTANCES = 3;
/** A rollback does not wait longer for evidence. Milliseconds. */
const PATIENCE = 10_000;

/**
 * What the instances of a failing release say about themselves, a line each, most telling first: user data that failed, services that
 * keep failing with their last words, error lines of their logs, launches that failed. To be gathered before they are replaced;
 * takes at most ten seconds, and what cannot be had is left out.
 */
export async function gatherEvidence(
  run: Run,
  cloud: Cloud,
  project: Project,
  about: { group: string; instances: string[]; since: number },
): Promise<string[]> {
  const instances = about.instances.slice(0, MOST_INSTANCES);
  const found: string[][] = [];
  const sources = [
    ...instances.map((id) => userDataFailure(cloud, id)),
    ...instances.map((id) => failedUnits(run, cloud, id, PATIENCE)),
    logErrors(cloud, project, about),
    failedLaunches(cloud, about),
  ];
  const gathering = sources.map(async (source, order) => {
    found[order] = await source.catch(() => []);
  });
  const enough = new AbortController();
  await Promise.race([
    Promise.all(gathering),
    run.clock.sleep(PATIENCE, enough.signal).catch(() => {}), // Aborted below, when all was there in time.
  ]);
  enough.abort();
  return mergeEvidence(found.flat(), instances);
}

/** The same line of several instances once; a headline names the others: "… on i-1: cat: … (also on i-2, i-3)". Pure. */
export function mergeEvidence(lines: string[], instances: string[]): string[] {
  const merged = new Map<string, { line: string; others: string[] }>();
  for (const line of lines) {
    const instance = instances.find((id) => line.includes(id));
    const key = instance === undefined ? line : line.replaceAll(instance, '#');
    const known = merged.get(key);
    if (!known) merged.set(key, { line, others: [] });
    else if (known.line !== line && line.includes(` on ${instance}`)) known.others.push(instance!);
  }
  return [...merged.values()].map(({ line, others }) =>
    others.length > 0 ? `${line} (also on ${others.join(', ')})` : line,
  );
}

async function logErrors(
  cloud: Cloud,
  project: Project,
  { instances, since }: { instances: string[]; since: number },
): Promise<string[]> {
  const { logs } = project.config.smoke;
  if (!logs || instances.length === 0) return [];
  const { group, errorPattern: pattern } = logs;
  return logLines(await cloud.logs.search({ group, since, pattern, streamsContaining: instances }));
}

async function failedLaunches(
  cloud: Cloud,
  { group, since }: { group: string; since: number },
): Promise<string[]> {
  const activities = await cloud.groups.activities(group);
  const messages = activities
    .filter((activity) => activity.state === 'failed' && activity.startedAt >= since)
    .map((activity) => `scaling activity failed: ${activity.message ?? activity.description}`);
  return [...new Set(messages)].slice(0, 3);
}
