import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkSize, readFiles } from '../../src/communicators/files.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bake-files-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (path: string, content = path, mode = 0o644) => {
  const file = join(directory, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, mode);
};
const paths = (options?: Parameters<typeof readFiles>[1]) =>
  readFiles(directory, options)
    .map((entry) => entry.path)
    .filter(Boolean);

describe('files to copy', () => {
  it('are listed by path, directories and links included', () => {
    write('b');
    write('a/z');
    write('a-b');
    symlinkSync('b', join(directory, 'c'));
    expect(paths()).toEqual(['a', 'a-b', 'a/z', 'b', 'c']);
  });

  it('leave out what the patterns say, as in .gitignore', () => {
    write('keep.js');
    write('node_modules/x/index.js');
    write('deep/cache.pyc');
    write('deep/important.pyc');
    expect(paths({ ignore: ['node_modules/', '*.pyc', '!important.pyc'] })).toEqual([
      'deep',
      'deep/important.pyc',
      'keep.js',
    ]);
  });

  it('have the mode on disk without what the umask decides, or the mode that is asked for', () => {
    write('script', '', 0o775);
    write('private', '', 0o600);
    write('plain', '', 0o664);
    const modes = (options?: Parameters<typeof readFiles>[1]) =>
      Object.fromEntries(readFiles(directory, options).map((entry) => [entry.path, entry.mode]));
    expect(modes()).toMatchObject({ script: 0o755, private: 0o600, plain: 0o644 });
    expect(modes({ mode: 0o640 })).toMatchObject({ '': 0o750, script: 0o640, plain: 0o640 });
  });

  it('are refused above what can be carried, with a way out', () => {
    write('large');
    truncateSync(join(directory, 'large'), 20 * 1024 * 1024 + 1);
    const limit = { bytes: 20 * 1024 * 1024, hint: 'Another way.' };
    expect(() => checkSize('app', readFiles(directory), limit)).toThrow(
      'app is 20 MiB: uploads end at 20 MiB',
    );
  });
});
