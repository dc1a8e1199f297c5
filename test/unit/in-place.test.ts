import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inPlaceSchema } from '../../src/config/schema-in-place.ts';
import { batchSize } from '../../src/rollout/in-place/batches.ts';
import { outdated } from '../../src/rollout/in-place/prune.ts';
import { rollbackTarget } from '../../src/rollout/in-place/rollback.ts';
import { setupScript, sudoersLines } from '../../src/rollout/in-place/setup.ts';
import { type HostState, parseState } from '../../src/rollout/in-place/state.ts';
import { installed } from '../helpers/installed.ts';

const config = (changes: object = {}) =>
  inPlaceSchema.parse({
    ...{ hosts: [{ address: '10.0.0.5' }], source: 'app', root: '/srv/shop', service: 'shop@1' },
    ...changes,
  });
const state = (changes: Partial<HostState>): HostState => ({
  ...{ releases: [], unfinished: [], strange: [], unit: 'active' },
  ...changes,
});

describe('the setup of a server', () => {
  it('lets each user restart this unit and see its state without a pager, and nothing else', () => {
    const hosts = [{ address: 'a' }, { address: 'b', user: 'ann' }, { address: 'c', user: 'root' }];
    expect(sudoersLines(config({ hosts }))).toEqual([
      'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl restart shop@1.service',
      'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl status --no-pager shop@1.service',
      'ann ALL=(root) NOPASSWD: /usr/bin/systemctl restart shop@1.service',
      'ann ALL=(root) NOPASSWD: /usr/bin/systemctl status --no-pager shop@1.service',
    ]);
    expect(sudoersLines(config()).join()).not.toMatch(/[*?]/);
  });

  it.skipIf(!installed('visudo', '-V'))('is what visudo accepts, and a script that sh can read', () => {
    const directory = mkdtempSync(join(tmpdir(), 'bake-sudoers-'));
    writeFileSync(join(directory, 'sudoers'), `${sudoersLines(config({ service: 'shop:a' })).join('\n')}\n`, {
      mode: 0o440,
    });
    execFileSync('visudo', ['-c', '-f', join(directory, 'sudoers')], { stdio: 'pipe' });
    rmSync(directory, { recursive: true });
    execFileSync('sh', ['-n'], { input: setupScript(config(), 'shop') });
  });
});

describe('the way back', () => {
  it('is what ran before on all servers', () => {
    const there = state({ current: 'b', previous: 'a' });
    expect(rollbackTarget([there, there])).toBe('a');
  });

  it('of a rollout that stopped half-way is what the others still run', () => {
    const done = state({ current: 'b', previous: 'a' });
    const midway = state({ current: 'b', previous: 'a', pending: { run: 'r', release: 'b', from: 'a' } });
    expect(rollbackTarget([done, midway, state({ current: 'a', previous: 'z' })])).toBe('a');
  });

  it('has been gone where no server has one; it is never guessed', () => {
    const gone = state({ current: 'a' });
    expect(rollbackTarget([gone, gone])).toBeUndefined();
    expect(rollbackTarget([gone, gone], 'a')).toBeUndefined();
    expect(() =>
      rollbackTarget([state({ current: 'b', previous: 'a' }), state({ current: 'a', previous: 'b' })]),
    ).toThrow('one way back');
  });
});

it('old releases go but those that run, ran before, or may be needed to undo a switch', () => {
  const releases = ['e', 'd', 'c', 'b', 'a'].map((release, index) => ({
    ...{ release, digest: '', run: '' },
    usedAt: 10 - index,
  }));
  const seen = state({ current: 'e', previous: 'a', releases, unfinished: ['x'] });
  expect(outdated(seen, 3)).toEqual(['x', 'c', 'b']);
  const midway = { ...seen, pending: { run: 'r', release: 'x', from: 'b' } };
  expect(outdated(midway, 2)).toEqual(['d', 'c']);
});

it('a batch is a number of servers, or a share of them of at least one', () => {
  expect([batchSize(2, 10), batchSize('25%', 10), batchSize('1%', 10), batchSize('100%', 3)]).toEqual([
    2, 2, 1, 3,
  ]);
});

it('what stands on a server is read as it is printed', () => {
  const text = `unit active
current v2
previous v1
pending {"run":"r","release":"v2","from":"v1"}
release 5 {"release":"v1","digest":"d","run":"q"}
release 9 {"release":"v2","digest":"e","run":"r"}
unfinished v3
held ann@laptop, run r
`;
  expect(parseState(text)).toEqual({
    ...{ unit: 'active', current: 'v2', previous: 'v1', unfinished: ['v3'], strange: [] },
    pending: { run: 'r', release: 'v2', from: 'v1' },
    releases: [
      { release: 'v2', digest: 'e', run: 'r', usedAt: 9_000 },
      { release: 'v1', digest: 'd', run: 'q', usedAt: 5_000 },
    ],
    holder: 'ann@laptop, run r',
  });
});

it('servers come from one place', () => {
  expect(() => config({ tags: { role: 'web' } })).toThrow('exactly one of hosts, tags and group');
});
