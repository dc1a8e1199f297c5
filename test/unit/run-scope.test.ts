import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BakeError } from '../../src/run/errors.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { openJournal } from '../../src/run/journal.ts';
import { Run } from '../../src/run/run.ts';
import { type Resource, withScope } from '../../src/run/scope.ts';

function testRun() {
  const file = join(mkdtempSync(join(tmpdir(), 'bake-scope-')), 'run.jsonl');
  const events: RunEvent[] = [];
  const abort = new AbortController();
  const run = new Run({
    id: 'r',
    journal: openJournal(file),
    sink: (event) => events.push(event),
    signal: abort.signal,
  });
  const journal = () =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).entry as string);
  return { run, events, abort, journal };
}

const thing = (name: string, log: string[], more: Partial<Resource<string>> = {}): Resource<string> => ({
  kind: 'thing',
  name,
  create: async () => {
    log.push(`create ${name}`);
    return name;
  },
  idOf: (value) => value,
  remove: async () => void log.push(`remove ${name}`),
  ...more,
});

describe('a scope', () => {
  it('removes what it holds in reverse order on success', async () => {
    const { run } = testRun();
    const log: string[] = [];
    await withScope(run, async (scope) => {
      await scope.own(thing('a', log));
      await scope.own(thing('b', log));
    });
    expect(log).toEqual(['create a', 'create b', 'remove b', 'remove a']);
  });

  it('has the intention on disk before the thing is asked for', async () => {
    const { run, journal } = testRun();
    await withScope(run, async (scope) => {
      await scope.own(
        thing('a', [], {
          create: async () => {
            expect(journal()).toEqual(['intend']);
            return 'a';
          },
        }),
      );
    });
    expect(journal()).toEqual(['intend', 'made', 'removed']);
  });

  it('looks for what a failed creation may have made all the same', async () => {
    const { run } = testRun();
    const log: string[] = [];
    const work = withScope(run, (scope) =>
      scope.own(
        thing('a', log, {
          create: async () => Promise.reject(new BakeError('answer lost')),
          removeUnknown: async () => void log.push('remove by name'),
        }),
      ),
    );
    await expect(work).rejects.toThrow('answer lost');
    expect(log).toEqual(['remove by name']);
  });

  it('goes on cleaning when one removal fails, and says which', async () => {
    const { run, events } = testRun();
    const log: string[] = [];
    await withScope(run, async (scope) => {
      await scope.own(thing('a', log));
      await scope.own(thing('b', log, { remove: async () => Promise.reject(new Error('no answer')) }));
    });
    expect(log).toContain('remove a');
    expect(events.map((event) => (event.type === 'warning' ? event.message : ''))).toContain(
      'could not remove thing b: no answer',
    );
  });

  it('keeps what was let go', async () => {
    const { run } = testRun();
    const log: string[] = [];
    await withScope(run, async (scope) => (await scope.own(thing('a', log))).keep());
    expect(log).toEqual(['create a']);
  });

  it('reports any error after an interrupt as the interrupt', async () => {
    const { run, abort } = testRun();
    const work = withScope(run, async () => {
      abort.abort();
      throw new Error('socket closed');
    });
    await expect(work).rejects.toMatchObject({ exitCode: 130 });
  });
});

describe('a run', () => {
  it('redacts registered secrets in every event, the longest first', () => {
    const { run, events } = testRun();
    run.redactor.add('hunter');
    run.redactor.add('hunter22');
    run.note('password hunter22 of hunter');
    expect(events[0]).toMatchObject({ message: 'password *** of ***' });
  });
});
