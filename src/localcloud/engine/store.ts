import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * The engine's memory: named tables of plain JSON records. Every change is appended to a journal on disk before the
 * answer that acknowledges it leaves (see `flush`), so that a killed daemon has lost nothing it promised.
 */
export class Store {
  readonly #tables = new Map<string, Table<unknown>>();
  readonly #loaded = new Map<string, Map<string, unknown>>();
  readonly #directory: string | undefined;
  #descriptor: number | undefined;
  #pending: string[] = [];
  #journalled = 0;
  /** Grows with every change: tells the engine whether anything happened. */
  version = 0;

  /** Without a directory the store lives in memory only. */
  constructor(directory?: string) {
    this.#directory = directory;
    if (directory) this.#load(directory);
  }

  table<T>(name: string): Table<T> {
    let table = this.#tables.get(name) as Table<T> | undefined;
    if (!table) {
      table = new Table<T>((this.#loaded.get(name) ?? new Map()) as Map<string, T>, (key, value) => {
        this.version++;
        if (this.#directory) this.#pending.push(JSON.stringify({ t: name, k: key, v: value }));
      });
      this.#tables.set(name, table as Table<unknown>);
      this.#loaded.delete(name);
    }
    return table;
  }

  /** Puts all changes so far on disk. Survives a kill of the process; `sync` also a loss of power. */
  flush(sync = false): void {
    if (this.#descriptor === undefined) return;
    if (this.#pending.length > 0) {
      writeSync(this.#descriptor, `${this.#pending.join('\n')}\n`);
      this.#journalled += this.#pending.length;
      this.#pending = [];
      if (this.#journalled > 200_000) this.#compact();
    }
    if (sync) fsyncSync(this.#descriptor);
  }

  close(): void {
    this.flush(true);
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #file(name: string): string {
    return join(this.#directory as string, name);
  }

  #load(directory: string): void {
    for (const name of ['snapshot.jsonl', 'journal.jsonl']) {
      const file = join(directory, name);
      if (!existsSync(file)) continue;
      for (const line of readFileSync(file, 'utf8').split('\n')) this.#replay(line);
    }
    this.#compact();
  }

  #replay(line: string): void {
    if (line === '') return;
    let change: { t: string; k: string; v?: unknown };
    try {
      change = JSON.parse(line);
    } catch {
      return; // The last line, cut off by a kill in the middle of the write: never acknowledged.
    }
    let rows = this.#loaded.get(change.t);
    if (!rows) {
      rows = new Map();
      this.#loaded.set(change.t, rows);
    }
    if (change.v === undefined) rows.delete(change.k);
    else rows.set(change.k, change.v);
  }

  /** Writes everything as a snapshot and starts the journal anew. */
  #compact(): void {
    const lines: string[] = [];
    const take = (t: string, rows: Iterable<[string, unknown]>) => {
      for (const [k, v] of rows) lines.push(JSON.stringify({ t, k, v }));
    };
    for (const [name, rows] of this.#loaded) take(name, rows);
    for (const [name, table] of this.#tables) take(name, table.entries());
    writeFileSync(this.#file('snapshot.tmp'), lines.length > 0 ? `${lines.join('\n')}\n` : '');
    renameSync(this.#file('snapshot.tmp'), this.#file('snapshot.jsonl'));
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#file('journal.jsonl'), 'w');
    this.#journalled = 0;
  }
}

/**
 * Records by key, in the order they were first put. Records are values: change one by `put` or `patch`, never in place,
 * or the change is not journalled.
 */
export class Table<T> {
  readonly #rows: Map<string, T>;
  readonly #changed: (key: string, value: T | undefined) => void;

  constructor(rows: Map<string, T>, changed: (key: string, value: T | undefined) => void) {
    this.#rows = rows;
    this.#changed = changed;
  }

  get(key: string): T | undefined {
    return this.#rows.get(key);
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  all(): T[] {
    return [...this.#rows.values()];
  }

  entries(): IterableIterator<[string, T]> {
    return this.#rows.entries();
  }

  filter(test: (row: T) => boolean): T[] {
    return this.all().filter(test);
  }

  get size(): number {
    return this.#rows.size;
  }

  put(key: string, value: T): T {
    this.#rows.set(key, value);
    this.#changed(key, value);
    return value;
  }

  /** Changes some fields of a record that exists; a field set to `undefined` is removed. */
  patch(key: string, fields: Partial<T>): T {
    const row = this.#rows.get(key);
    if (row === undefined) throw new Error(`no record ${key}`);
    return this.put(key, { ...row, ...fields });
  }

  delete(key: string): void {
    if (this.#rows.delete(key)) this.#changed(key, undefined);
  }
}
