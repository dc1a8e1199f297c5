import type { Cloud } from '../clouds/cloud.ts';
import type { Run } from '../run/run.ts';
import type { FleetLock, RolloutRecord } from './record.ts';

/** AWS: while it is suspended a refresh stays where it is, with all that it set going; it is neither failed nor cancelled. */
const PROCESS = 'InstanceRefresh';

/**
 * Holds a group's instance refresh for as long as a gate needs. What is suspended stands in the fleet's lock before it is, so that
 * whoever comes after a crash can resume it. A checkpoint's own delay goes on meanwhile and is not cut short by letting go.
 */
export class Hold {
  readonly #cloud: Cloud;
  readonly #lock: FleetLock;
  readonly #group: string;

  constructor({ cloud, lock, group }: { cloud: Cloud; lock: FleetLock; group: string }) {
    this.#cloud = cloud;
    this.#lock = lock;
    this.#group = group;
  }

  /** Whether the refresh may be held by us: this process, or the one that it took over from. */
  get held(): boolean {
    return this.#suspended.some((each) => this.#isOurs(each));
  }

  /** Holds it. What somebody else suspended holds it, too, and stays theirs. */
  async take(): Promise<void> {
    const group = await this.#cloud.groups.find(this.#group);
    if (this.held || group?.suspendedProcesses.includes(PROCESS)) return;
    const ours = { group: this.#group, processes: [PROCESS] };
    await this.#lock.note({ suspended: [...this.#suspended, ours] });
    await this.#cloud.groups.suspend(this.#group, [PROCESS]);
  }

  /** Lets it go on, if it is held by us. Idempotent. */
  async letGo(): Promise<void> {
    if (!this.held) return;
    await this.#cloud.groups.resume(this.#group, [PROCESS]);
    const suspended = this.#suspended.filter((each) => !this.#isOurs(each));
    await this.#lock.note({ suspended }).catch(() => {}); // Who resumes it again later does no harm.
  }

  get #suspended(): NonNullable<RolloutRecord['suspended']> {
    return this.#lock.record.suspended ?? [];
  }

  #isOurs({ group, processes }: { group: string; processes: string[] }): boolean {
    return group === this.#group && processes.includes(PROCESS);
  }
}

/** Resumes all that a process which is gone has left suspended: whoever holds the fleet's lock now may. */
export async function resumeLeftovers(run: Run, cloud: Cloud, lock: FleetLock): Promise<void> {
  const { suspended = [] } = lock.record;
  for (const { group, processes } of suspended) {
    if (!(await cloud.groups.find(group))) continue;
    await cloud.groups.resume(group, processes);
    run.note(`resumed ${processes.join(', ')} on ${group}, which an earlier run had left suspended`);
  }
  if (suspended.length > 0) await lock.note({ suspended: [] });
}
