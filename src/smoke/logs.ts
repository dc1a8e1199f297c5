import type { LogEvent } from '../clouds/cloud.ts';
import type { SmokeConfig } from '../config/schema.ts';
import { count, formatDuration } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import type { SmokeContext } from './context.ts';
import { logLines } from './log-lines.ts';
import type { SmokeCheck } from './report.ts';

/**
 * Looks for errors in the log streams of the new instances only, since the rollout began. Fails as soon as there are more than
 * are tolerated; passes `settle` after `others` (the tests that give the instances something to do) have ended, because logs arrive late.
 */
export async function testLogs(
  context: SmokeContext,
  config: NonNullable<SmokeConfig['logs']>,
  others: Promise<unknown>,
): Promise<SmokeCheck> {
  const { run, cloud, roster, version, release, since, signal } = context;
  let quietFrom: number | undefined;
  others.then(
    () => {
      quietFrom = run.clock.now();
    },
    () => {}, // Whoever started it hears of it.
  );
  return poll<SmokeCheck>(
    async () => {
      const lookedAt = run.clock.now();
      await roster.look();
      const instances = roster.everOf(version);
      const errors =
        instances.length === 0
          ? []
          : await cloud.logs.search({
              group: config.group,
              since,
              pattern: config.errorPattern,
              streamsContaining: instances,
            });
      if (errors.length > config.tolerated) return { done: true, value: errorCheck(errors, release, config) };
      const watched = quietFrom === undefined ? -1 : lookedAt - quietFrom;
      if (watched >= config.settle)
        return { done: true, value: quietCheck(errors, instances.length, config) };
      return { done: false, state: `${count(errors.length, 'error')} so far` };
    },
    {
      what: 'the logs to settle',
      // The other tests end by their own deadlines; this one only has to outlast them.
      timeout: Number.MAX_SAFE_INTEGER,
      clock: run.clock,
      signal,
      interval: { first: 250, longest: Math.min(2_000, Math.max(250, config.settle / 2)) },
    },
  );
}

function errorCheck(
  errors: LogEvent[],
  release: string,
  config: NonNullable<SmokeConfig['logs']>,
): SmokeCheck {
  const tolerated = config.tolerated > 0 ? ` (${config.tolerated} tolerated)` : '';
  return {
    name: 'logs',
    verdict: 'failed',
    summary: `instances of release ${release} logged ${count(errors.length, 'error')}${tolerated} in ${config.group}`,
    details: logLines(errors),
  };
}

function quietCheck(
  errors: LogEvent[],
  instances: number,
  config: NonNullable<SmokeConfig['logs']>,
): SmokeCheck {
  const found = errors.length === 0 ? 'no errors' : `${count(errors.length, 'error')}, tolerated,`;
  return {
    name: 'logs',
    verdict: 'passed',
    summary: `${found} in the logs of ${count(instances, 'new instance')}, ${formatDuration(config.settle)} watched`,
    details: logLines(errors),
  };
}
