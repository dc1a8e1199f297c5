import type { SmokeConfig } from '../config/schema.ts';
import { DeadlineExceeded } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import type { SmokeContext } from './context.ts';
import { watchDeadLetters } from './dead-letters.ts';
import { testedQueue } from './queue.ts';
import { readProcessed } from './sqs.ts';

/** What comes on top of the visibility timeout: receiving, working, and logs that arrive late. Milliseconds. */
const ALLOWANCE = 30_000;
/** Nobody waits for twelve hours' visibility timeout. Milliseconds. */
const LONGEST = 900_000;

/**
 * Follows every test message to its end after a rollback: one that a broken instance had taken comes back after the
 * visibility timeout and has to be processed by a good one. Returns what became of them, a sentence each. Needs no signal:
 * it belongs to the clean-up.
 */
export async function settleMessages(
  context: Pick<SmokeContext, 'run' | 'cloud' | 'roster' | 'ledger' | 'step' | 'deadLettersBefore'>,
  config: NonNullable<SmokeConfig['sqs']>,
): Promise<string[]> {
  const { run, cloud, roster, ledger, step, deadLettersBefore } = context;
  if (ledger.messages.length === 0) return [];
  const awaited = new Set(ledger.unprocessed);
  const queue = await testedQueue(cloud, config);
  const timeout = Math.min(queue.visibilityTimeout + ALLOWANCE, LONGEST);
  await poll<true>(
    async () => {
      await readProcessed({ cloud, ledger }, config);
      const open = ledger.unprocessed.length;
      const state = `${count(open, 'test message')} not processed yet`;
      if (open > 0) step.progress(state);
      return open === 0 ? { done: true, value: true } : { done: false, state };
    },
    { what: 'the test messages', timeout, clock: run.clock, interval: { first: 250, longest: 2_000 } },
  ).catch((error: unknown) => {
    if (!(error instanceof DeadlineExceeded)) throw error;
  });

  const sentences = [];
  const processedBy = new Map<string, number>();
  for (const { processed } of awaited) {
    if (!processed) continue;
    await roster.knows(processed.instanceId);
    const name = await roster.describe(processed.instanceId);
    processedBy.set(name, (processedBy.get(name) ?? 0) + 1);
  }
  if (processedBy.size > 0) sentences.push(notLostWords(processedBy));
  else if (awaited.size === 0) sentences.push(allProcessedWords(ledger.messages.length));
  const dead = await watchDeadLetters(cloud, queue, {
    before: deadLettersBefore,
    since: ledger.firstSentAt,
    marks: new Set(ledger.messages.map(({ mark }) => mark)),
    tolerated: 0,
    missing: ledger.unprocessed.length > 0,
  });
  if (dead && dead.verdict !== 'passed') sentences.push(`${dead.sentence}: look there`);
  for (const { mark } of ledger.unprocessed)
    sentences.push(`test message ${mark} was not seen processed within ${formatDuration(timeout)}`);
  return sentences;
}

/** "the test message was not lost: processed by i-… (release 2)", for those that were still open at the rollback. */
function notLostWords(processedBy: Map<string, number>): string {
  const total = [...processedBy.values()].reduce((sum, n) => sum + n, 0);
  const [first] = processedBy.keys();
  if (total === 1) return `the test message was not lost: processed by ${first}`;
  const shares = [...processedBy].map(([name, n]) => `${n} by ${name}`).join(', ');
  return `${total} test messages that were still open were not lost: processed ${shares}`;
}

const allProcessedWords = (sent: number): string =>
  sent === 1
    ? 'the test message was not lost: it was processed'
    : `the ${sent} test messages were not lost: all were processed`;
