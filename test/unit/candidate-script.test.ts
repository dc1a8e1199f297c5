import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CandidateCheck } from '../../src/config/schema-publish.ts';
import { candidateScript, candidateUserData } from '../../src/image/candidate-script.ts';
import { execute } from '../helpers/cli.ts';

let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.url === '/health?deep=1' ? 200 : 503;
    response.end(`to ${request.headers.host}: it's "fine"`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

/** What the script prints for these checks, on this machine. */
async function outcomes(...checks: CandidateCheck[]): Promise<string[]> {
  const { stdout } = await execute('bash', ['-c', candidateScript(checks, 1_000, false)]);
  return stdout.trimEnd().split('\n');
}
const http = (path: string, more: { status?: number; contains?: string } = {}): CandidateCheck => ({
  http: `http://127.0.0.1:${port}${path}`,
  status: 200,
  ...more,
});

describe('the script of the candidate test', () => {
  it('tells which checks hold, with their quotes and all', async () => {
    const lines = await outcomes(
      { command: `[ "it's" = 'it'"'"'s' ]` },
      { port },
      http('/health?deep=1', { contains: `it's "fine"` }),
      http('/other', { status: 503 }),
    );
    expect(lines.map((line) => line.split('\t')[0])).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(lines[2]).toBe(`ok\tcandidate: http://127.0.0.1:${port}/health?deep=1`);
  });

  it('tells why one does not, in one line', async () => {
    const lines = await outcomes(
      { command: 'echo first; echo last; exit 3' },
      { port: 1 },
      http('/other'),
      http('/health?deep=1', { contains: 'absent' }),
      { http: 'http://127.0.0.1:1/', status: 200 },
    );
    expect(lines.map((line) => line.split('\t')).map(([outcome, , why]) => [outcome, why])).toEqual([
      ['fail', 'exit code 3'],
      ['fail', 'nobody listens'],
      ['fail', 'status 503'],
      ['fail', 'the answer does not contain the text'],
      ['fail', 'no answer'],
    ]);
  });

  it('waits for what comes up late', async () => {
    const late = createServer((_, response) => response.end('up'));
    const address = await new Promise<number>((resolve) => {
      const probe = createServer().listen(0, '127.0.0.1', () => {
        const { port } = probe.address() as AddressInfo;
        probe.close(() => resolve(port));
      });
    });
    const script = candidateScript([{ port: address }], 10_000, false);
    const running = execute('bash', ['-c', script]);
    late.listen(address, '127.0.0.1');
    expect((await running).stdout).toMatch(/^ok\t/);
    late.close();
  });

  const shellcheck = (() => {
    try {
      execFileSync('shellcheck', ['--version']);
      return true;
    } catch {
      return false;
    }
  })();
  it.skipIf(!shellcheck)('has nothing that shellcheck finds', () => {
    const checks: CandidateCheck[] = [{ command: 'true' }, { service: 'a' }, { port: 80 }, http('/')];
    const input = candidateScript(checks, 60_000, true);
    expect(() => execFileSync('shellcheck', ['-'], { input, encoding: 'utf8' })).not.toThrow();
  });
});

describe('user data in check mode', () => {
  it('comes after what lets it be reached, is run by its own interpreter, and any text survives', async () => {
    const own =
      '#!/bin/bash -e\necho "mode $BAKE_CHECK"\n# BAKE_USER_DATA\nBAKE_USER_DATA=1\ncat <<X\n`$HOME`\nX\n';
    const script = candidateUserData('#!/bin/sh\necho reach\n', own);
    expect(script.indexOf('echo reach')).toBeLessThan(script.indexOf('BAKE_CHECK=1 /bin/bash -e'));
    expect(script).toContain(own);
    expect(candidateUserData('reach', undefined)).toBe('reach');
  });

  it('is refused when it is no script', () => {
    expect(() => candidateUserData('', '#cloud-config\n')).toThrow(/is no script/);
  });
});
