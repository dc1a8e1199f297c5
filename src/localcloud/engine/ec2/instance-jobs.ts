import type { Engine } from '../engine.ts';

interface Job {
  what: string;
  /** The machine ended by itself in the meantime. */
  ended: boolean;
  cut: boolean;
}

/**
 * The runtime works on one instance at a time once. What it is at is kept in memory only: after a restart the record's
 * state says what to begin again.
 */
const busy = new WeakMap<Engine, Map<string, Job>>();

function jobsOf(engine: Engine): Map<string, Job> {
  let jobs = busy.get(engine);
  if (!jobs) {
    jobs = new Map();
    busy.set(engine, jobs);
  }
  return jobs;
}

export const isBusy = (engine: Engine, instanceId: string) => jobsOf(engine).has(instanceId);

/** Remembers that the machine ended while the runtime was at work on it; false when it was not. */
export function noteEnd(engine: Engine, instanceId: string): boolean {
  const job = jobsOf(engine).get(instanceId);
  if (job) job.ended = true;
  return job !== undefined;
}

/** Ends the machine under a boot that nobody wants any more, which may hang: the boot fails, and the next job has its turn. */
export function cutBootShort(engine: Engine, instanceId: string): void {
  const job = jobsOf(engine).get(instanceId);
  if (job?.what !== 'boot' || job.cut) return;
  job.cut = true;
  engine.background(`cut short the boot of ${instanceId}`, () => engine.runtime.destroy(instanceId));
}

export interface JobEnd {
  failure?: Error;
  /** The machine ended by itself in the meantime. */
  ended: boolean;
}

/**
 * Lets the runtime work on an instance, then `after` changes the store. Does nothing while it is at work already: the
 * reconciler asks again. Without processes there is nothing to wait for, so that virtual time needs no real turn.
 */
export function onRuntime(
  engine: Engine,
  instanceId: string,
  what: string,
  work: () => Promise<void>,
  after: (end: JobEnd) => void,
): void {
  const jobs = jobsOf(engine);
  if (jobs.has(instanceId)) return;
  if (engine.runtime.kind === 'none') {
    after({ ended: false });
    return;
  }
  const job = { what, ended: false, cut: false };
  jobs.set(instanceId, job);
  engine.background(`${what} ${instanceId}`, async () => {
    let failure: Error | undefined;
    try {
      await work();
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      engine.log(`${what} ${instanceId}: ${failure.message}`);
    }
    jobs.delete(instanceId);
    after({ failure, ended: job.ended });
  });
}
