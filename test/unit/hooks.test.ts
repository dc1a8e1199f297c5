import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hookEnvironment } from '../../src/hooks/environment.ts';
import { type HookFacts, type HookMoment, runHooks, withHooks } from '../../src/hooks/hooks.ts';
import { BakeError } from '../../src/run/errors.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { noJournal } from '../../src/run/journal.ts';
import { Run } from '../../src/run/run.ts';
import { repository, temporaryDirectory } from '../helpers/cli.ts';
import { testProject } from '../helpers/project.ts';

function world(hooks: Partial<Record<HookMoment, { run: string; timeout?: string }[]>>) {
  const directory = temporaryDirectory('hooks');
  const project = testProject({ hooks }, directory);
  const events: RunEvent[] = [];
  const interrupt = new AbortController();
  const run = new Run({
    id: 'r1',
    journal: noJournal,
    sink: (event) => void events.push(event),
    signal: interrupt.signal,
  });
  const hook = (moment: HookMoment, facts: HookFacts = {}) => runHooks(run, project, moment, facts);
  const read = (file: string) => readFileSync(join(directory, file), 'utf8');
  const output = () => events.flatMap((event) => (event.type === 'step.output' ? [event.line] : []));
  return { directory, project, events, interrupt, run, hook, read, output };
}

const failure = (promise: Promise<unknown>): Promise<BakeError> =>
  promise.then(
    () => Promise.reject(new Error('it went well')),
    (error: BakeError) => error,
  );

const alive = (pid: number): boolean => {
  try {
    // A process that nobody has buried yet is gone all the same.
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

test('a hook runs in the directory of bake.yaml, with the facts of the run as its environment', async () => {
  const { hook, read } = world({ beforeRollout: [{ run: 'env | grep ^BAKE_ | sort > facts; pwd > place' }] });
  await hook('beforeRollout', {
    release: '7',
    image: 'ami-1',
    group: 'workers',
    version: 3,
    strategy: 'rolling',
  });
  expect(read('facts')).toBe(
    `BAKE_ENVIRONMENT=default
BAKE_GROUP=workers
BAKE_HOOK=beforeRollout
BAKE_HOOK_SCRIPT=env | grep ^BAKE_ | sort > facts; pwd > place
BAKE_IMAGE=ami-1
BAKE_PROJECT=testing
BAKE_RELEASE=7
BAKE_RUN=r1
BAKE_STRATEGY=rolling
BAKE_VERSION=3
`,
  );
  expect(read('place').trim()).toMatch(/bake-hooks-/);
});

test('hooks of a moment run in order; the first that fails before something stops it, with its last words', async () => {
  const { hook, read, output } = world({
    beforeCutover: [
      { run: 'echo one >> order' },
      { run: 'echo two >> order; echo "no room on the disk" >&2; exit 3' },
      { run: 'echo three >> order' },
    ],
  });
  const error = await failure(hook('beforeCutover'));
  expect(error).toBeInstanceOf(BakeError);
  expect(error.message).toMatch(/^hook beforeCutover `echo two .*` ended with exit code 3$/);
  expect(error.details).toEqual(['no room on the disk']);
  expect(read('order')).toBe('one\ntwo\n');
  expect(output()).toEqual(['no room on the disk']);
});

test('one that fails after something is a warning, and the others still run', async () => {
  const { hook, read, events } = world({ afterRollout: [{ run: 'exit 1' }, { run: 'echo told > told' }] });
  await hook('afterRollout');
  expect(read('told')).toBe('told\n');
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'warning',
      message: 'hook afterRollout `exit 1` ended with exit code 1',
    }),
  );
});

test('values of variables that are named like secrets are hidden in the output, and the script is in no argument', async () => {
  const { hook, output, events } = world({
    beforeBuild: [{ run: 'echo "password is $SHOP_DB_PASSWORD"; tr "\\0" " " < /proc/$$/cmdline; echo' }],
  });
  process.env.SHOP_DB_PASSWORD = 'correct-horse-battery';
  try {
    await hook('beforeBuild');
  } finally {
    delete process.env.SHOP_DB_PASSWORD;
  }
  expect(output()[0]).toBe('password is ***');
  expect(output()[1]).toBe('/bin/sh -c eval "$BAKE_HOOK_SCRIPT" ');
  expect(JSON.stringify(events)).not.toContain('correct-horse');
});

test('one that takes too long is ended with everything that it has started', async () => {
  const { hook, read } = world({
    beforeBuild: [{ run: 'sleep 300 & echo $! > child; wait', timeout: '300ms' }],
  });
  const error = await failure(hook('beforeBuild'));
  expect(error.message).toContain('took longer than 300 ms and was ended');
  await expect.poll(() => alive(Number(read('child')))).toBe(false);
});

test('an interrupt ends it with everything that it has started, and the run with 130', async () => {
  const { hook, read, interrupt, run, events } = world({
    beforeRollout: [{ run: 'sleep 300 & echo $! > child; echo ready; wait' }],
  });
  const ending = failure(hook('beforeRollout'));
  await expect.poll(() => events.some(({ type }) => type === 'step.output')).toBe(true);
  interrupt.abort();
  expect((await ending).exitCode).toBe(130);
  expect(run.signal.aborted).toBe(true);
  await expect.poll(() => alive(Number(read('child')))).toBe(false);
});

test('one that leaves a process behind does not hold up the run', async () => {
  const { hook, output, read } = world({ afterBuild: [{ run: 'sleep 300 & echo $! > child; echo done' }] });
  await hook('afterBuild');
  expect(output()).toEqual(['done']);
  process.kill(Number(read('child')));
});

test('around some work: before it, after it with what came of it, or on failure with the reason, also after an interrupt', async () => {
  const hooks = {
    beforeRollout: [{ run: 'echo "before $BAKE_RELEASE" >> told' }],
    afterRollout: [{ run: 'echo "after $BAKE_RELEASE $BAKE_VERSION" >> told' }],
    onFailure: [{ run: 'echo "failed $BAKE_RELEASE: $BAKE_REASON" >> told' }],
  };
  const around = { before: 'beforeRollout', after: 'afterRollout', facts: { release: '2' } } as const;
  const good = world(hooks);
  const resultFacts = (version: number) => ({ version });
  expect(await withHooks(good.run, good.project, { ...around, resultFacts }, async () => 5)).toBe(5);
  expect(good.read('told')).toBe('before 2\nafter 2 5\n');

  const bad = world(hooks);
  const work = async () => {
    bad.interrupt.abort();
    throw new BakeError('rolled back');
  };
  expect((await failure(withHooks(bad.run, bad.project, around, work))).message).toBe('rolled back');
  expect(bad.read('told')).toBe('before 2\nfailed 2: rolled back\n');
});

test('every variable that a hook is given is documented', () => {
  const page = readFileSync(join(repository, 'docs/hooks.md'), 'utf8');
  const { run, project } = world({});
  const given = Object.keys(hookEnvironment(run, project, { moment: 'beforeBuild', script: '', facts: {} }));
  expect(given.length).toBeGreaterThan(10);
  expect(given.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
