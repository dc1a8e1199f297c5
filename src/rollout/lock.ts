import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { fleetConfig } from '../fleet/settings.ts';
import { BakeError } from '../run/errors.ts';
import { isAlive, processSpace } from '../run/processes.ts';
import type { Run } from '../run/run.ts';
import { HeldLock, LEASE } from './lock-held.ts';
import { append, entryText, type LockEntry, lockName, readLockLog } from './lock-log.ts';
import { halfDone, ownerName, refusal, workWords } from './lock-words.ts';
import { type FleetLock, isAboutReleases, isHalfDone, type RolloutRecord } from './record.ts';

/** How far two machines' clocks may differ. Milliseconds. */
const SKEW = 60_000;

export interface LockOptions {
  /** As it is typed: "rollout", "rollback" … */
  command: string;
  /**
   * `resume`: a lock whose process is gone is taken over with what its record says (--resume, --abort, `bake rollback`).
   * `force`: whoever holds it loses it (--force-unlock); its record is taken over, too, for what it has suspended stays so otherwise.
   * Without either, it is taken over only when its process is gone and has left nothing half done.
   */
  takeOver?: 'resume' | 'force';
  /** Noted in the same writing: a process that dies after it has said so. */
  returning?: number;
}

/**
 * Makes the fleet this run's alone. It renews itself until it is let go; a process that dies loses it after five minutes, or at once on
 * the same machine. Throws one sentence that names who has it, or that says what is not allowed.
 */
export async function lockFleet(
  run: Run,
  cloud: Cloud,
  project: Project,
  { command, takeOver, returning }: LockOptions,
): Promise<FleetLock> {
  const fleet = fleetConfig(project).name;
  const name = nameFor(project);
  const place = { run, cloud, name, fleet };
  return explained(fleet, name, async () => {
    for (;;) {
      const { top, entry } = await readLockLog(cloud, name);
      const now = run.clock.now();
      const held = heldBy(entry);
      const before = held && admit(fleet, held, now, { command, takeOver });
      const record: RolloutRecord = {
        ...before,
        run: run.id,
        owner: ownerName(process.env),
        host: processSpace(),
        pid: process.pid,
        command,
        // A rollout that is gone on with is the same, though its process is another.
        since: takeOver === 'resume' ? (before?.since ?? now) : now,
        expires: now + LEASE,
        left: undefined,
        returning,
        ended: endedBy(entry?.record),
      };
      const text = entryText(record, top);
      if (await append(cloud, name, top, text))
        return taken(new HeldLock(place, record, top + 1), held, place);
      const seen = await readLockLog(cloud, name);
      // The answer to the first writing was lost, and it was sent again.
      if (seen.entry?.text === text) return taken(new HeldLock(place, record, seen.top), held, place);
    }
  });
}

/** Who works on the fleet, or left it half done; undefined when nobody does. What has expired is there until it is taken over. */
export async function readLock(cloud: Cloud, project: Project): Promise<RolloutRecord | undefined> {
  return heldBy((await readLockLog(cloud, nameFor(project))).entry);
}

/** The last run that was about releases; `over` when it has let go of the fleet. One whose lock is held or was left is not over. */
export interface LastRun {
  record: RolloutRecord;
  over: boolean;
}

export async function readLastRun(cloud: Cloud, project: Project): Promise<LastRun | undefined> {
  const { entry } = await readLockLog(cloud, nameFor(project));
  if (!entry) return undefined;
  const { record, released } = entry;
  if (isAboutReleases(record) || isHalfDone(record)) return { record, over: released !== undefined };
  const { ended } = record;
  return ended && { record: { ...record, ...ended }, over: true };
}

const endedBy = (record: RolloutRecord | undefined): RolloutRecord['ended'] =>
  record && isAboutReleases(record)
    ? { version: record.version, returning: record.returning }
    : record?.ended;

/** Throws one sentence that names who works on the fleet, where somebody does: before anything is asked or begun. */
export async function refuseLocked(run: Run, cloud: Cloud, project: Project): Promise<void> {
  const held = await readLock(cloud, project);
  const now = run.clock.now();
  if (held && whyGone(held, now) === undefined) throw refusal(fleetConfig(project).name, held, now);
}

/** Why nobody works on it any more, in words that follow "and"; undefined while somebody does. */
export function whyGone(record: RolloutRecord, now: number): string | undefined {
  if (record.left !== undefined) return 'left it so';
  if (record.host === processSpace() && !isAlive(record.pid)) return `its process (${record.pid}) is gone`;
  return now > record.expires + SKEW ? 'its process has not been heard of since' : undefined;
}

const nameFor = (project: Project) =>
  lockName(project.config.project, project.environment, fleetConfig(project).name);

const heldBy = (entry: LockEntry | undefined) => (entry?.released === undefined ? entry?.record : undefined);

/** What is taken over of a lock that is still there. Throws when it may not be. */
function admit(
  fleet: string,
  held: RolloutRecord,
  now: number,
  { command, takeOver }: LockOptions,
): RolloutRecord | undefined {
  if (takeOver === 'force') return held;
  const gone = whyGone(held, now);
  if (gone === undefined) throw refusal(fleet, held, now);
  // To resume means forward; a way back is gone on with by going back.
  const otherWay = held.returning !== undefined && command === 'rollout' && isHalfDone(held);
  if (takeOver === 'resume' && !otherWay) return held;
  if (isHalfDone(held)) throw halfDone(fleet, held, gone);
  return undefined;
}

function taken(
  lock: HeldLock,
  from: RolloutRecord | undefined,
  { run, fleet }: { run: Run; fleet: string },
): FleetLock {
  if (from) {
    const gone = whyGone(from, run.clock.now());
    run.warn(
      `took over the lock of fleet ${fleet} from ${from.owner}, ${workWords(from)}: ${gone ?? 'forced'}`,
    );
  }
  return lock;
}

/** The cloud's refusals say which permission is missing; not what for. */
async function explained<T>(fleet: string, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BakeError) || !/is not allowed/.test(error.message)) throw error;
    const { message, hint, exitCode, details } = error;
    throw new BakeError(
      `fleet ${fleet} cannot be locked against a second rollout (parameter ${name}): ${message}`,
      { hint, exitCode, details, cause: error },
    );
  }
}
