import { BakeError, Interrupted, messageOf } from '../../run/errors.ts';
import { count } from '../../run/format.ts';
import { retry } from '../../run/retry.ts';
import type { Run, Step } from '../../run/run.ts';
import { switchBack } from './change.ts';
import type { Host } from './host.ts';
import type { Site } from './site.ts';
import { type HostState, verified } from './state.ts';

/** How long a server that cannot be reached is tried, when it has to be switched back. Milliseconds. */
const REACH_AGAIN = 60_000;

/** How many servers are changed at the same time. Pure. */
export function batchSize(batch: number | string, hosts: number): number {
  if (typeof batch === 'number') return batch;
  return Math.max(1, Math.floor((hosts * Number.parseInt(batch, 10)) / 100));
}

/** Work on one server; it calls `touched` before its links are changed. */
export type HostWork = (step: Step, host: Host, touched: () => void) => Promise<string>;

/**
 * Works on all servers, batch after batch, those of one batch at the same time. When one fails, or the run is interrupted, the servers of
 * the batch that were touched are switched back, and (as configured) those of earlier batches; then it throws with what became of each.
 */
export async function inBatches(
  site: Site,
  states: Map<Host, HostState>,
  release: string,
  work: HostWork,
): Promise<void> {
  const { run, hosts, config } = site;
  const size = batchSize(config.batch, hosts.length);
  const total = Math.ceil(hosts.length / size);
  const done: Host[] = [];
  for (let at = 0; at < hosts.length; at += size) {
    const batch = hosts.slice(at, at + size);
    const touched = new Set<Host>();
    const number = at / size + 1;
    const title = `Batch ${number} of ${total}: ${batch.map(({ name }) => name).join(', ')}`;
    const one = (step: Step) => async (host: Host) => {
      if (run.signal.aborted) throw new Interrupted();
      const words = await work(step, host, () => touched.add(host));
      step.output(host.name, words);
      return words;
    };
    const ended = await run.step('in-place.batch', title, async (step) => {
      const results = await Promise.allSettled(batch.map(one(step)));
      const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      if (run.signal.aborted) failures.unshift(new Interrupted());
      if (failures.length > 0) return { failures };
      step.summary = results.map((result) => (result as PromiseFulfilledResult<string>).value).join(' · ');
      return { failures };
    });
    if (ended.failures.length > 0) {
      const back = [
        ...batch.filter((host) => touched.has(host)),
        ...(config.revertEarlier ? done.reverse() : []),
      ];
      await failed(site, states, release, {
        failures: ended.failures,
        back,
        left: config.revertEarlier ? [] : done,
      });
    }
    done.push(...touched);
  }
}

async function failed(
  site: Site,
  states: Map<Host, HostState>,
  release: string,
  { failures, back, left }: { failures: unknown[]; back: Host[]; left: Host[] },
): Promise<never> {
  // What undoes is not ended by what asked for it.
  const run = site.run.part({ signal: new AbortController().signal });
  const lines =
    back.length === 0
      ? []
      : await run.step('in-place.back', `Switching ${count(back.length, 'server')} back`, async (step) => {
          const words = await Promise.all(
            back.map((host) => backInWords({ ...site, run }, host, states, release)),
          );
          step.summary = words.map(({ line }) => line).join(' · ');
          return words;
        });
  const first = failures.find((error) => error instanceof BakeError);
  if (back.length > 0 && lines.every(({ ok }) => ok))
    run.fact('rolled-back', { release, reason: messageOf(first ?? failures[0]) });
  const kept = left.map(({ name }) => `${name}: keeps ${release} (inPlace.revertEarlier is false)`);
  const stuck = lines.filter(({ ok }) => !ok);
  const interrupted = failures[0] instanceof Interrupted;
  const details = [
    ...(first instanceof BakeError ? first.details : []),
    ...failures.filter((error) => error !== first && !(error instanceof Interrupted)).map(messageOf),
    ...lines.map(({ line }) => line),
    ...kept,
  ];
  const end =
    stuck.length > 0
      ? `${count(stuck.length, 'server')} could not be switched back`
      : back.length > 0
        ? `${count(back.length, 'server')} switched back`
        : 'nothing had been switched';
  throw new BakeError(interrupted ? `interrupted; ${end}` : `${messageOf(first ?? failures[0])}; ${end}`, {
    exitCode: interrupted ? 130 : 1,
    details,
    hint:
      stuck.length > 0
        ? '`bake status` shows each server; `bake rollback` goes on with the way back.'
        : undefined,
    cause: failures[0],
  });
}

async function backInWords(
  site: Site & { run: Run },
  host: Host,
  states: Map<Host, HostState>,
  release: string,
): Promise<{ ok: boolean; line: string }> {
  const { run } = site;
  const before = verified(states.get(host)!);
  try {
    const words = await retry(() => switchBack(site, host, before, release), {
      // A server that cannot be reached for a moment; whatever it answers is final.
      passes: (error) => !(error instanceof BakeError) || /cannot be reached/.test(error.message),
      within: REACH_AGAIN,
      clock: run.clock,
    });
    return { ok: true, line: `${host.name}: ${words}` };
  } catch (error) {
    return { ok: false, line: `${host.name}: NOT switched back to ${before.current}: ${messageOf(error)}` };
  }
}
