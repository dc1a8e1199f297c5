import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { knownKeysOf, strictly, UnknownHostKey } from '../../src/communicators/known-hosts.ts';
import { execute } from '../helpers/cli.ts';
import { installed } from '../helpers/installed.ts';

const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIDNS7XGbG7yBoY0mfEhFp6E1dAA7B1p5r7vJ7b0mXwcq';
const OTHER = 'AAAAC3NzaC1lZDI1NTE5AAAAIOther0000000000000000000000000000000000000';
const accepted = (text: string, host: string, port = 22) => knownKeysOf(text, host, port).accepted;

describe('known_hosts', () => {
  it('names a server by address, by list, by pattern, and by port where it is not 22', () => {
    expect(accepted(`web-1 ssh-ed25519 ${KEY}`, 'WEB-1')).toEqual([KEY]);
    expect(accepted(`web-1 ssh-ed25519 ${KEY}`, 'web-1', 2222)).toEqual([]);
    expect(accepted(`[web-1]:2222 ssh-ed25519 ${KEY} comment`, 'web-1', 2222)).toEqual([KEY]);
    expect(accepted(`a,10.0.0.5 ssh-ed25519 ${KEY}`, '10.0.0.5')).toEqual([KEY]);
    expect(accepted(`*.example.org,!db.example.org ssh-ed25519 ${KEY}`, 'web.example.org')).toEqual([KEY]);
    expect(accepted(`*.example.org,!db.example.org ssh-ed25519 ${KEY}`, 'db.example.org')).toEqual([]);
    expect(accepted(`10.0.0.? ssh-ed25519 ${KEY}`, '10.0.0.55')).toEqual([]);
    expect(accepted(`10a0.0.5 ssh-ed25519 ${KEY}\n10.0.0.5x ssh-ed25519 ${KEY}`, '10.0.0.5')).toEqual([]);
  });

  it('knows ed25519 keys only, no comments and no authorities', () => {
    const text = `# web-1 ssh-ed25519 ${KEY}\n\nweb-1 ssh-rsa AAAA\n@cert-authority * ssh-ed25519 ${KEY}\n`;
    expect(knownKeysOf(text, 'web-1', 22)).toEqual({ accepted: [], revoked: [], otherTypes: ['ssh-rsa'] });
  });

  it.skipIf(!installed('which', 'ssh-keygen'))('reads names as ssh-keygen has hashed them', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bake-known-'));
    const file = join(directory, 'known_hosts');
    writeFileSync(file, `web-1 ssh-ed25519 ${KEY}\n[web-2]:2222 ssh-ed25519 ${OTHER}\n`);
    expect((await execute('ssh-keygen', ['-q', '-H', '-f', file])).code).toBe(0);
    const text = readFileSync(file, 'utf8');
    rmSync(directory, { recursive: true });
    expect(text).not.toContain('web-1');
    expect([accepted(text, 'web-1'), accepted(text, 'web-2', 2222), accepted(text, 'web-3')]).toEqual([
      [KEY],
      [OTHER],
      [],
    ]);
  });

  it('accepts the known key, and tells an unknown one from a changed and from a revoked one', () => {
    const key = Buffer.from(KEY, 'base64');
    const kind = (text: string) => {
      const error = strictly(knownKeysOf(text, 'web-1', 22), 'web-1', 22).refuse(key);
      return error instanceof UnknownHostKey ? error.kind : error;
    };
    expect(kind(`web-1 ssh-ed25519 ${KEY}`)).toBeUndefined();
    expect(kind('')).toBe('unknown');
    expect(kind(`web-1 ssh-ed25519 ${OTHER}`)).toBe('changed');
    expect(kind(`web-1 ssh-ed25519 ${KEY}\n@revoked * ssh-ed25519 ${KEY}`)).toBe('revoked');
  });
});
