import type { Cloud, LyingMessage, Queue } from '../clouds/cloud.ts';
import { messageOf } from '../run/errors.ts';
import { count } from '../run/format.ts';
import type { Verdict } from './report.ts';

/** Dead letters that are looked at: enough to find one of ours among those that were there before. */
const MOST_LOOKED_AT = 200;
/** The attribute of a test message that holds its mark. */
export const MARK_ATTRIBUTE = 'bake-smoke-id';

/** What happened to a dead-letter queue while the new release worked. */
export interface DeadLetterFacts {
  name: string;
  /** Messages in it when the rollout began, and now (approximate, and late by up to a minute). */
  before: number;
  now: number;
  /** Those that could be looked at, or why none could. */
  seen: LyingMessage[] | string;
  /** When the rollout began, milliseconds since the epoch. */
  since: number;
  /** Marks of the test messages. */
  marks: ReadonlySet<string>;
  /** So many new ones are accepted. */
  tolerated: number;
}

/**
 * What to make of it. A test message there, or one that was sent since the rollout began, is the new release's doing until proven
 * otherwise: failed. Growth by others, which were sent before or cannot be looked at, may be: a worker that was ended in the middle of
 * its message leaves it there, too. Pure.
 */
export function judgeDeadLetters(facts: DeadLetterFacts): { verdict: Verdict; sentence: string } {
  const { name, before, now, seen, since, marks, tolerated } = facts;
  const grown = now - before;
  const growth = `dead-letter queue ${name} grew from ${before} to ${now} since the rollout began`;
  const looked = typeof seen === 'string' ? [] : seen;
  const own = looked.filter(({ attributes }) => marks.has(attributes[MARK_ATTRIBUTE] ?? ''));
  if (own.length > 0) {
    const names = own.map(({ attributes }) => attributes[MARK_ATTRIBUTE]).join(', ');
    return { verdict: 'failed', sentence: `test message ${names} is in dead-letter queue ${name}` };
  }
  const recent = looked.filter(({ sentAt }) => sentAt >= since);
  if (recent.length > tolerated) {
    const those = `${count(recent.length, 'message')} sent since then ${recent.length === 1 ? 'is' : 'are'} in it (${idsOf(recent)})`;
    return { verdict: 'failed', sentence: `${growth}: ${those}` };
  }
  if (grown <= tolerated) {
    const words = grown > 0 ? `grew by ${grown}, tolerated` : 'has not grown';
    return { verdict: 'passed', sentence: `dead-letter queue ${name} ${words}` };
  }
  const why =
    typeof seen === 'string'
      ? `what is in it cannot be told (${seen})`
      : looked.length < now
        ? `of ${looked.length} that could be looked at none was sent since`
        : 'by messages sent before, whose work the rollout may have broken off';
  return { verdict: 'inconclusive', sentence: `${growth}: ${why}` };
}

const MOST_IDS = 3;

const idsOf = (messages: LyingMessage[]): string =>
  messages
    .slice(0, MOST_IDS)
    .map(({ id }) => id)
    .join(', ') + (messages.length > MOST_IDS ? ', …' : '');

/**
 * Counts the dead letters, and looks at them when there are more than before or a test message is missing. Undefined where the queue
 * has no dead-letter queue, or had none when the rollout began. Changes nothing.
 */
export async function watchDeadLetters(
  cloud: Cloud,
  queue: Queue,
  watched: Pick<DeadLetterFacts, 'since' | 'marks' | 'tolerated'> & { before?: number; missing: boolean },
): Promise<{ verdict: Verdict; sentence: string } | undefined> {
  const { before, missing, ...rest } = watched;
  const dead = queue.deadLetter && (await cloud.queues.find(queue.deadLetter.name));
  if (!dead || before === undefined) return undefined;
  const now = dead.visible + dead.inFlight;
  const look = now > before || (missing && now > 0);
  return judgeDeadLetters({
    ...rest,
    name: dead.name,
    before,
    now,
    seen: look ? await lookAt(cloud, dead) : [],
  });
}

/** How many dead letters were sent since then, of those that can be looked at. */
export async function deadLettersSince(cloud: Cloud, { deadLetter }: Queue, since: number): Promise<number> {
  const dead = deadLetter && (await cloud.queues.find(deadLetter.name));
  const seen = dead ? await lookAt(cloud, dead) : [];
  return typeof seen === 'string' ? 0 : seen.filter(({ sentAt }) => sentAt >= since).length;
}

/** A dead letter is nobody's work: that it cannot be looked at must not end a test. */
const lookAt = (cloud: Cloud, dead: Queue): Promise<LyingMessage[] | string> =>
  cloud.queues.peek(dead, MOST_LOOKED_AT).then(
    (seen) => seen ?? 'it has a dead-letter queue of its own',
    (error: unknown) => messageOf(error),
  );
