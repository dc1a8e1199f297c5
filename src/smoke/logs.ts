import type { LogEvent } from '../clouds/cloud.ts';
import type { SmokeConfig } from '../config/schema.ts';
import { count, formatDuration } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import type { SmokeContext } from './context.ts';
import { logLines } from './log-lines.ts';
import { compareRates, rateWords } from './log-rates.ts';
import { type Errors, LogReference, MOST_LINES } from './log-reference.ts';
import type { SmokeCheck } from './report.ts';

type LogConfig = NonNullable<SmokeConfig['logs']>;

/** While it is in doubt whether the new release is worse, the logs are watched up to so many times as long. */
const PATIENCE = 3;

/**
 * Looks for errors in the log streams of the new instances only, since the rollout began. Fails as soon as there are more than
 * are tolerated (with `compare`: and at a rate above that of the old release); passes `settle` after `others` (the tests that give the
 * instances something to do) have ended, because logs arrive late.
 */
export async function testLogs(
  context: SmokeContext,
  config: LogConfig,
  others: Promise<unknown>,
): Promise<SmokeCheck> {
  const { run, cloud, roster, version, since, signal } = context;
  const reference = config.compare ? new LogReference(context, config) : undefined;
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
      const limit = reference ? MOST_LINES : undefined;
      const request = {
        limit,
        group: config.group,
        since,
        pattern: config.errorPattern,
        streamsContaining: instances,
      };
      const events = instances.length === 0 ? [] : await cloud.logs.search(request);
      const watched = quietFrom === undefined ? -1 : lookedAt - quietFrom;
      const found: Found = { context, config, events, instances: instances.length };
      if (events.length > config.tolerated) {
        const check = reference
          ? comparedCheck(found, await reference.count(events.length), watched)
          : errorCheck(found);
        if (check) return { done: true, value: check };
      } else if (watched >= config.settle) return { done: true, value: quietCheck(found) };
      return { done: false, state: `${count(events.length, 'error')} so far` };
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

interface Found {
  context: SmokeContext;
  config: LogConfig;
  events: LogEvent[];
  instances: number;
}

function errorCheck({ context, config, events }: Found, compared = ''): SmokeCheck {
  const tolerated = config.tolerated > 0 ? ` (${config.tolerated} tolerated)` : '';
  const logged = `instances of release ${context.release} logged ${count(events.length, 'error')}${tolerated} in ${config.group}`;
  return { name: 'logs', verdict: 'failed', summary: `${logged}${compared}`, details: logLines(events) };
}

function quietCheck({ config, events, instances }: Found, compared = ', tolerated,'): SmokeCheck {
  const found = events.length === 0 ? 'no errors' : `${count(events.length, 'error')}${compared}`;
  return {
    name: 'logs',
    verdict: 'passed',
    summary: `${found} in the logs of ${count(instances, 'new instance')}, ${formatDuration(config.settle)} watched`,
    details: logLines(events),
  };
}

/** The verdict by comparison; undefined while it is too early for one. */
function comparedCheck(found: Found, { fresh, old }: Errors, watched: number): SmokeCheck | undefined {
  const { settle } = found.config;
  if (!old) return errorCheck(found, ', and no other release is there to compare with');
  const final = watched >= settle;
  const comparison = compareRates(fresh, old, final);
  const words = `${rateWords(fresh)}, the others ${rateWords(old)} ${old.when}`;
  if (comparison === 'worse') return errorCheck(found, `: ${words}`);
  if (!final) return undefined;
  if (comparison === 'not worse') return quietCheck(found, ` (no more than before: ${words})`);
  if (watched < PATIENCE * settle) return undefined;
  return {
    ...errorCheck(found, `, which may be more than before: ${words}`),
    verdict: 'inconclusive',
  };
}
