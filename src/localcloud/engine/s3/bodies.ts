import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Engine } from '../engine.ts';
import type { Piece } from './records.ts';

/** Bodies of a cloud that lives in memory only. */
const inMemory = new WeakMap<Engine, Map<string, Buffer>>();

function memoryOf(engine: Engine): Map<string, Buffer> {
  let memory = inMemory.get(engine);
  if (!memory) {
    memory = new Map();
    inMemory.set(engine, memory);
  }
  return memory;
}

function folder(engine: Engine): string | undefined {
  if (engine.directory === undefined) return undefined;
  const path = join(engine.directory, 's3');
  mkdirSync(path, { recursive: true });
  return path;
}

/** Keeps a body as it comes in. When it breaks off, or its source finds fault with it, nothing of it stays. */
export async function keepBody(
  engine: Engine,
  source: AsyncIterable<Buffer>,
): Promise<{ piece: Piece; md5: Buffer }> {
  const id = engine.ids.hex(32);
  const digest = createHash('md5');
  const directory = folder(engine);
  let size = 0;
  const note = (chunk: Buffer) => {
    digest.update(chunk);
    size += chunk.length;
  };
  if (directory === undefined) {
    const chunks: Buffer[] = [];
    for await (const chunk of source) {
      note(chunk);
      chunks.push(chunk);
    }
    memoryOf(engine).set(id, Buffer.concat(chunks));
  } else {
    const file = await open(join(directory, id), 'wx');
    try {
      for await (const chunk of source) {
        note(chunk);
        await file.writeFile(chunk);
      }
    } catch (error) {
      await rm(join(directory, id), { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }
  return { piece: { id, size }, md5: digest.digest() };
}

/** Bytes `start` to `end` (both included) of a body. Its files are open when this resolves: a later removal does no harm. */
export async function openBody(
  engine: Engine,
  pieces: Piece[],
  range: { start: number; end: number },
): Promise<Readable> {
  const sources: AsyncIterable<Buffer>[] = [];
  let before = 0;
  for (const { id, size } of pieces) {
    const start = Math.max(0, range.start - before);
    const end = Math.min(size - 1, range.end - before);
    before += size;
    if (start <= end) sources.push(await openPiece(engine, id, start, end));
  }
  return Readable.from(oneAfterTheOther(sources), { objectMode: false });
}

async function openPiece(
  engine: Engine,
  id: string,
  start: number,
  end: number,
): Promise<AsyncIterable<Buffer>> {
  const directory = folder(engine);
  if (directory === undefined)
    return Readable.from([
      memoryOf(engine)
        .get(id)
        ?.subarray(start, end + 1) ?? Buffer.alloc(0),
    ]);
  const file = await open(join(directory, id), 'r');
  return file.createReadStream({ start, end });
}

async function* oneAfterTheOther(sources: AsyncIterable<Buffer>[]) {
  for (const source of sources) yield* source;
}

export function dropBody(engine: Engine, pieces: Piece[]): void {
  const directory = folder(engine);
  for (const { id } of pieces) {
    if (directory === undefined) memoryOf(engine).delete(id);
    else rmSync(join(directory, id), { force: true });
  }
}

/** After a restart: bodies that were being written when the daemon was killed belong to nobody. */
export function dropForgotten(engine: Engine, known: Set<string>): void {
  const directory = folder(engine);
  if (directory === undefined) return;
  for (const id of readdirSync(directory)) if (!known.has(id)) rmSync(join(directory, id), { force: true });
}
