import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { createEngine } from '../../../src/localcloud/engine/engine.ts';
import { createIds } from '../../../src/localcloud/engine/ids.ts';
import { createLatency } from '../../../src/localcloud/engine/latency.ts';
import { Store } from '../../../src/localcloud/engine/store.ts';
import { noRuntime } from '../../../src/localcloud/sandbox/none.ts';

const directory = () => mkdtempSync(join(tmpdir(), 'bake-store-'));

describe('the store', () => {
  it('has after a kill everything that was flushed', () => {
    const dir = directory();
    const store = new Store(dir);
    const rows = store.table<{ n: number }>('rows');
    rows.put('a', { n: 1 });
    rows.put('b', { n: 2 });
    rows.patch('a', { n: 3 });
    rows.delete('b');
    store.flush();
    // No close: as after kill -9.
    expect(new Store(dir).table('rows').all()).toEqual([{ n: 3 }]);
  });

  it('passes over a last line that was cut off in the middle', () => {
    const dir = directory();
    const store = new Store(dir);
    store.table<number>('rows').put('a', 1);
    store.flush();
    appendFileSync(join(dir, 'journal.jsonl'), '{"t":"rows","k":"b","v"');
    expect([...new Store(dir).table('rows').entries()]).toEqual([['a', 1]]);
  });

  it('keeps tables that nobody asked for over two restarts', () => {
    const dir = directory();
    const store = new Store(dir);
    store.table<number>('rows').put('a', 1);
    store.close();
    new Store(dir).close();
    expect(new Store(dir).table('rows').get('a')).toBe(1);
  });
});

describe('the engine', () => {
  const make = () => {
    const clock = new VirtualClock(0);
    const engine = createEngine({
      clock,
      store: new Store(),
      ids: createIds(1),
      latency: createLatency(),
      runtime: noRuntime(),
    });
    return { clock, engine };
  };

  it('wakes at the moment that a reconciler asked for, and lets others react at once', () => {
    const { clock, engine } = make();
    const times = engine.store.table<number>('times');
    engine.addReconciler({
      name: 'second',
      reconcile: (now) => {
        if (times.has('first') && !times.has('second')) times.put('second', now);
        return undefined;
      },
    });
    engine.addReconciler({
      name: 'first',
      reconcile: (now) => {
        if (now < 500) return 500;
        if (!times.has('first')) times.put('first', now);
        return undefined;
      },
    });
    engine.settle();
    clock.advance(499);
    expect(times.size).toBe(0);
    clock.advance(1);
    expect([...times.entries()]).toEqual([
      ['first', 500],
      ['second', 500],
    ]);
  });

  it('refuses to spin when two state machines push each other for ever', () => {
    const { engine } = make();
    const table = engine.store.table<number>('t');
    engine.addReconciler({ name: 'restless', reconcile: (now) => void table.put('a', now) as undefined });
    expect(() => engine.settle()).toThrow('does not come to rest');
  });

  it('makes the same ids under the same seed', () => {
    const ids = () => {
      const make = createIds(42);
      return [make.resource('i'), make.uuid(), make.random()];
    };
    expect(ids()).toEqual(ids());
    expect(ids()[0]).toMatch(/^i-0[0-9a-f]{16}$/);
  });
});
