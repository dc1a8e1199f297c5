import { describe, expect, it } from 'vitest';
import { MessageLedger } from '../../src/smoke/ledger.ts';
import { logLines } from '../../src/smoke/log-lines.ts';
import { reportOf } from '../../src/smoke/report.ts';
import { proofWords, unansweredVerdict } from '../../src/smoke/sqs-words.ts';

const OLD = 'i-00000000000000001';
const NEW = 'i-00000000000000002';

function ledgerWith(...takers: (string | undefined)[]): MessageLedger {
  const ledger = new MessageLedger('7f3a');
  for (const [n, taker] of takers.entries()) {
    const mark = ledger.nextMark();
    ledger.messages.push({ mark, id: `m-${n}`, sentAt: n * 1_000 });
    if (taker) ledger.note({ time: n * 1_000 + 1_200, stream: `worker/${taker}`, message: `done ${mark}` });
  }
  return ledger;
}

describe('the proof of a test message', () => {
  it('names the message, the instance, its release, and who took the others', () => {
    const { messages } = ledgerWith(OLD, NEW);
    const about = {
      release: '2',
      isNew: (id: string) => id === NEW,
      describe: (id: string) => `${id} (release ${id === NEW ? 2 : 1})`,
    };
    expect(proofWords(messages[1]!, messages, about)).toBe(
      `message 7f3a-0002 was processed by ${NEW} (release 2) after 1.2 s; 1 of 2 messages sent went to release 2, 1 to ${OLD} (release 1)`,
    );
  });

  it('is the first instance that logged the mark, in a stream that names an instance', () => {
    const ledger = ledgerWith(undefined);
    ledger.note({ time: 1, stream: 'application', message: '7f3a-0001' });
    expect(ledger.unprocessed).toHaveLength(1);
    ledger.note({ time: 2, stream: `x/${NEW}/y`, message: '{"job":"7f3a-0001"}' });
    ledger.note({ time: 3, stream: OLD, message: '7f3a-0001 again' });
    expect(ledger.messages[0]!.processed).toEqual({ instanceId: NEW, at: 2 });
  });
});

describe('a test message that no new instance answered', () => {
  const facts = { release: '2', timeout: 30_000, answers: 0, wanted: 1 };
  it('fails when nobody processed any', () => {
    const { messages } = ledgerWith(undefined, undefined);
    const check = unansweredVerdict({ ...facts, messages, newInstances: 1, oldInstances: 2 });
    expect(check).toMatchObject({
      verdict: 'failed',
      summary: 'none of 2 test messages was processed by anyone within 30 s',
    });
  });

  it('is inconclusive while chance explains it, and fails when it does not', () => {
    const few = ledgerWith(OLD, OLD).messages;
    const many = ledgerWith(...Array.from({ length: 30 }, () => OLD)).messages;
    expect(unansweredVerdict({ ...facts, messages: few, newInstances: 1, oldInstances: 2 }).verdict).toBe(
      'inconclusive',
    );
    expect(unansweredVerdict({ ...facts, messages: many, newInstances: 1, oldInstances: 2 }).verdict).toBe(
      'failed',
    );
  });

  it('is inconclusive when there is no new instance', () => {
    const { messages } = ledgerWith(OLD);
    expect(unansweredVerdict({ ...facts, messages, newInstances: 0, oldInstances: 2 }).verdict).toBe(
      'inconclusive',
    );
  });
});

describe('a smoke report', () => {
  it('is as bad as its worst check', () => {
    const check = (verdict: 'passed' | 'failed' | 'inconclusive') => ({
      name: 'sqs' as const,
      verdict,
      summary: '',
      details: [],
    });
    expect(reportOf([check('passed'), check('inconclusive')]).verdict).toBe('inconclusive');
    expect(reportOf([check('failed'), check('inconclusive')]).verdict).toBe('failed');
    expect(reportOf([]).verdict).toBe('passed');
  });
});

describe('log lines to read', () => {
  it('show the same error once, with its count and its instance', () => {
    const event = (message: string) => ({ time: 0, stream: `worker/${NEW}`, message });
    expect(logLines([event('ERROR job 17 failed'), event('ERROR job 18 failed'), event('other\n')])).toEqual([
      `${NEW}: ERROR job 17 failed (2 times)`,
      `${NEW}: other`,
    ]);
  });
});
