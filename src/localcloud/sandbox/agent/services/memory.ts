import { readFileSync } from 'node:fs';
import { processesOf, signalAll } from '../processes.ts';

/** How often a limited service is looked at, milliseconds: there are no control groups that would tell of it. */
const LOOK = 100;

interface Victim {
  pid: number;
  name: string;
  /** Resident anonymous memory and the size of the address space, KiB. */
  anonymous: number;
  total: number;
}

/**
 * Keeps the processes of an invocation within `limit` bytes of memory (MemoryMax=), as the kernel and OOMPolicy=stop do: kills the largest
 * when they have more, ends the others, says the kernel's words, and calls `onKill`. Returns what ends the watch.
 */
export function watchMemory(
  invocation: string,
  limit: number,
  report: { kernel(message: string): void; onKill(): void },
): () => void {
  if (limit === Number.POSITIVE_INFINITY) return () => {};
  const timer = setInterval(() => {
    const all = processesOf(invocation).flatMap((pid) => sizeOf(pid) ?? []);
    const used = all.reduce((sum, { anonymous }) => sum + anonymous, 0) * 1_024;
    if (used <= limit) return;
    const largest = all.reduce((a, b) => (b.anonymous > a.anonymous ? b : a));
    clearInterval(timer);
    report.kernel(
      `Memory cgroup out of memory: Killed process ${largest.pid} (${largest.name}) total-vm:${largest.total}kB, anon-rss:${largest.anonymous}kB, file-rss:0kB, shmem-rss:0kB`,
    );
    report.onKill();
    signalAll([largest.pid], 'SIGKILL');
    signalAll(
      all.map(({ pid }) => pid).filter((pid) => pid !== largest.pid),
      'SIGTERM',
    );
  }, LOOK);
  timer.unref();
  return () => clearInterval(timer);
}

/** proc_pid_status(5). Undefined for one that is gone. */
function sizeOf(pid: number): Victim | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1');
    const field = (key: string) => new RegExp(`^${key}:\\s*(.*?)(?: kB)?$`, 'm').exec(text)?.[1] ?? '0';
    const size = { anonymous: Number(field('RssAnon')), total: Number(field('VmSize')) };
    return { pid, name: field('Name'), ...size };
  } catch {
    return undefined;
  }
}
