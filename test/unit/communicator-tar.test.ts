import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileEntry } from '../../src/communicators/files.ts';
import { createTar, parseOwner } from '../../src/communicators/tar.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bake-tar-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const file = (path: string, content: string, mode = 0o644): FileEntry => ({
  path,
  kind: 'file',
  mode,
  content: Buffer.from(content),
});
const options = { root: 'app', owner: '0:0', modifiedAt: 1_700_000_000_999 };

/** What the machine's own tar makes of an archive. */
function unpack(archive: Buffer): (path: string) => string {
  writeFileSync(join(directory, 'a.tar'), archive);
  execFileSync('tar', ['-xpf', 'a.tar'], { cwd: directory });
  return (path) => join(directory, path);
}

describe('a tar archive', () => {
  it('comes out of tar as it went in: contents, modes, links, empty directories, times', () => {
    const at = unpack(
      createTar(
        [
          { path: '', kind: 'directory', mode: 0o750 },
          { path: 'empty', kind: 'directory', mode: 0o755 },
          file('bin/run', 'x'.repeat(1025), 0o755),
          file('none', ''),
          { path: 'link', kind: 'link', mode: 0o777, target: 'bin/run' },
        ],
        options,
      ),
    );
    expect(readFileSync(at('app/bin/run'), 'utf8')).toBe('x'.repeat(1025));
    expect(readFileSync(at('app/none'), 'utf8')).toBe('');
    expect(readlinkSync(at('app/link'))).toBe('bin/run');
    expect(lstatSync(at('app')).mode & 0o7777).toBe(0o750);
    expect(lstatSync(at('app/bin/run')).mode & 0o7777).toBe(0o755);
    expect(lstatSync(at('app/empty')).isDirectory()).toBe(true);
    expect(lstatSync(at('app/none')).mtimeMs).toBe(1_700_000_000_000);
  });

  it('keeps names that no ustar header can hold, and names outside ASCII', () => {
    const names = [
      `${'d'.repeat(60)}/${'e'.repeat(60)}/${'f'.repeat(90)}`,
      `${'l'.repeat(180)}`,
      `${'m'.repeat(90)}/${'n'.repeat(90)}/${'o'.repeat(120)}`,
      'für/日本語.txt',
      'ü'.repeat(80),
    ];
    const link = { path: 'far', kind: 'link', mode: 0o777, target: 'x'.repeat(150) } as const;
    const at = unpack(createTar([...names.map((name) => file(name, name)), link], options));
    for (const name of names) expect(readFileSync(at(`app/${name}`), 'utf8')).toBe(name);
    expect(readlinkSync(at('app/far'))).toBe('x'.repeat(150));
  });

  it('is the same bytes for the same files', () => {
    expect(createTar([file('a', 'a')], options)).toEqual(createTar([file('a', 'a')], options));
  });

  it('of a single file names just that file', () => {
    const at = unpack(createTar([file('', 'hello', 0o600)], { ...options, root: 'bake-release' }));
    expect(readFileSync(at('bake-release'), 'utf8')).toBe('hello');
  });

  it('carries owners as names to be looked up, and numbers as they are', () => {
    const archive = createTar([file('', 'x')], { ...options, owner: 'daemon:mail' });
    writeFileSync(join(directory, 'a.tar'), archive);
    expect(String(execFileSync('tar', ['-tvf', 'a.tar'], { cwd: directory }))).toContain('daemon/mail');
    expect(parseOwner('1000:50')).toEqual({ user: '', group: '', uid: 1000, gid: 50 });
    expect(parseOwner('worker')).toMatchObject({ user: 'worker', group: 'worker' });
  });
});
