import type { Queue } from '../clouds/cloud.ts';
import type { SmokeConfig } from '../config/schema.ts';
import { DeadlineExceeded } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import type { SmokeContext } from './context.ts';
import { MARK_ATTRIBUTE, watchDeadLetters } from './dead-letters.ts';
import type { TestMessage } from './ledger.ts';
import { testedQueue } from './queue.ts';
import type { SmokeCheck } from './report.ts';
import { proofWords, unansweredVerdict } from './sqs-words.ts';

type SqsConfig = NonNullable<SmokeConfig['sqs']>;

/** Instances' clocks may be behind ours; marks are unique, so that a wide window finds nothing wrong. Milliseconds. */
const CLOCK_SKEW = 60_000;

/**
 * Sends a marked message and finds out, by the log stream in which its mark appears, which instance processed it. While others
 * share the queue they may take it: another is sent until instances of the new release have answered (`answers` times). After that every
 * message sent must have been processed by someone, and the dead-letter queue must not have grown because of the rollout.
 */
export async function testQueue(context: SmokeContext, config: SqsConfig): Promise<SmokeCheck> {
  const { run, ledger, step } = context;
  const queue = await testedQueue(context.cloud, config);
  const deadline = run.clock.now() + config.timeout;
  const from = ledger.messages.length;
  const mine = () => ledger.messages.slice(from);
  const wait = { clock: run.clock, signal: context.signal, interval: { first: 200, longest: 1_000 } };

  const ended = (check: SmokeCheck) => withDeadLetters(context, config, queue, check);

  const proven = await poll<true | undefined>(
    async () => {
      await sendWhenDue(context, config, queue, mine());
      await readProcessed(context, config);
      const answers = await answersAmong(context, mine());
      const wanted = config.answers > 1 ? ` ${config.answers} times` : '';
      const state = `${count(mine().length, 'test message')} sent, ${answers} processed by release ${context.release}`;
      if (answers >= config.answers) return { done: true, value: true };
      step.progress(`waiting for an instance of release ${context.release} to answer${wanted}`);
      return { done: false, state };
    },
    { ...wait, what: 'the answer to the test message', timeout: config.timeout },
  ).catch(unlessDeadline);
  if (!proven) return ended(await unanswered(context, config, mine()));

  const left = Math.max(0, deadline - run.clock.now());
  await poll<true>(
    async () => {
      await readProcessed(context, config);
      const open = mine().filter((message) => !message.processed).length;
      const state = `${count(open, 'test message')} not processed yet`;
      if (open > 0) step.progress(state);
      return open === 0 ? { done: true, value: true } : { done: false, state };
    },
    { ...wait, what: 'the other test messages', timeout: left },
  ).catch(unlessDeadline);
  return ended(await conclude(context, queue, mine()));
}

/** A deadline that has passed is a result here, not an error. */
const unlessDeadline = (error: unknown): undefined => {
  if (error instanceof DeadlineExceeded) return undefined;
  throw error;
};

async function sendWhenDue(
  { run, cloud, ledger, release }: SmokeContext,
  config: SqsConfig,
  queue: Queue,
  sent: readonly TestMessage[],
): Promise<void> {
  const last = sent.at(-1);
  // An old instance that has answered already will not answer differently: no need to wait for the interval.
  if (last && !last.processed && run.clock.now() - last.sentAt < config.resendEvery) return;
  const mark = ledger.nextMark();
  const body = config.message.replaceAll('${smoke.id}', mark);
  const message: TestMessage = { mark, id: '', sentAt: run.clock.now() };
  ledger.messages.push(message); // Before the call: whatever comes of it, the message is followed.
  message.id = await cloud.queues.send(queue.url, body, { [MARK_ATTRIBUTE]: mark, 'bake-release': release });
}

/** Reads the log for marks, and notes which instance processed what. */
export async function readProcessed(
  { cloud, ledger }: Pick<SmokeContext, 'cloud' | 'ledger'>,
  config: Pick<SqsConfig, 'logGroup'>,
): Promise<void> {
  if (ledger.unprocessed.length === 0) return;
  const since = ledger.firstSentAt - CLOCK_SKEW;
  const events = await cloud.logs.search({ group: config.logGroup, since, pattern: ledger.pattern });
  for (const event of events) ledger.note(event);
}

/** How many of these were processed by instances of the new release. */
async function answersAmong(
  { roster, version }: SmokeContext,
  messages: readonly TestMessage[],
): Promise<number> {
  let answers = 0;
  for (const { processed } of messages)
    if (processed && (await roster.knows(processed.instanceId)) && roster.isOf(processed.instanceId, version))
      answers++;
  return answers;
}

async function unanswered(
  context: SmokeContext,
  config: SqsConfig,
  messages: readonly TestMessage[],
): Promise<SmokeCheck> {
  const { roster, version, release } = context;
  await roster.look();
  const { fresh, others } = roster.active(version);
  return unansweredVerdict({
    messages,
    release,
    answers: await answersAmong(context, messages),
    wanted: config.answers,
    newInstances: fresh.length,
    oldInstances: others.length,
    timeout: config.timeout,
  });
}

async function conclude(
  context: SmokeContext,
  queue: Queue,
  messages: readonly TestMessage[],
): Promise<SmokeCheck> {
  const { roster, run, version, release } = context;
  const own = messages.filter(({ processed }) => processed && roster.isOf(processed.instanceId, version));
  const [proof] = own as [TestMessage];
  const names = new Map<string, string>();
  for (const { processed } of messages) {
    if (processed) names.set(processed.instanceId, await roster.describe(processed.instanceId));
  }
  const proofSaid = proofWords(proof, messages, {
    release,
    isNew: (id) => roster.isOf(id, version),
    describe: (id) => names.get(id) ?? id,
  });
  run.fact('smoke.proof', {
    mark: proof.mark,
    messageId: proof.id,
    ...proof.processed,
    sent: messages.length,
    own: own.length,
  });
  const open = messages.filter((message) => !message.processed);
  if (open.length === 0) return { name: 'sqs', verdict: 'passed', summary: proofSaid, details: [] };
  const back = `if its receiver died it comes back after ${formatDuration(queue.visibilityTimeout)}`;
  const rest = `${count(open.length, 'message')} not seen processed yet (${back})`;
  return {
    name: 'sqs',
    verdict: 'passed',
    summary: `${proofSaid}; ${rest}`,
    details: open.map(({ mark }) => mark),
  };
}

/** Adds what the dead-letter queue says; it can only make the verdict worse. */
async function withDeadLetters(
  { cloud, since, ledger, deadLettersBefore: before }: SmokeContext,
  { tolerateDeadLetters: tolerated }: SqsConfig,
  queue: Queue,
  check: SmokeCheck,
): Promise<SmokeCheck> {
  const marks = new Set(ledger.messages.map(({ mark }) => mark));
  const missing = ledger.unprocessed.length > 0;
  const seen = await watchDeadLetters(cloud, queue, { before, since, marks, tolerated, missing });
  if (!seen) return check;
  const { verdict, sentence } = seen;
  if (check.verdict === 'passed' && verdict !== 'passed')
    return { ...check, verdict, summary: sentence, details: [check.summary, ...check.details] };
  return { ...check, summary: `${check.summary}; ${sentence}` };
}
