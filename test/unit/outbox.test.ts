import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Outbox } from '../../src/report/outbox.ts';

let warnings: string[];
let sent: string[];
let outbox: Outbox;

beforeEach(() => {
  vi.useFakeTimers();
  warnings = [];
  sent = [];
  outbox = new Outbox('Slack', (warning) => warnings.push(warning));
});
afterEach(() => {
  vi.useRealTimers();
});

const say = (word: string) => async () => void sent.push(word);
const never = () => new Promise<never>(() => {});

test('what is sent goes in order, one at a time, and nobody waits for it', async () => {
  outbox.send(async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    sent.push('slow');
  });
  outbox.send(say('quick'));
  expect(sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(500);
  expect(sent).toEqual(['slow', 'quick']);
});

test('of many states of one thing only the newest goes, every three seconds, and the last one at the end', async () => {
  for (let state = 1; state <= 100; state++) {
    outbox.newest(say(String(state)));
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(sent).toEqual(['1', '30', '60', '90']);
  await outbox.close(() => {});
  expect(sent.at(-1)).toBe('100');
});

test('a failure is a warning, once for each reason, and what comes after is tried', async () => {
  const refuse = async () => {
    throw new Error('not_in_channel');
  };
  outbox.send(refuse);
  outbox.send(refuse);
  outbox.send(say('after'));
  await outbox.close(() => {});
  expect(warnings).toEqual(['Slack was not told: not_in_channel']);
  expect(sent).toEqual(['after']);
});

test('a place that does not answer holds the end of a run up for ten seconds, not longer', async () => {
  outbox.send(never);
  outbox.send(say('never'));
  const giveUp = vi.fn();
  const closed = outbox.close(giveUp);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(giveUp).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await closed;
  expect(giveUp).toHaveBeenCalledOnce();
  expect(warnings).toEqual(['Slack was not told: not everything could be said within 10 s']);
  expect(sent).toEqual([]);
});
