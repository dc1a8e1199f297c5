/**
 * What the cloud remembers of a rollout that goes on: enough for another process, on another machine, to go on with it, to undo it,
 * or to say whose it is. It is the value of the fleet's lock, and is gone when the rollout has ended. Times are milliseconds since the epoch.
 */
export interface RolloutRecord {
  run: string;
  /** Who: "ann@laptop", or the CI job's address. */
  owner: string;
  /** Where `pid` means a process: see `processSpace`. */
  host: string;
  pid: number;
  /** "rollout", "rollback", "cutover" … */
  command: string;
  since: number;
  /** Kept in the future by the process that holds it; past: the process is gone. */
  expires: number;
  /** When its process let go of it with work half done (`FleetLock.leave`): whoever takes it over need not wait. */
  left?: number;
  strategy?: 'rolling' | 'blue-green';
  release?: string;
  imageId?: string;
  /** Launch template versions: what it brings, and where the way back goes. */
  version?: number;
  previousVersion?: number;
  /** The instance refresh that does the work. */
  refresh?: string;
  /** What a change of colours is: a new one is brought (and goes when it is undone), or the two that are there change places. */
  kind?: 'rollout' | 'cutover';
  /** The group that was in front when it began, and the one that is to be (blue-green). */
  front?: string;
  back?: string;
  /** How far it has come; each strategy has its own words. `rolling-back`: it is being undone. */
  phase?: string;
  /** Why it is being undone. */
  reason?: string;
  /** The highest checkpoint whose smoke tests have passed, per cent. */
  passed?: number;
  /** The launch template version that a rollback goes to: whoever goes on with it goes there. */
  returning?: number;
  /** What the last run had to do with releases that was about them: a run that only tidies up does not hide it. */
  ended?: Pick<RolloutRecord, 'version' | 'returning'>;
  /** What it has suspended and has to resume, whatever happens. */
  suspended?: { group: string; processes: string[] }[];
  /** Since when nothing scales the fleet by itself (blue-green): what schedules would have done since is made up for. */
  frozen?: number;
  /** Sizes that a group had before they were changed for the rollout. */
  sizes?: { group: string; min: number; max: number; desired: number }[];
}

/** The fleet is this run's alone until it is released. */
export interface FleetLock {
  /**
   * As it is in the cloud now. Where the lock of a process that is gone was taken, what that one left to be undone (`suspended`, `sizes`)
   * is carried over, so that it is never forgotten; with `takeOver` everything else is, too (`since` as well: the rollout is the same).
   */
  readonly record: RolloutRecord;
  /** Written to the cloud before it returns: what is noted first can be undone by anybody. */
  note(changes: Partial<RolloutRecord>): Promise<void>;
  /** Aborts when the lock was lost: somebody forced it open, or it could not be kept. */
  readonly lost: AbortSignal;
  /**
   * Keeps it no longer and leaves the record for whoever takes the rollout over: it goes on in the cloud without a process.
   * Idempotent, like `release`, and never throws; a later `release` does nothing.
   */
  leave(): Promise<void>;
  /** Lets go. Idempotent; never throws: what could not be let go expires. */
  release(): Promise<void>;
}

/** Whether something that the record tells of is neither done nor undone, if its process is gone. Pure. */
export const isHalfDone = ({ refresh, back, suspended = [], sizes = [] }: RolloutRecord): boolean =>
  refresh !== undefined || back !== undefined || suspended.length > 0 || sizes.length > 0;

/** Whether a run is about releases: what it has brought is what a rollback takes back. Pure. */
export const isAboutReleases = ({ command }: Pick<RolloutRecord, 'command'>): boolean =>
  /^(rollout|rollback|cutover)\b/.test(command);
