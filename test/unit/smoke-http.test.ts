import { describe, expect, test } from 'vitest';
import { projectSchema } from '../../src/config/schema.ts';
import { readResponse, wrongIn } from '../../src/smoke/http-answer.ts';
import { requestsNeeded, Tally } from '../../src/smoke/http-tally.ts';

const config = (http: object) =>
  projectSchema.parse({
    project: 'demo',
    image: { base: { id: 'ami-1' }, layers: [{ name: 'app', provisioners: [{ inline: 'true' }] }] },
    smoke: { http: [http] },
  }).smoke.http[0]!;

describe('the verdict on answers through a load balancer', () => {
  const facts = { release: '2', miss: 0.9, timeout: 60_000 };
  const right = { status: 200, body: 'release 1' };

  test('that are all right but too few to have met the new release is that nothing is known', () => {
    const tally = new Tally(200, /release 2/);
    for (let n = 0; n < 10; n++) tally.add(right);
    const check = tally.check('GET /', facts);
    expect(check.verdict).toBe('inconclusive');
    expect(check.summary).toContain(
      "none of 10 answers within 1 m was release 2's, which is chance in 35 % of cases",
    );
  });

  test('that chance does not explain is that the new release does not answer', () => {
    const tally = new Tally(200, /release 2/);
    for (let n = 0; n < 40; n++) tally.add(right);
    expect(tally.check('GET /', facts).verdict).toBe('failed');
  });

  test('counts a streak anew after a wrong answer', () => {
    const tally = new Tally(200, undefined);
    for (let n = 0; n < 5; n++) tally.add(right);
    expect(tally.proves(0.5)).toBe(true);
    tally.add({ problem: 'connect ECONNREFUSED 127.0.0.1:80' });
    expect(tally.proves(0.5)).toBe(false);
    expect(tally.check('GET /', facts)).toMatchObject({
      verdict: 'failed',
      details: [expect.stringContaining('ECONNREFUSED')],
    });
  });

  test('needs three requests where the new release is alone, and a hundred at most', () => {
    expect([0, 0.5, 0.66, 0.9, 0.999].map(requestsNeeded)).toEqual([3, 5, 8, 29, 100]);
  });
});

describe('an answer', () => {
  test('is judged by its status first, then by its body with the release in it', () => {
    const health = config({ body: 'v${smoke.release}\\b' });
    expect(wrongIn({ status: 503, body: 'down\n' }, health, '1.2')).toBe('answered 503: down');
    expect(wrongIn({ status: 200, body: 'v1.2 up' }, health, '1.2')).toBeUndefined();
    // A release's dots are dots.
    expect(wrongIn({ status: 200, body: 'v1x2 up' }, health, '1.2')).toContain('does not match');
  });

  test('that is no HTTP is none', () => {
    expect(readResponse(Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'))).toBeUndefined();
  });

  test('cut short in the middle of a chunk gives what came', () => {
    const raw = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nff\r\nwor';
    expect(readResponse(Buffer.from(raw))).toEqual({ status: 200, body: 'hellowor' });
  });
});

test('a body that is no regular expression is a mistake in bake.yaml', () => {
  expect(() => config({ body: '(' })).toThrow('a regular expression');
});
