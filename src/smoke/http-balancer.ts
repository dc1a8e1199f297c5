import { DeadlineExceeded } from '../run/errors.ts';
import { poll } from '../run/poll.ts';
import type { SmokeContext } from './context.ts';
import { bodyPattern, type HttpConfig } from './http-answer.ts';
import { askOverHttp } from './http-ask.ts';
import { Tally } from './http-tally.ts';
import { reportOf, type SmokeCheck } from './report.ts';

/** Requests to each endpoint at one look, at once. */
const AT_ONCE = 5;

/**
 * Asks the load balancers of the group until the new release has answered. With `body`, an answer that matches it proves that; without,
 * so many right answers in a row that chance does not explain how all of them could have come from the others. Undefined while the new
 * release has no traffic.
 */
export async function testHttpThroughBalancer(
  context: SmokeContext,
  config: HttpConfig,
): Promise<SmokeCheck | undefined> {
  const { run, cloud, roster, version, signal, step, release } = context;
  if (context.share === 0) return undefined;
  const { path, status, timeout } = config;
  const about = `GET ${path} through the load balancer`;
  const group = await roster.look();
  const found = await Promise.all(group.targetGroups.map((one) => cloud.traffic.find(one)));
  const tallies = new Map<string, Tally>();
  for (const endpoint of found.flatMap((one) => one?.endpoints ?? []))
    tallies.set(endpoint, new Tally(status, bodyPattern(config, release)));
  if (tallies.size === 0) {
    const summary = `${about}: no load balancer sends to ${group.name}`;
    return { name: 'http', about, verdict: 'inconclusive', summary, details: [] };
  }
  /** That a request is answered by somebody else. */
  const miss = () => {
    const { fresh, others } = roster.active(version);
    return 1 - (context.share ?? fresh.length / Math.max(1, fresh.length + others.length));
  };
  await poll<true>(
    async () => {
      await roster.look();
      const asking = [...tallies].flatMap(([endpoint, tally]) =>
        Array.from({ length: AT_ONCE }, async () => tally.add(await askOverHttp(endpoint, config))),
      );
      await Promise.all(asking);
      const state = [...tallies.values()].map(({ words }) => words).join('; ');
      const proven = [...tallies.values()].every((tally) => tally.proves(miss()));
      if (!proven) step.progress(`${about}: ${state}`);
      return proven ? { done: true, value: true } : { done: false, state };
    },
    { what: about, timeout, clock: run.clock, signal, interval: { first: 200, longest: 2_000 } },
  ).catch((error: unknown) => {
    if (!(error instanceof DeadlineExceeded)) throw error;
  });
  const facts = { release, miss: miss(), timeout };
  const checks = [...tallies].map(([endpoint, tally]) =>
    tally.check(tallies.size > 1 ? `${about} ${endpoint}` : about, facts),
  );
  const { verdict } = reportOf(checks);
  const worst = checks.filter((check) => check.verdict === verdict);
  const summary = worst.map((check) => check.summary).join('; ');
  return { name: 'http', about, verdict, summary, details: checks.flatMap(({ details }) => details) };
}
