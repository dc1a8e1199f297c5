import { type InstanceAnswer, runEverywhere } from '../communicators/everywhere.ts';
import { DeadlineExceeded } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import type { SmokeContext } from './context.ts';
import type { InstanceVerdict, SmokeCheck } from './report.ts';

/** A test that every new instance has to pass. */
export interface InstanceTest {
  name: SmokeCheck['name'];
  /** "GET /health on port 80". */
  about: string;
  script: string;
  /** Milliseconds. */
  timeout: number;
  /** What is wrong with an instance that answered so, or undefined: "exit code 1: no index". */
  wrong(answer: InstanceAnswer): string | undefined;
}

/** One attempt must have time to say something. Milliseconds. */
const LEAST_ATTEMPT = 1_000;

/**
 * Runs a test on every new instance in service at once, again on those that fail it until its time is over: those that come meanwhile are
 * tested, too; those that go are left out. An instance whose agent does not answer proves nothing: inconclusive.
 */
export async function testInstances(context: SmokeContext, test: InstanceTest): Promise<SmokeCheck> {
  const { run, roster, version, signal, step } = context;
  const deadline = run.clock.now() + test.timeout;
  const verdicts = new Map<string, InstanceVerdict>();
  let present: string[] = [];
  const passed = (id: string) => verdicts.get(id)?.verdict === 'passed';
  await poll<true>(
    async () => {
      await roster.look();
      present = roster
        .active(version)
        .fresh.filter(({ lifecycle }) => lifecycle === 'InService')
        .map(({ id }) => id);
      const todo = present.filter((id) => !passed(id));
      const timeout = Math.max(LEAST_ATTEMPT, deadline - run.clock.now());
      const comment = `bake smoke test: ${test.about}`;
      const answers = await runEverywhere(context, todo, test.script, { timeout, comment, signal });
      for (const [id, answer] of answers) verdicts.set(id, verdictOf(id, answer, test));
      const left = present.filter((id) => !passed(id)).length;
      if (present.length > 0 && left === 0) return { done: true, value: true };
      const state = present.length === 0 ? 'no new instance yet' : `${left} of ${present.length} not yet`;
      step.progress(`${test.about}: ${state}`);
      return { done: false, state };
    },
    {
      what: test.about,
      timeout: test.timeout,
      clock: run.clock,
      signal,
      interval: { first: 500, longest: 5_000 },
    },
  ).catch((error: unknown) => {
    if (!(error instanceof DeadlineExceeded)) throw error;
  });
  const instances = present.map((id) => verdicts.get(id) ?? { id, verdict: 'inconclusive' as const });
  return checkOf(test, context.release, instances);
}

function verdictOf(id: string, answer: InstanceAnswer, test: InstanceTest): InstanceVerdict {
  if (answer.state === 'silent')
    return {
      id,
      verdict: 'inconclusive',
      reason: 'its agent does not answer, so that nothing can be asked there',
    };
  const reason = test.wrong(answer);
  return reason === undefined ? { id, verdict: 'passed' } : { id, verdict: 'failed', reason };
}

/** Pure. */
export function checkOf(
  { name, about, timeout }: Pick<InstanceTest, 'name' | 'about' | 'timeout'>,
  release: string,
  instances: InstanceVerdict[],
): SmokeCheck {
  const within = `within ${formatDuration(timeout)}`;
  const bad = (verdict: InstanceVerdict['verdict']) => instances.filter((one) => one.verdict === verdict);
  const check = { name, about, instances };
  const tell = ({ id, reason }: InstanceVerdict) => `${id}: ${reason}`;
  const all = count(instances.length, 'new instance');
  if (instances.length === 0) {
    const summary = `${about}: no instance of release ${release} was in service ${within}`;
    return { ...check, verdict: 'inconclusive', summary, details: [] };
  }
  const failed = bad('failed');
  const silent = bad('inconclusive');
  const [first] = failed.length > 0 ? failed : silent;
  if (first === undefined)
    return { ...check, verdict: 'passed', summary: `${about} went well on ${all}`, details: [] };
  const which = failed.length > 0 ? failed : silent;
  const how =
    failed.length > 0 ? `failed on ${failed.length} of ${all}` : `unknown of ${silent.length} of ${all}`;
  return {
    ...check,
    verdict: failed.length > 0 ? 'failed' : 'inconclusive',
    summary: `${about} ${how} ${within}: ${tell(first)}`,
    details: [...failed, ...silent].filter((one) => one !== first || which.length > 1).map(tell),
  };
}
