import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { manifestJsonSchema } from '../../src/image/manifest-schema.ts';
import { accountLines, MeteredClock } from '../../src/image/time-account.ts';
import { poll } from '../../src/run/poll.ts';

describe('the time account', () => {
  it('tells each step once, its parts below it, beside the last run', () => {
    const steps = [
      { step: 'launch', durationMs: 900 },
      { step: 'layer-os/base.sh', durationMs: 61_000 },
      { step: 'layer-os', durationMs: 62_000 },
      { step: 'stop', durationMs: 1_500 },
      { step: 'image', durationMs: 90_000 },
      { step: 'stop', durationMs: 500 },
    ];
    const before = {
      steps: [
        { step: 'stop', durationMs: 3_000 },
        { step: 'copy', durationMs: 9_000 },
      ],
      pollingMs: 100,
    };
    expect(accountLines({ steps, pollingMs: 1_234 }, before)).toEqual([
      'time                            this run  last run',
      'launch                            900 ms',
      'layer os                         1 m 2 s',
      '  base.sh                        1 m 1 s',
      'stop                                 2 s       3 s',
      'snapshot                        1 m 30 s',
      'waiting between polls, at most     1.2 s    100 ms',
    ]);
  });

  it('counts the pause before each awaited end, and nothing of what was there at the first look', async () => {
    let now = 0;
    const clock = new MeteredClock({
      now: () => now,
      async sleep(ms) {
        now += ms;
      },
    });
    await poll(async () => ({ done: true, value: 1 }), { what: 'x', timeout: 10, clock });
    expect(clock.pollingMs).toBe(0);
    const pauses: number[] = [];
    let last = 0;
    await poll(
      async () => {
        pauses.push(now - last);
        last = now;
        return now > 2_000 ? { done: true, value: 1 } : { done: false, state: 'not yet' };
      },
      { what: 'x', timeout: 60_000, clock },
    );
    expect(clock.pollingMs).toBeCloseTo(pauses.at(-1)!);
  });
});

it('the committed JSON schema of the manifest is what the code gives (npm run schema)', () => {
  const file = new URL('../../schema/manifest.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(manifestJsonSchema());
});
