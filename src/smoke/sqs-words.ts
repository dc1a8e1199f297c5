import { count, formatDuration } from '../run/format.ts';
import type { TestMessage } from './ledger.ts';
import type { SmokeCheck } from './report.ts';

/** Below this it is no accident that the new instances took none of the messages. */
const NO_ACCIDENT = 0.05;

/** "message 7f3a… was processed by i-0abc (release 2) after 1.2 s; 1 of 2 messages sent went to release 2, 1 to i-0def (release 1)". Pure. */
export function proofWords(
  proof: TestMessage,
  messages: readonly TestMessage[],
  about: { release: string; isNew(instanceId: string): boolean; describe(instanceId: string): string },
): string {
  const { release, isNew, describe } = about;
  const { instanceId, at } = proof.processed!;
  const others = new Map<string, number>();
  let own = 0;
  for (const { processed } of messages) {
    if (processed && isNew(processed.instanceId)) own++;
    else if (processed) others.set(processed.instanceId, (others.get(processed.instanceId) ?? 0) + 1);
  }
  const elsewhere = [...others].map(([id, n]) => `, ${n} to ${describe(id)}`).join('');
  const took = formatDuration(Math.max(0, at - proof.sentAt));
  const first = `message ${proof.mark} was processed by ${describe(instanceId)} after ${took}`;
  return messages.length === 1
    ? first
    : `${first}; ${own} of ${count(messages.length, 'message')} sent went to release ${release}${elsewhere}`;
}

/**
 * What to make of it when the new release has not answered often enough in time. When nobody answered, or when enough messages were
 * taken by the others that chance does not explain it, the test failed; else it is inconclusive. The probability that n messages all
 * miss the new ones is (old / (old + new))^n. Pure.
 */
export function unansweredVerdict(facts: {
  messages: readonly TestMessage[];
  release: string;
  /** Messages that the new release has processed, and how many it should have. */
  answers: number;
  wanted: number;
  newInstances: number;
  oldInstances: number;
  timeout: number;
}): SmokeCheck {
  const { messages, release, newInstances, oldInstances } = facts;
  const within = formatDuration(facts.timeout);
  const sent = count(messages.length, 'test message');
  const check = { name: 'sqs' as const, details: [] };
  if (newInstances === 0)
    return {
      ...check,
      verdict: 'inconclusive',
      summary: `no instance of release ${release} was there to answer within ${within}`,
    };
  const taken = messages.filter((message) => message.processed).length;
  if (taken === 0)
    return {
      ...check,
      verdict: 'failed',
      summary: `none of ${sent} was processed by anyone within ${within}`,
    };
  if (facts.answers > 0)
    return {
      ...check,
      verdict: 'inconclusive',
      summary: `release ${release} processed only ${facts.answers} of ${sent} within ${within} (${facts.wanted} wanted)`,
    };
  const share = `${taken} of ${sent} processed, all by instances of other releases, within ${within}`;
  const chance = (oldInstances / (oldInstances + newInstances)) ** taken;
  if (chance < NO_ACCIDENT)
    return {
      ...check,
      verdict: 'failed',
      summary: `no instance of release ${release} processed a test message: ${share}`,
    };
  return {
    ...check,
    verdict: 'inconclusive',
    summary: `nothing shows that release ${release} works: ${share}, which is chance in ${Math.round(chance * 100)} % of cases`,
  };
}
