import { expect, test } from 'vitest';
import { describeSandbox, until } from '../helpers/sandbox.ts';

describeSandbox('a command', (sandbox) => {
  test('gives its output and exit code', async () => {
    const id = await sandbox.boot();
    expect(await sandbox.run(id, 'echo out; echo err >&2; exit 3')).toEqual({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      timedOut: false,
    });
  });

  test('keeps the first 24,000 characters of its output and 8,000 of its errors', async () => {
    const id = await sandbox.boot();
    const { stdout, stderr } = await sandbox.run(id, 'seq 100000; seq 100000 >&2');
    expect(stdout).toHaveLength(24_000);
    expect(stdout.startsWith('1\n2\n')).toBe(true);
    expect(stderr).toHaveLength(8_000);
  });

  test('is killed with all it has started when its time is over', async () => {
    const id = await sandbox.boot();
    const outcome = await sandbox.run(id, '(sleep 4711 &) ; setsid sleep 4711 & sleep 4711', 300);
    expect(outcome).toMatchObject({ timedOut: true, exitCode: 137 });
    expect(await sandbox.sh(id, 'pgrep -fc "sleep 4711$" || true')).toBe('0');
  });

  test('ends when what it leaves behind still holds its output', async () => {
    const id = await sandbox.boot();
    expect(await sandbox.run(id, 'sleep 4712 & echo done')).toMatchObject({ exitCode: 0, stdout: 'done\n' });
    expect(await sandbox.sh(id, 'pgrep -fc "sleep 4712$"')).toBe('1');
  });

  test('can be cancelled', async () => {
    const id = await sandbox.boot();
    const runtime = await sandbox.runtime();
    const running = runtime.run(id, {
      id: 'long',
      script: 'touch /run/there; sleep 4713',
      timeoutMs: 60_000,
    });
    await sandbox.sh(id, until('test -e /run/there'));
    await runtime.cancel(id, 'long');
    expect(await running).toMatchObject({ exitCode: 137, timedOut: false });
  });

  test('runs beside others, and once for one id', async () => {
    const id = await sandbox.boot();
    const runtime = await sandbox.runtime();
    const meet = (own: string, other: string) => ({
      id: own,
      script: `echo x >> /root/${own}; ${until(`test -e /root/${other}`)}`,
      timeoutMs: 20_000,
    });
    const outcomes = await Promise.all([
      runtime.run(id, meet('a', 'b')),
      runtime.run(id, meet('b', 'a')),
      runtime.run(id, meet('a', 'b')),
    ]);
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(await sandbox.sh(id, 'cat /root/a')).toBe('x');
  });

  test('for an instance that does not run is refused', async () => {
    await expect(sandbox.run('i-none', 'true')).rejects.toThrow('does not run');
  });
});
