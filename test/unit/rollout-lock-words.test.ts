import { expect, test } from 'vitest';
import { halfDone, ownerName, workWords } from '../../src/rollout/lock-words.ts';
import type { RolloutRecord } from '../../src/rollout/record.ts';

const record: RolloutRecord = {
  run: 'r',
  owner: 'ann@laptop',
  host: 'laptop',
  pid: 1,
  command: 'rollout',
  since: Date.UTC(2026, 10, 21, 3, 4),
  expires: 0,
};

test('the owner is a person at a machine, or in GitHub Actions the actor and the address of the run', () => {
  expect(ownerName({})).toMatch(/^\S+@\S+$/);
  const job = {
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTOR: 'ann',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'shop/workers',
    GITHUB_RUN_ID: '42',
  };
  expect(ownerName(job)).toBe('ann (https://github.com/shop/workers/actions/runs/42)');
});

test('the work is said as far as it is known', () => {
  expect(workWords(record)).toBe('`bake rollout`');
  expect(workWords({ ...record, release: '43', strategy: 'blue-green' })).toBe(
    '`bake rollout` of release 43 (blue-green)',
  );
});

test('what is half done says how to go on: forward with a rollout, back with a rollback', () => {
  const rollout = halfDone('workers', { ...record, strategy: 'rolling' }, 'left it so');
  expect(rollout.message).toBe(
    '`bake rollout` (rolling) on fleet workers is half done: ann@laptop began it at 2026-11-21 03:04 UTC, and left it so',
  );
  expect(rollout.hint).toContain('`bake rollout --resume` goes on with it');
  const back = { ...record, command: 'rollback', strategy: 'blue-green', returning: 2 } as const;
  expect(halfDone('workers', back, 'left it so').hint).toContain('`bake rollback` goes on with the way back');
});
