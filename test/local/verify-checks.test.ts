import { beforeAll, expect, it } from 'vitest';
import { DEBIAN, FakeDistribution } from '../helpers/fake-distribution.ts';
import { describeSandbox } from '../helpers/sandbox.ts';

describeSandbox('verification', (sandbox) => {
  let machine: FakeDistribution;
  let since: string;
  beforeAll(async () => {
    machine = await FakeDistribution.boot(sandbox, DEBIAN);
    since = await machine.sh('date +%s');
    await machine.provision('prepare');
    await machine.provision('app-user', { APP_USER: 'worker', DIRECTORIES: '/var/lib/worker' });
    await machine.provision('cleanup');
  });

  /** What fails after `change`, as `check: what`; everything is taken back by `undo`. */
  async function failures(change: string, undo: string, expected: Record<string, string> = {}) {
    await machine.sh(change);
    const { output, exitCode } = await machine.provision('verify', {
      BAKE_BASE_CREATED: since,
      ...expected,
    });
    await machine.sh(undo);
    const failed = output.split('\n').flatMap((line) => {
      const [outcome, check, detail] = line.split('\t');
      expect(['ok', 'fail'], output).toContain(outcome);
      return outcome === 'fail' ? [`${check}: ${detail}`] : [];
    });
    expect(exitCode).toBe(failed.length === 0 ? 0 : 3);
    return failed;
  }

  it('passes on a machine that was cleaned', async () => {
    expect(await failures('true', 'true')).toEqual([]);
  });

  it.each([
    ['authorized keys', '/root/.ssh/authorized_keys', 'no authorized keys'],
    ['ssh host keys', '/etc/ssh/ssh_host_rsa_key', 'no ssh host keys'],
    ['caches of Python', '/opt/app/__pycache__/app.cpython-311.pyc', 'no caches of Python'],
    ['cloud-init state', '/var/lib/cloud/instance', 'no cloud-init state'],
    ['credentials of users', '/root/.aws/credentials', 'no credentials of users'],
  ])('finds %s', async (_, path, check) => {
    const change = `mkdir -p "$(dirname ${path})"; echo something >${path}`;
    expect(await failures(change, `rm ${path}`)).toEqual([`${check}: ${path}`]);
  });

  it('finds logins by password over ssh, said or unsaid', async () => {
    const file = '/etc/ssh/sshd_config';
    const check = 'no password logins over ssh';
    for (const line of ['PasswordAuthentication yes', 'Port 22']) {
      expect(await failures(`echo '${line}' >${file}`, `rm ${file}`)).toEqual([`${check}: ${file}`]);
    }
    expect(await failures(`echo 'PasswordAuthentication no' >${file}`, `rm ${file}`)).toEqual([]);
  });

  it('finds files that everybody may write, and programs that run as their owner', async () => {
    const change =
      'mkdir -p /opt/app; touch /opt/app/open /opt/app/root; chmod 666 /opt/app/open; chmod 4755 /opt/app/root';
    const undo = 'rm -r /opt/app';
    expect(await failures(change, undo, { BAKE_VERIFY_ALLOW: 'root' })).toHaveLength(1);
    expect(await failures(change, undo)).toEqual([
      'no files that everybody may write: /opt/app/open',
      'no programs that run as their owner: /opt/app/root',
    ]);
  });

  it('leaves what is in container images to their makers, as clean-up does', async () => {
    const layer = '/var/lib/docker/overlay2/layer/app/__pycache__';
    const change = `mkdir -p ${layer}; touch ${layer}/app.cpython-311.pyc ${layer}/su; chmod 4777 ${layer}/su`;
    await machine.sh(change);
    await machine.provision('cleanup', { BAKE_BASE_CREATED: since });
    expect(await failures(`test -e ${layer}/app.cpython-311.pyc`, 'rm -r /var/lib/docker')).toEqual([]);
  });

  it('finds development tools that were added, on the PATH or beside an application, unless allowed by name', async () => {
    const change =
      'mkdir -p /opt/app/venv/bin; for tool in /usr/local/bin/valgrind /opt/app/venv/bin/pytest; do echo >$tool; chmod 755 $tool; done';
    const undo = 'rm -r /opt/app /usr/local/bin/valgrind';
    expect(await failures(change, undo)).toEqual([
      'no development tools were added: /opt/app/venv/bin/pytest',
      'no development tools were added: /usr/local/bin/valgrind',
    ]);
    expect(await failures(change, undo, { BAKE_VERIFY_ALLOW: 'valgrind\npytest' })).toEqual([]);
  });

  it('asks for files with their owner and mode', async () => {
    const wanted = [
      '/etc/passwd\t\t',
      '/var/lib/worker\tworker\t0750',
      '/etc/settings\tworker\t0600',
      '/opt/none\troot\t',
    ].join('\n');
    const change = 'touch /etc/settings; chmod 644 /etc/settings';
    expect(await failures(change, 'rm /etc/settings', { BAKE_VERIFY_FILES: wanted })).toEqual([
      'required files exist: /opt/none',
      'files have their owner and mode: /etc/settings belongs to root instead of worker',
      'files have their owner and mode: /etc/settings has mode 0644 instead of 0600',
    ]);
  });

  it('asks for services that are enabled and do not run as root, unless that is said', async () => {
    const unit = (name: string, user: string) =>
      `printf '[Service]\\n${user}ExecStart=/usr/bin/sleep 9\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/${name}.service`;
    const change = [
      unit('mine', 'User=worker\\n'),
      unit('rooted', ''),
      unit('dynamic', 'DynamicUser=yes\\n'),
      unit('idle', 'User=worker\\n'),
      'systemctl daemon-reload; systemctl enable --quiet mine rooted dynamic',
    ].join('\n');
    const undo = 'systemctl disable --quiet mine rooted dynamic';
    const services = 'mine\t\nrooted\t\ndynamic\t\nidle\t\nabsent\t\nmine\troot';
    expect(await failures(change, undo, { BAKE_VERIFY_SERVICES: services })).toEqual([
      'services are enabled: absent',
      'services are enabled: idle',
      'services run as a user of their own: mine runs as worker instead of root',
      'services run as a user of their own: rooted runs as root',
    ]);
    expect(await failures(change, undo, { BAKE_VERIFY_SERVICES: 'mine\tworker\nrooted\troot' })).toEqual([]);
  });
});
