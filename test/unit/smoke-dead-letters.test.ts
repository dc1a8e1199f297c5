import { describe, expect, test } from 'vitest';
import type { LyingMessage } from '../../src/clouds/cloud.ts';
import { judgeDeadLetters } from '../../src/smoke/dead-letters.ts';

const SINCE = 1_000_000;
const message = (id: string, sentAt: number, mark?: string): LyingMessage => ({
  id,
  sentAt,
  attributes: mark === undefined ? {} : { 'bake-smoke-id': mark },
});
const old = (n: number) => Array.from({ length: n }, (_, at) => message(`old-${at}`, SINCE - 1_000 - at));
const facts = { name: 'jobs-dead', since: SINCE, marks: new Set(['7f3a-0001']), tolerated: 0 };

describe('a dead-letter queue', () => {
  test('that is as long as before is no finding, however long it is', () => {
    const judged = judgeDeadLetters({ ...facts, before: 40, now: 40, seen: [] });
    expect(judged).toEqual({ verdict: 'passed', sentence: 'dead-letter queue jobs-dead has not grown' });
  });

  test('with a message that was sent since the rollout began fails the release, and names the message', () => {
    const seen = [...old(2), message('fresh', SINCE + 5)];
    expect(judgeDeadLetters({ ...facts, before: 2, now: 3, seen })).toEqual({
      verdict: 'failed',
      sentence:
        'dead-letter queue jobs-dead grew from 2 to 3 since the rollout began: 1 message sent since then is in it (fresh)',
    });
  });

  test('that shrank meanwhile and holds the test message fails the release: numbers alone would not show it', () => {
    const seen = [message('mine', SINCE + 5, '7f3a-0001')];
    const judged = judgeDeadLetters({ ...facts, before: 9, now: 1, seen, tolerated: 10 });
    expect(judged).toEqual({
      verdict: 'failed',
      sentence: 'test message 7f3a-0001 is in dead-letter queue jobs-dead',
    });
  });

  test('with the test message of another run is not this one’s business', () => {
    const seen = [...old(1), message('theirs', SINCE - 5, 'beef-0001')];
    expect(judgeDeadLetters({ ...facts, before: 2, now: 2, seen }).verdict).toBe('passed');
  });

  test('that grew by messages sent before the rollout leaves it open whether it was the rollout', () => {
    const judged = judgeDeadLetters({ ...facts, before: 2, now: 3, seen: old(3) });
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.sentence).toContain('by messages sent before, whose work the rollout may have broken off');
  });

  test('that grew and cannot be looked at, or not completely, leaves it open, with the reason', () => {
    const denied = judgeDeadLetters({
      ...facts,
      before: 0,
      now: 1,
      seen: 'sqs:ReceiveMessage is not allowed',
    });
    expect(denied).toMatchObject({ verdict: 'inconclusive' });
    expect(denied.sentence).toContain('cannot be told (sqs:ReceiveMessage is not allowed)');
    const partly = judgeDeadLetters({ ...facts, before: 999, now: 1_000, seen: old(200) });
    expect(partly.sentence).toContain('of 200 that could be looked at none was sent since');
  });

  test('of a queue that gets bad messages all the time may grow by as many as are tolerated', () => {
    const seen = [message('a', SINCE + 1), message('b', SINCE + 2)];
    expect(judgeDeadLetters({ ...facts, before: 0, now: 2, seen, tolerated: 2 }).verdict).toBe('passed');
    expect(judgeDeadLetters({ ...facts, before: 0, now: 2, seen, tolerated: 1 }).verdict).toBe('failed');
  });
});
