import { closeSync, fstatSync, openSync, readSync, unwatchFile, watchFile } from 'node:fs';

/** How often a file is looked at, milliseconds; overlays do not tell about changes of the layers below. */
const LOOK_MS = 100;
const CHUNK_BYTES = 256 * 1024;

/**
 * Hands whole lines of a file to `take` as they come, in order, from its beginning; a file that is not there yet is waited for, and one
 * that was truncated or put in another's place (logrotate) is read from its beginning. The function that is returned ends it.
 */
export function followLines(file: string, take: (lines: string[]) => void): () => void {
  let inode = 0;
  let position = 0;
  let rest = Buffer.alloc(0);
  const look = () => {
    let descriptor: number;
    try {
      descriptor = openSync(file, 'r');
    } catch {
      return; // Not there (yet).
    }
    try {
      const { ino, size } = fstatSync(descriptor);
      if (ino !== inode || size < position) {
        inode = ino;
        position = 0;
        rest = Buffer.alloc(0);
      }
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (;;) {
        const length = readSync(descriptor, chunk, 0, CHUNK_BYTES, position);
        if (length === 0) return;
        position += length;
        const read = Buffer.concat([rest, chunk.subarray(0, length)]);
        const end = read.lastIndexOf('\n') + 1;
        rest = read.subarray(end);
        const lines = read.subarray(0, end).toString().split('\n').filter(Boolean);
        if (lines.length > 0) take(lines);
      }
    } finally {
      closeSync(descriptor);
    }
  };
  watchFile(file, { interval: LOOK_MS }, look);
  look();
  return () => unwatchFile(file, look);
}
