import type { Cloud, ScalingGroup } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { findColours } from '../fleet/colours.ts';
import { messageOf } from '../run/errors.ts';
import type { Run } from '../run/run.ts';
import { TAG } from '../run/tags.ts';
import type { GcResult, Removal } from '../upkeep/gc-collector.ts';
import { hasEnded } from '../upkeep/refresh-state.ts';
import { frozenOf } from './blue-green/freeze.ts';
import { lockFleet, readLock, whyGone } from './lock.ts';
import { workWords } from './lock-words.ts';
import { type FleetLock, isHalfDone, type RolloutRecord } from './record.ts';

/** AWS: a refresh does not get on while this is suspended. */
const HOLD = 'InstanceRefresh';

/**
 * Tidies up after rollouts that have died: lets the group in front scale again where they had suspended that, and lets go of their lock
 * when nothing is half done. Where something is, says how to go on; a refresh that is held for a smoke test stays held, for letting it go
 * would bring an untested release to the whole fleet. Never touches a fleet that somebody works on.
 */
export async function tidyFleet(
  run: Run,
  cloud: Cloud,
  project: Project,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<GcResult> {
  const result: GcResult = { removed: [], failures: [] };
  if (!project.config.fleet) return result;
  const { name } = project.config.fleet;
  try {
    const colours = await findColours(cloud, project);
    const record = await readLock(cloud, project);
    const gone = record && whyGone(record, run.clock.now());
    if (record && gone === undefined) return result;
    const plan = colours && (await leftIn(cloud, colours.front, record));
    const why = record ? `${workWords(record)} by ${record.owner}: ${gone}` : 'nobody works on the fleet';
    const removals: Omit<Removal, 'region'>[] = [];
    if (plan) removals.push({ kind: 'suspension', id: plan.processes.join(', '), name: plan.group, why });
    const halfDone = record && isHalfDone({ ...record, suspended: without(record.suspended, plan) });
    if (record && !halfDone) removals.push({ kind: 'lock', id: name, name, why });
    if (removals.length > 0 && !dryRun) await takeAway(run, cloud, project, record, plan);
    result.removed.push(...removals.map((one) => ({ ...one, region: cloud.region })));
    if (record && halfDone) tellHalfDone(run, name, record, gone!);
  } catch (error) {
    result.failures.push(`lock of fleet ${name}: ${messageOf(error)}`);
  }
  return result;
}

/** What is suspended on a group and is to be resumed there. */
interface Left {
  group: string;
  processes: string[];
}

/** Only of the group in front: a colour at the back must not scale beside it. */
async function leftIn(
  cloud: Cloud,
  front: ScalingGroup,
  record: RolloutRecord | undefined,
): Promise<Left | undefined> {
  const noted = (record?.suspended ?? []).filter(({ group }) => group === front.name);
  const known = new Set([...frozenOf(front), ...noted.flatMap(({ processes }) => processes)]);
  const suspended = [...known].filter((process) => front.suspendedProcesses.includes(process));
  const refreshes = suspended.includes(HOLD) ? await cloud.refreshes.list(front.name) : [];
  const held = refreshes.some(({ state }) => !hasEnded(state));
  const processes = suspended.filter((process) => process !== HOLD || !held);
  return processes.length > 0 ? { group: front.name, processes } : undefined;
}

/** Under the fleet's lock, so that nobody begins meanwhile. */
async function takeAway(
  run: Run,
  cloud: Cloud,
  project: Project,
  record: RolloutRecord | undefined,
  left: Left | undefined,
): Promise<void> {
  const lock = await lockFleet(run, cloud, project, { command: 'gc', takeOver: 'resume' });
  try {
    if (left) await resume(cloud, lock, left);
    if (record && isHalfDone(lock.record)) {
      // It stays whose it was.
      const { command, owner, host, pid, returning } = record;
      await lock.note({ command, owner, host, pid, returning });
      await lock.leave();
    }
  } finally {
    await lock.release();
  }
}

async function resume(cloud: Cloud, lock: FleetLock, left: Left): Promise<void> {
  await cloud.groups.resume(left.group, left.processes);
  await cloud.groups.removeTags(left.group, [TAG.suspended]);
  await lock.note({ suspended: without(lock.record.suspended, left) });
}

const without = (suspended: RolloutRecord['suspended'] = [], left: Left | undefined) =>
  suspended
    .map(({ group, processes }) => ({
      group,
      processes: group === left?.group ? processes.filter((one) => !left.processes.includes(one)) : processes,
    }))
    .filter(({ processes }) => processes.length > 0);

function tellHalfDone(run: Run, fleet: string, record: RolloutRecord, gone: string): void {
  const how =
    record.returning === undefined && record.strategy !== undefined
      ? '`bake rollout --resume` goes on with it, `bake rollback` undoes it'
      : '`bake rollback` goes on with it';
  run.warn(`fleet ${fleet}: ${workWords(record)} by ${record.owner} is half done, and ${gone}: ${how}`);
}
