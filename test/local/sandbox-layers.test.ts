import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSandboxRuntime } from '../../src/localcloud/sandbox/sandbox.ts';
import { describeSandbox } from '../helpers/sandbox.ts';

describeSandbox('a frozen layer', (sandbox) => {
  test('gives two instances the same files, and neither sees what the other writes', async () => {
    const runtime = await sandbox.runtime();
    const builder = await sandbox.boot();
    await sandbox.sh(
      builder,
      'echo v1 > /opt/app; useradd -m worker; echo x > /usr/local/bin/tool; echo y > /srv/data',
    );
    await runtime.shutdown(builder);
    await runtime.freeze(builder, 'ami-1', { live: false });
    const [one, two] = await Promise.all(
      ['i-a', 'i-b'].map((instanceId) => sandbox.boot({ instanceId, layers: ['ami-1'] })),
    );
    const look = 'cat /opt/app /usr/local/bin/tool /srv/data; id -un worker; ls -d /home/worker';
    expect(await sandbox.sh(one as string, look)).toBe('v1\nx\ny\nworker\n/home/worker');
    await sandbox.sh(one as string, 'echo changed > /opt/app');
    expect(await sandbox.sh(two as string, look)).toBe('v1\nx\ny\nworker\n/home/worker');
    // The builder itself goes on above its own layer.
    await sandbox.boot({ instanceId: builder, layers: ['ami-1'], firstBoot: false });
    expect(await sandbox.sh(builder, 'cat /opt/app')).toBe('v1');
  });

  test('holds three deep, with what was deleted, emptied and renamed on the way', async () => {
    const runtime = await sandbox.runtime();
    const layers: string[] = [];
    const steps = [
      'mkdir -p /opt/d /etc/app.d; echo 1 > /opt/d/one; echo 1 > /etc/app.d/a; echo 1 > /root/kept',
      'rm -r /opt/d /etc/app.d/a; mkdir /opt/d; echo 2 > /opt/d/two; mv /usr/share/doc /usr/share/docs',
      'rm -rf /usr/share/docs; echo 3 > /opt/d/three; rm /etc/hostname',
    ];
    for (const [index, step] of steps.entries()) {
      const id = await sandbox.boot({ instanceId: `i-step-${index}`, layers: [...layers] });
      await sandbox.sh(id, step);
      await runtime.shutdown(id);
      await runtime.freeze(id, `layer-${index}`, { live: false });
      layers.unshift(`layer-${index}`);
    }
    const id = await sandbox.boot({ instanceId: 'i-top', layers });
    expect(await sandbox.sh(id, 'ls /opt/d /etc/app.d; cat /root/kept')).toBe(
      '/etc/app.d:\n\n/opt/d:\nthree\ntwo\n1',
    );
    expect((await sandbox.run(id, 'ls -d /usr/share/doc /usr/share/docs')).stdout).toBe('');
  });

  test('can be copied from a running instance, which goes on and does not get back what it deletes', async () => {
    const runtime = await sandbox.runtime();
    const id = await sandbox.boot({ instanceId: 'i-live' });
    await sandbox.sh(
      id,
      'echo x > /opt/early; rm -rf /opt/gone; chmod 640 /opt/early; chown daemon /opt/early',
    );
    await runtime.freeze(id, 'ami-live', { live: true });
    await sandbox.sh(id, 'rm /opt/early');
    await runtime.shutdown(id);
    await sandbox.boot({ instanceId: id, layers: ['ami-live'], firstBoot: false });
    expect((await sandbox.run(id, 'cat /opt/early')).exitCode).toBe(1);
    const copy = await sandbox.boot({ instanceId: 'i-copy', layers: ['ami-live'] });
    expect(await sandbox.sh(copy, 'stat -c "%a %U" /opt/early')).toBe('640 daemon');
  });

  test('asked for twice is frozen once, and goes away when removed', async () => {
    const runtime = await sandbox.runtime();
    const id = await sandbox.boot({ instanceId: 'i-again' });
    await sandbox.sh(id, 'echo x > /opt/x');
    await runtime.shutdown(id);
    await runtime.freeze(id, 'ami-again', { live: false });
    await runtime.freeze(id, 'ami-again', { live: false });
    expect(existsSync(join(sandbox.directory, 'layers/ami-again'))).toBe(true);
    await runtime.removeLayer('ami-again');
    expect(existsSync(join(sandbox.directory, 'layers/ami-again'))).toBe(false);
  });

  test('stacks as deep as mount options hold, in a directory with a very long and odd name', async () => {
    const root = mkdtempSync(join(tmpdir(), 'bake-long-'));
    const directory = join(root, `${'very long, "odd": name\\'.repeat(8)}`, 'x'.repeat(100), '.bake/local');
    mkdirSync(directory, { recursive: true });
    const runtime = await createSandboxRuntime({ directory, log: () => {} });
    const layers: string[] = [];
    const boot = (instanceId: string) =>
      runtime.boot({
        instanceId,
        layers: [...layers],
        userData: '',
        firstBoot: true,
        hostname: 'long',
        address: '127.8.9.1',
        environment: {},
      });
    try {
      for (let depth = 0; depth < 3; depth++) {
        await boot(`i-${depth}`);
        await runtime.run(`i-${depth}`, { id: 'x', script: `touch /opt/${depth}`, timeoutMs: 10_000 });
        await runtime.shutdown(`i-${depth}`);
        const layer = `snap-0123456789abcdef${depth}`;
        await runtime.freeze(`i-${depth}`, layer, { live: false });
        layers.unshift(layer);
      }
      await boot('i-last');
      const { stdout } = await runtime.run('i-last', {
        id: 'x',
        script: 'cd /opt; echo [0-9]',
        timeoutMs: 10_000,
      });
      expect(stdout).toBe('0 1 2\n');
    } finally {
      for (const id of ['i-0', 'i-1', 'i-2', 'i-last']) await runtime.destroy(id);
      rmSync(root, { recursive: true, force: true });
    }
  });
});
