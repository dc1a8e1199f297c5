import { expect, test } from 'vitest';
import { describeSandbox, type TestSandbox, until } from '../helpers/sandbox.ts';

/** Writes a unit file; the service's program is a shell script given with it. */
const install = (name: string, settings: string, script = 'sleep 3600') => `
cat > /usr/local/bin/${name} <<'PROGRAM'
#!/bin/bash
${script}
PROGRAM
chmod 755 /usr/local/bin/${name}
cat > /etc/systemd/system/${name}.service <<'UNIT'
[Unit]
Description=The ${name}
[Service]
ExecStart=/usr/local/bin/${name}
${settings}
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload`;

const codes = async (sandbox: TestSandbox, id: string, ...commands: string[]) =>
  sandbox.sh(id, commands.map((command) => `${command} >/dev/null 2>&1; echo -n "$? "`).join('\n'));

describeSandbox('a service', (sandbox) => {
  test('that an image enables is started at boot, before user data has ended', async () => {
    const runtime = await sandbox.runtime();
    const builder = await sandbox.boot();
    await sandbox.sh(builder, install('worker', 'Restart=always'));
    const enabled = await sandbox.run(builder, 'systemctl enable worker');
    expect(enabled.stderr).toBe(
      'Created symlink /etc/systemd/system/multi-user.target.wants/worker.service → /etc/systemd/system/worker.service.\n',
    );
    await runtime.shutdown(builder);
    await runtime.freeze(builder, 'ami-worker', { live: false });
    const userData = `#!/bin/bash\n${until('systemctl is-active worker')}`;
    const id = await sandbox.boot({ layers: ['ami-worker'], userData });
    expect(await sandbox.sh(id, 'cloud-init status --wait')).toBe('status: done');
    expect(await runtime.consoleOutput(id)).toContain('[  OK  ] Started worker.service - The worker.');
  });

  test('ordered after cloud-final.service waits for user data', async () => {
    const runtime = await sandbox.runtime();
    const builder = await sandbox.boot();
    const settings = 'EnvironmentFile=/etc/late.env\n[Unit]\nAfter=cloud-final.service';
    await sandbox.sh(
      builder,
      `${install('late', settings, 'echo "got $WORD" > /root/late; sleep 3600')}; systemctl enable late`,
    );
    await runtime.shutdown(builder);
    await runtime.freeze(builder, 'ami-late', { live: false });
    const id = await sandbox.boot({
      layers: ['ami-late'],
      userData:
        '#!/bin/bash\nsystemctl is-active late > /root/then\nsleep 0.2\necho WORD=here > /etc/late.env\n',
    });
    await sandbox.sh(id, until('test -s /root/late'));
    expect(await sandbox.sh(id, 'cat /root/late /root/then')).toBe('got here\ninactive');
  });

  test('is restarted after a failure, and given up when it fails too often', async () => {
    const id = await sandbox.boot();
    const settings = 'Restart=on-failure\nRestartSec=10ms\n[Unit]\nStartLimitBurst=3';
    await sandbox.sh(
      id,
      `${install('crashing', settings, 'echo attempt; exit 4')}; systemctl start crashing`,
    );
    await sandbox.sh(id, until('systemctl is-failed -q crashing'));
    const shown = 'systemctl show crashing -p Result -p NRestarts -p ExecMainStatus -p ActiveState';
    expect((await sandbox.sh(id, shown)).split('\n').sort()).toEqual([
      'ActiveState=failed',
      'ExecMainStatus=4',
      'NRestarts=3',
      'Result=exit-code',
    ]);
    expect(await sandbox.sh(id, 'journalctl -u crashing -o cat | grep -c ^attempt')).toBe('3');
    expect(await sandbox.sh(id, 'journalctl -u crashing --no-pager')).toContain(
      'crashing.service: Main process exited, code=exited, status=4/NOPERMISSION',
    );
    expect(await sandbox.sh(id, 'systemctl list-units --state=failed --no-legend --plain')).toMatch(
      /^crashing.service loaded failed/,
    );
    expect(
      await codes(
        sandbox,
        id,
        'systemctl is-system-running',
        'systemctl reset-failed',
        'systemctl is-system-running',
      ),
    ).toBe('1 0 0');
  });

  test('that takes more memory than it may is killed for it, which systemctl, its journal and the kernel say', async () => {
    const id = await sandbox.boot();
    const hungry = `#!/usr/bin/env node
const all = [];
setInterval(() => all.push(Buffer.alloc(16 << 20, 1)), 20);`;
    const file = '/opt/hungry.mjs';
    await sandbox.sh(id, `cat > ${file} <<'END'\n${hungry}\nEND\nchmod +x ${file}`);
    const settings = 'MemoryMax=150M\nRestart=no';
    await sandbox.sh(id, `${install('hungry', settings, `exec node ${file}`)}; systemctl start hungry`);
    await sandbox.sh(id, until('systemctl is-failed -q hungry'));
    expect(await sandbox.sh(id, 'systemctl show -p Result --value hungry')).toBe('oom-kill');
    expect(await sandbox.sh(id, 'journalctl -u hungry -o cat')).toMatch(
      /hungry\.service: A process of this unit has been killed by the OOM killer\.[\s\S]*Failed with result 'oom-kill'\./,
    );
    expect(await sandbox.sh(id, 'journalctl -k -o cat')).toMatch(
      /^Memory cgroup out of memory: Killed process \d+ \(node\) total-vm:\d+kB, anon-rss:\d+kB/,
    );
  });

  test('gets SIGTERM at a stop and time to finish, also when the instance is shut down', async () => {
    const runtime = await sandbox.runtime();
    const id = await sandbox.boot({ instanceId: 'i-graceful' });
    const script =
      'trap "sleep 0.2; echo finished >> /root/finished; exit 0" TERM\necho ready > /run/ready\nwhile :; do sleep 0.05; done';
    await sandbox.sh(id, `${install('graceful', 'Restart=always', script)}; systemctl enable --now graceful`);
    await sandbox.sh(id, until('test -e /run/ready'));
    await sandbox.sh(id, 'systemctl stop graceful; rm /run/ready; systemctl start graceful');
    expect(await sandbox.sh(id, 'cat /root/finished; systemctl is-active graceful')).toBe('finished\nactive');
    await sandbox.sh(id, until('test -e /run/ready'));
    await runtime.shutdown(id);
    await sandbox.boot({ instanceId: id, firstBoot: false });
    expect(await sandbox.sh(id, 'cat /root/finished')).toBe('finished\nfinished');
  });

  test('that ignores SIGTERM is killed with all its children after its stop time-out', async () => {
    const id = await sandbox.boot();
    const script = 'trap "" TERM\nsetsid sleep 4731 &\nwhile :; do sleep 0.05; done';
    await sandbox.sh(
      id,
      `${install('stubborn', 'TimeoutStopSec=300ms', script)}; systemctl start stubborn; systemctl stop stubborn`,
    );
    expect(await sandbox.sh(id, 'pgrep -fc "sleep 4731$" || true')).toBe('0');
    expect(await sandbox.sh(id, 'systemctl show -p Result --value stubborn')).toBe('timeout');
  });

  test('runs as its user, in its directory, with its environment and directories', async () => {
    const id = await sandbox.boot();
    const settings = [
      'User=app',
      'SupplementaryGroups=',
      'WorkingDirectory=/srv',
      'UMask=0027',
      'Environment=ONE=1 "TWO=a b"',
      'EnvironmentFile=-/etc/none.env',
      'EnvironmentFile=/etc/app.env',
      'StateDirectory=app',
      'RuntimeDirectory=app',
      'LimitNOFILE=1234',
    ].join('\n');
    const script =
      'touch /var/lib/app/mine; echo "$(id -un) $(id -Gn) $PWD $(umask) $ONE/$TWO/$THREE $HOME $STATE_DIRECTORY $RUNTIME_DIRECTORY $(ulimit -n) $AWS_REGION"; sleep 3600';
    await sandbox.sh(
      id,
      `groupadd extra; useradd -m -G extra app; echo 'THREE="x y"' > /etc/app.env; ${install('app', settings, script)}; systemctl start app`,
    );
    await sandbox.sh(id, until('journalctl -u app -o cat | grep -q "^app"'));
    expect(
      await sandbox.sh(id, 'journalctl -u app -o cat | grep ^app\\ ; stat -c %U /var/lib/app/mine'),
    ).toBe('app app extra /srv 0027 1/a b/x y /home/app /var/lib/app /run/app 1234 eu-central-1\napp');
    expect(await sandbox.sh(id, 'systemctl stop app; ls -d /run/app /var/lib/app 2>/dev/null; true')).toBe(
      '/var/lib/app',
    );
  });

  test('writes to the file it is told to, and cannot start when that cannot be opened', async () => {
    const id = await sandbox.boot();
    const write = 'echo out; echo err >&2; sleep 3600';
    await sandbox.sh(
      id,
      `${install('filed', 'StandardOutput=append:/var/log/filed.log', write)}; systemctl start filed`,
    );
    await sandbox.sh(id, until('test "$(tr "\\n" " " < /var/log/filed.log)" = "out err "'));
    await sandbox.sh(
      id,
      install('lost', 'Type=exec\nRestart=on-failure\nStandardOutput=file:/none/lost.log', write),
    );
    expect((await sandbox.run(id, 'systemctl start lost')).exitCode).toBe(1);
    await sandbox.sh(id, until('systemctl is-failed -q lost'));
    expect(
      await sandbox.sh(id, 'systemctl show -p ExecMainStatus --value lost; systemctl is-active filed'),
    ).toBe('209\nactive');
  });

  test('of type oneshot blocks the start until it has run, and one of type forking is followed', async () => {
    const id = await sandbox.boot();
    await sandbox.sh(
      id,
      `${install('once', 'Type=oneshot\nRemainAfterExit=yes\nExecStartPost=/bin/touch /run/post', 'sleep 0.1; touch /run/once')}; systemctl start once; test -e /run/once -a -e /run/post`,
    );
    expect(await sandbox.sh(id, 'systemctl show -p ActiveState,SubState --value once')).toBe(
      'active\nexited',
    );
    const forking =
      'setsid bash -c "echo \\$\\$ > /run/forked.pid; exec sleep 4732" &\nwhile ! test -s /run/forked.pid; do sleep 0.01; done';
    await sandbox.sh(
      id,
      `${install('forked', 'Type=forking\nPIDFile=/run/forked.pid', forking)}; systemctl start forked`,
    );
    expect(
      await sandbox.sh(
        id,
        'test $(systemctl show -p MainPID --value forked) = $(cat /run/forked.pid) && echo same',
      ),
    ).toBe('same');
    await sandbox.sh(id, 'systemctl stop forked; ! pgrep -f "sleep 4732$"');
  });

  test('that fails to start says so, with systemd’s exit codes', async () => {
    const id = await sandbox.boot();
    await sandbox.sh(
      id,
      install('ok', '') +
        install('bad', 'ExecStartPre=/bin/false') +
        install('nouser', 'User=nobody-here\nType=exec'),
    );
    expect(
      await codes(
        sandbox,
        id,
        'systemctl is-active ok',
        'systemctl status ok',
        'systemctl start ok',
        'systemctl is-active ok',
        'systemctl status ok',
      ),
    ).toBe('3 3 0 0 0');
    expect(
      await codes(
        sandbox,
        id,
        'systemctl start none',
        'systemctl status none',
        'systemctl is-enabled none',
        'systemctl stop none',
      ),
    ).toBe('5 4 1 5');
    expect(
      await codes(
        sandbox,
        id,
        'systemctl is-enabled ok',
        'systemctl enable ok',
        'systemctl is-enabled ok',
        'systemctl mask ok',
        'systemctl is-enabled ok',
      ),
    ).toBe('1 0 0 1 0');
    const bad = await sandbox.run(id, 'systemctl start bad');
    expect(bad).toMatchObject({ exitCode: 1 });
    expect(bad.stderr).toContain(
      'Job for bad.service failed because the control process exited with error code.',
    );
    expect(await codes(sandbox, id, 'systemctl is-failed bad', 'systemctl start nouser')).toBe('0 1');
    expect(await sandbox.sh(id, 'systemctl show -p ExecMainStatus --value nouser')).toBe('217');
    expect((await sandbox.run(id, 'systemctl nonsense')).stderr).toBe('Unknown command verb nonsense.\n');
  });

  test('reads drop-ins, templates and what it requires', async () => {
    const id = await sandbox.boot();
    const template =
      '[Service]\nEnvironment=WHO=nobody\nExecStart=/bin/sh -c "echo %i $WHO > /run/%i; exec sleep 3600"\n';
    await sandbox.sh(
      id,
      `
      printf '%s' '${template}' > /etc/systemd/system/each@.service
      mkdir -p /etc/systemd/system/each@.service.d /etc/systemd/system/top.service.d
      printf '[Service]\\nEnvironment=WHO=dropped-in\\n' > /etc/systemd/system/each@.service.d/10-who.conf
      ${install('top', '[Unit]\nRequires=each@needed.service\nAfter=each@needed.service')}
      printf '[Service]\\nExecStart=\\nExecStart=/bin/sleep 4733\\n' > /etc/systemd/system/top.service.d/exec.conf
      systemctl daemon-reload; systemctl start each@blue top`,
    );
    await sandbox.sh(id, until('test -s /run/blue -a -s /run/needed'));
    expect(await sandbox.sh(id, 'cat /run/blue /run/needed; pgrep -fc "sleep 4733$"')).toBe(
      'blue dropped-in\nneeded dropped-in\n1',
    );
    await sandbox.sh(id, 'systemctl stop each@needed');
    expect(await sandbox.sh(id, 'systemctl is-active top each@blue || true')).toBe('inactive\nactive');
  });

  test('leaves its lines in the journal, which no image captures', async () => {
    const id = await sandbox.boot();
    await sandbox.sh(
      id,
      `${install('talking', '', 'for i in 1 2 3; do echo line $i; done; echo oops >&2; sleep 3600')}; systemctl start talking`,
    );
    await sandbox.sh(id, until('journalctl -u talking -o cat | grep -q oops'));
    expect(await sandbox.sh(id, 'journalctl -u talking -o cat -t talking | sort')).toBe(
      'line 1\nline 2\nline 3\noops',
    );
    expect(await sandbox.sh(id, 'journalctl -u talking.service -t talking -g line -n 1 -o short')).toMatch(
      /^[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d ip-\S+ talking\[\d+\]: line 3$/,
    );
    expect(await sandbox.sh(id, 'journalctl -u talking --since "1 hour ago" --until "-30min"')).toBe(
      '-- No entries --',
    );
    expect(await sandbox.sh(id, 'timeout 0.5 journalctl -f -u talking -n 1 -o cat -g line | head -1')).toBe(
      'line 3',
    );
    expect(await sandbox.sh(id, 'journalctl --rotate --vacuum-time=1s; journalctl')).toBe('-- No entries --');
  });

  test('may be made on the spot, now or later, and what is planned be called off', async () => {
    const id = await sandbox.boot();
    expect((await sandbox.run(id, 'systemd-run --wait -q sh -c "exit 5"')).exitCode).toBe(5);
    await sandbox.sh(
      id,
      'systemd-run --unit=now --uid=daemon -E WORD="a b" sh -c \'echo "$(id -un) $WORD 100% $$"\'',
    );
    await sandbox.sh(id, until('journalctl -u now -o cat | grep -q "^daemon a b 100% [0-9]"'));
    await sandbox.sh(
      id,
      'systemd-run --unit=later --on-active=200ms touch /run/later && systemctl is-active later.timer',
    );
    await sandbox.sh(
      id,
      'systemd-run --unit=never --on-active=200ms touch /run/never && systemctl stop never.timer',
    );
    await sandbox.sh(id, until('test -e /run/later'));
    await sandbox.sh(id, 'test ! -e /run/never');
  });

  test('and any program reach the journal through syslog', async () => {
    const id = await sandbox.boot();
    await sandbox.sh(id, 'logger -t provisioner -p user.info "a message: with colon"');
    await sandbox.sh(id, until('test "$(journalctl -t provisioner -o cat)" = "a message: with colon"'));
  });

  test('that a Debian package brings is enabled and started by its scripts', async ({ skip }) => {
    const id = await sandbox.boot();
    if ((await sandbox.run(id, 'command -v dpkg-deb deb-systemd-invoke')).exitCode !== 0)
      skip('no dpkg here');
    await sandbox.sh(
      id,
      `mkdir -p /tmp/p/DEBIAN /tmp/p/usr/lib/systemd/system; cd /tmp/p
      printf 'Package: hello-bake\nVersion: 1.0\nArchitecture: all\nMaintainer: x <x@example.com>\nDescription: x\n' > DEBIAN/control
      printf '#!/bin/sh\nset -e\ndeb-systemd-helper enable hello.service\nsystemctl --system daemon-reload\ndeb-systemd-invoke start hello.service\n' > DEBIAN/postinst
      chmod 755 DEBIAN/postinst
      printf '[Service]\nExecStart=/bin/sleep 999\n[Install]\nWantedBy=multi-user.target\n' > usr/lib/systemd/system/hello.service
      dpkg-deb --build /tmp/p /tmp/p.deb && dpkg -i /tmp/p.deb`,
    );
    expect(await sandbox.sh(id, 'systemctl is-enabled hello; systemctl is-active hello')).toBe(
      'enabled\nactive',
    );
    expect(
      await sandbox.sh(id, 'service hello stop; systemctl is-active hello; dpkg -s hello-bake | head -1'),
    ).toBe('inactive\nPackage: hello-bake');
  });
});
