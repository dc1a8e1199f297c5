import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSandboxRuntime } from '../../src/localcloud/sandbox/sandbox.ts';
import { describeSandbox } from '../helpers/sandbox.ts';

/** Command lines of all processes of this machine that mention a text. */
const processes = (text: string) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(text));

describeSandbox('the life of an instance', (sandbox) => {
  test('ends when it is shut down from inside, and the listener hears of it', async () => {
    const runtime = await sandbox.runtime();
    const ended = new Promise((resolve) => runtime.onEnd(resolve));
    const id = await sandbox.boot();
    const command = sandbox.run(id, 'shutdown -h now; sleep 60').catch((error: Error) => error.message);
    expect(await ended).toBe(id);
    expect(await command).toContain('went away');
    expect(await runtime.reachable(id)).toBe(false);
    expect(await runtime.consoleOutput(id)).toContain('Power down.');
  });

  test('ends without a word to the listener when it is shut down or destroyed from outside', async () => {
    const runtime = await sandbox.runtime();
    const heard: string[] = [];
    runtime.onEnd((id) => heard.push(id));
    const id = await sandbox.boot({ instanceId: 'i-quiet' });
    await runtime.shutdown(id);
    await sandbox.boot({ instanceId: id, firstBoot: false });
    await runtime.destroy(id);
    // Something heard later than these would come before the end of an instance that ends by itself.
    const other = await sandbox.boot({ instanceId: 'i-loud' });
    await sandbox.run(other, 'poweroff; sleep 60').catch(() => {});
    await expect.poll(() => heard).toEqual([other]);
  });

  test('goes on through a reboot from inside, without user data', async () => {
    const id = await sandbox.boot({ instanceId: 'i-reboot', userData: '#!/bin/sh\necho x >> /root/count' });
    await sandbox.sh(id, 'cloud-init status --wait');
    const runtime = await sandbox.runtime();
    const heard: string[] = [];
    runtime.onEnd((ended) => heard.push(ended));
    await sandbox.run(id, 'sleep 4721 & reboot; sleep 60').catch(() => {});
    await expect.poll(() => runtime.reachable(id)).toBe(true);
    expect(await sandbox.sh(id, 'cat /root/count; pgrep -fc "sleep 4721$" || true')).toBe('x\n0');
    expect(heard).toEqual([]);
  });

  test('can be cut short by plan, and the plan be cancelled', async () => {
    const id = await sandbox.boot();
    expect((await sandbox.run(id, 'shutdown -h +5 && shutdown -c')).exitCode).toBe(0);
    expect((await sandbox.run(id, 'shutdown -h whenever')).exitCode).toBe(1);
  });

  test('is taken up by a daemon that comes later, commands and all', async () => {
    const first = await sandbox.runtime();
    const id = await sandbox.boot({ instanceId: 'i-recovered' });
    const command = {
      id: 'across',
      script: 'echo once >> /root/once; sleep 0.3; cat /root/once',
      timeoutMs: 20_000,
    };
    const before = first.run(id, command);
    const second = await sandbox.open();
    const ended = new Promise((resolve) => second.onEnd(resolve));
    expect(await second.recover([id, 'i-unknown'])).toEqual(['i-unknown']);
    expect(await second.run(id, command)).toMatchObject({ exitCode: 0, stdout: 'once\n' });
    expect(await before).toMatchObject({ exitCode: 0, stdout: 'once\n' });
    // Booted again by a daemon that does not know better, it is simply there.
    await second.boot({
      instanceId: id,
      layers: [],
      userData: '',
      firstBoot: true,
      hostname: 'x',
      address: '127.8.8.1',
      environment: {},
    });
    await second.run(id, { id: 'end', script: 'poweroff; sleep 60', timeoutMs: 20_000 }).catch(() => {});
    expect(await ended).toBe(id);
  });

  test('leaves no process, mount or directory behind when it is destroyed', async () => {
    const runtime = await sandbox.runtime();
    const id = await sandbox.boot({ instanceId: 'i-destroyed' });
    await sandbox.sh(id, 'nohup setsid sleep 4722 >/dev/null 2>&1 & mkdir -p /opt/a/b; echo x > /opt/a/b/c');
    expect(processes('sleep 4722')).toHaveLength(1);
    await runtime.destroy(id);
    expect(processes('sleep 4722')).toEqual([]);
    expect(processes('i-destroyed')).toEqual([]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(sandbox.directory);
    expect(existsSync(join(sandbox.directory, 'instances/i-destroyed'))).toBe(false);
    await runtime.destroy(id);
  });

  test('goes beside those of another project', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'bake-other-'));
    const other = await createSandboxRuntime({ directory, log: () => {} });
    const id = await sandbox.boot({ instanceId: 'i-same' });
    await sandbox.sh(id, 'echo mine > /opt/whose');
    await other.boot({
      instanceId: 'i-same',
      layers: [],
      userData: '',
      firstBoot: true,
      hostname: 'other',
      address: '127.8.9.2',
      environment: {},
    });
    const { exitCode } = await other.run('i-same', {
      id: 'x',
      script: 'test ! -e /opt/whose',
      timeoutMs: 10_000,
    });
    expect(exitCode).toBe(0);
    await other.destroy('i-same');
    expect(await sandbox.sh(id, 'cat /opt/whose')).toBe('mine');
    rmSync(directory, { recursive: true, force: true });
  });
});
