import { beforeAll, expect, it } from 'vitest';
import { DEBIAN, FakeDistribution } from '../helpers/fake-distribution.ts';
import { describeSandbox } from '../helpers/sandbox.ts';

describeSandbox('a shipped provisioner', (sandbox) => {
  let machine: FakeDistribution;
  beforeAll(async () => {
    machine = await FakeDistribution.boot(sandbox, DEBIAN);
  });

  /** Runs a provisioner twice; what it printed. The second run must change no file. */
  async function twice(name: string, environment: Record<string, string> = {}): Promise<string> {
    const first = await machine.provision(name, environment);
    expect(first.exitCode, first.output).toBe(0);
    const state = await machine.state();
    const second = await machine.provision(name, environment);
    expect(second).toEqual(first);
    expect(await machine.state()).toBe(state);
    return first.output;
  }

  it('app-user makes an account without a shell and its directories, once', async () => {
    await machine.sh('groupadd -f media');
    const output = await twice('app-user', {
      APP_USER: 'worker',
      APP_UID: '730',
      MEMBER_OF: 'media',
      DIRECTORIES: '/var/lib/worker /var/spool/worker:02770',
    });
    expect(output).toMatch(/uid=730\(worker\).*media.*home \/opt\/worker/);
    expect(
      await machine.sh(
        'getent passwd worker | cut -d: -f6,7; stat -c "%n %U:%G %a" /opt/worker /var/lib/worker /var/spool/worker; passwd -S worker | cut -d" " -f2',
      ),
    ).toBe(
      '/opt/worker:/usr/sbin/nologin\n/opt/worker root:root 755\n/var/lib/worker worker:worker 750\n/var/spool/worker worker:worker 2770\nL',
    );
  });

  it('app-user refuses root', async () => {
    expect(await machine.provision('app-user', { APP_USER: 'root' })).toEqual({
      exitCode: 1,
      output: 'APP_USER is root: an application needs an account of its own',
    });
  });

  it('systemd-service writes a unit that starts at boot as its own user, in a file system it cannot change', async () => {
    await twice('systemd-service', {
      SERVICE: 'indexer',
      COMMAND: '/usr/bin/sleep 1000',
      RUN_AS: 'worker',
      ENVIRONMENT_FILE: '/etc/worker/environment',
      WRITABLE: '/var/lib/worker',
    });
    const unit = await machine.sh('systemctl is-enabled indexer; cat /etc/systemd/system/indexer.service');
    expect(unit).toMatch(/^enabled\n/);
    for (const line of [
      'User=worker',
      'ConditionPathExists=/etc/worker/environment',
      'EnvironmentFile=/etc/worker/environment',
      'ExecStart=/usr/bin/sleep 1000',
      'ProtectSystem=strict',
      'ReadWritePaths=/var/lib/worker',
      'TimeoutStopSec=30',
    ]) {
      expect(unit.split('\n')).toContain(line);
    }
  });

  it('systemd-service runs what it wrote, and takes a unit file that was uploaded', async () => {
    await machine.sh(
      'mkdir -p /etc/worker; touch /etc/worker/environment; systemctl start indexer; systemctl is-active indexer',
    );
    await machine.sh(
      'printf "[Service]\\nUser=worker\\nExecStart=/usr/bin/sleep 1000\\n[Install]\\nWantedBy=multi-user.target\\n" >/opt/own.service',
    );
    expect(await twice('systemd-service', { UNIT: '/opt/own.service' })).toBe('own.service starts at boot');
    expect(
      await machine.sh('systemctl is-enabled own; systemctl start own; systemctl show -p User --value own'),
    ).toBe('enabled\nworker');
    expect((await machine.provision('systemd-service', { UNIT: '/opt/none.service' })).output).toContain(
      'there is no such file in the image; upload it before',
    );
  });

  it('cleanup removes what identifies a machine or its builder, and caches, twice the same', async () => {
    await machine.sh(
      [
        'mkdir -p /root/.ssh /root/.cache/pip /opt/app/__pycache__ /var/lib/cloud/instance /var/log/nginx /etc/ssh',
        'mkdir -p /var/lib/amazon/ssm/i-1/document/state/completed /var/lib/amazon/ssm/i-1/document/orchestration/{old,new}',
        'touch -d yesterday /var/lib/amazon/ssm/i-1/document/orchestration/old',
        'touch /var/lib/amazon/ssm/i-1/document/state/completed/command',
        'for file in /root/.bash_history /root/.ssh/authorized_keys /root/.ssh/known_hosts /opt/app/__pycache__/app.cpython-311.pyc /etc/ssh/ssh_host_ed25519_key /var/log/nginx/access.log /var/log/nginx/access.log.1 /var/tmp/left; do echo x >"$file"; done',
        'printf "Match User git\\n  AllowTcpForwarding no\\n" >/etc/ssh/sshd_config',
      ].join('\n'),
    );
    await twice('cleanup');
    expect(
      await machine.sh(
        `find /root/.bash_history /root/.ssh/* /root/.cache /opt/app/* /var/lib/cloud/instance /etc/ssh/ssh_host* /var/tmp/* /var/log/nginx/*.1 2>/dev/null || true
         stat -c '%n %s' /var/log/nginx/access.log; ls /var/lib/amazon/ssm/i-1/document/orchestration; ls /var/lib/amazon/ssm/i-1/document/state/completed; head -n 1 /etc/ssh/sshd_config`,
      ),
    ).toBe('/var/log/nginx/access.log 0\nnew\nPasswordAuthentication no');
  });
});
