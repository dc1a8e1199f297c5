import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { describeSandbox } from '../helpers/sandbox.ts';

describeSandbox('a booted instance', (sandbox) => {
  test('runs its user data as root at the first boot, output to the console and the log', async () => {
    const userData =
      '#!/bin/bash\necho "I am $(id -un) in $(pwd)"\necho to-stderr >&2\necho $AWS_REGION > /opt/made-by-user-data\n';
    const id = await sandbox.boot({ userData });
    expect(await sandbox.sh(id, 'cloud-init status --wait')).toBe('status: done');
    expect(await sandbox.sh(id, 'cat /var/log/cloud-init-output.log')).toBe('I am root in /\nto-stderr');
    expect(await sandbox.sh(id, 'cat /opt/made-by-user-data')).toBe('eu-central-1');
    expect(JSON.parse(await sandbox.sh(id, 'cat /run/bake/user-data.json'))).toEqual({ exitCode: 0 });
    const console = await (await sandbox.runtime()).consoleOutput(id);
    expect(console).toContain('I am root in /');
    expect(existsSync('/opt/made-by-user-data')).toBe(false);
  });

  test('says on its console that user data failed, and with what', async () => {
    const id = await sandbox.boot({ userData: '#!/bin/bash\necho before\nexit 7\n' });
    const status = await sandbox.run(id, 'cloud-init status --wait');
    expect(status).toMatchObject({ exitCode: 1, stdout: 'status: error\n' });
    const console = await (await sandbox.runtime()).consoleOutput(id);
    expect(console).toContain('before\ncloud-init: user data failed with exit code 7');
  });

  test('does not run user data again at a later boot, and keeps its disk', async () => {
    const runtime = await sandbox.runtime();
    const request = { instanceId: 'i-twice', userData: '#!/bin/sh\necho once >> /root/count\n' };
    const id = await sandbox.boot(request);
    await sandbox.sh(id, 'cloud-init status --wait');
    await runtime.shutdown(id);
    expect(await runtime.reachable(id)).toBe(false);
    await sandbox.boot({ ...request, firstBoot: false });
    expect(await sandbox.sh(id, 'cloud-init status --wait; cat /root/count')).toBe('status: done\nonce');
  });

  test('runs a boothook early at every boot, and the script beside it at the first one', async () => {
    const runtime = await sandbox.runtime();
    const part = (type: string, text: string) => `--b\nContent-Type: text/${type}\n\n#!/bin/sh\n${text}\n`;
    const parts = [
      part('cloud-boothook', 'echo "hook $INSTANCE_ID" >>/root/order'),
      part('x-shellscript', 'echo script >>/root/order'),
    ];
    const userData = `Content-Type: multipart/mixed; boundary="b"\nMIME-Version: 1.0\n\n${parts.join('')}--b--\n`;
    const request = { instanceId: 'i-hook', userData };
    const id = await sandbox.boot(request);
    await sandbox.sh(id, 'cloud-init status --wait');
    await runtime.shutdown(id);
    await sandbox.boot({ ...request, firstBoot: false });
    await sandbox.sh(id, 'cloud-init status --wait');
    expect(await sandbox.sh(id, 'cat /root/order')).toBe('hook i-hook\nscript\nhook i-hook');
  });

  test('has its own name, processes and console, and may write to /dev/stderr and /dev/console', async () => {
    const id = await sandbox.boot({ hostname: 'ip-127-8-8-99' });
    expect(await sandbox.sh(id, 'hostname; cat /etc/hostname; getent hosts ip-127-8-8-99 | wc -l')).toBe(
      'ip-127-8-8-99\nip-127-8-8-99\n1',
    );
    expect(hostname()).not.toBe('ip-127-8-8-99');
    expect(await sandbox.sh(id, 'cat /proc/1/comm')).toBe('bash');
    const outcome = await sandbox.run(id, 'echo shown > /dev/stderr; echo on-console > /dev/console');
    expect(outcome).toMatchObject({ exitCode: 0, stderr: 'shown\n' });
    const runtime = await sandbox.runtime();
    await expect.poll(() => runtime.consoleOutput(id)).toContain('on-console');
  });

  test('passes its environment on to those who become another user', async () => {
    const id = await sandbox.boot();
    expect(await sandbox.sh(id, 'useradd -m app && su - app -c "printenv AWS_REGION"')).toBe('eu-central-1');
  });

  test('cannot mount, nor write to the kernel, and leaves the host untouched', async () => {
    const id = await sandbox.boot();
    expect((await sandbox.run(id, 'mount -t tmpfs none /mnt')).exitCode).not.toBe(0);
    expect((await sandbox.run(id, 'echo x > /proc/sys/kernel/hostname')).exitCode).not.toBe(0);
    await sandbox.sh(
      id,
      'useradd -m intruder && touch /etc/by-instance /usr/bin/by-instance && rm /etc/passwd-; true',
    );
    expect(readFileSync('/etc/passwd', 'utf8')).not.toContain('intruder');
    expect(['/home/intruder', '/etc/by-instance', '/usr/bin/by-instance'].filter(existsSync)).toEqual([]);
  });

  test('sees no password, key or home of the host', async () => {
    const id = await sandbox.boot();
    const visible = await sandbox.sh(
      id,
      [
        'awk -F: \'$2 != "*" {print $1}\' /etc/shadow /etc/gshadow',
        'ls -A /root /home /srv /tmp /etc/cron.d /etc/systemd/system /etc/sudoers.d 2>/dev/null | grep -v ":$" | grep .',
        'ls /etc/ssh/ssh_host_* /var/lib/postgresql/* /var/lib/docker/* 2>/dev/null',
        'true',
      ].join('\n'),
    );
    expect(visible).toBe('');
    const machineId = existsSync('/etc/machine-id') ? readFileSync('/etc/machine-id', 'utf8') : '';
    expect(await sandbox.sh(id, 'cat /etc/machine-id')).not.toBe(machineId.trim());
  });
});
