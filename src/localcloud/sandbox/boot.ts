import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { BootSettings } from './agent/settings.ts';
import { program } from './assets.ts';
import type { Base } from './base.ts';
import { CLOUDWATCH_AGENT } from './cloudwatch-agent.ts';
import { layersBelow } from './layers.ts';
import type { Layout } from './layout.ts';
import { diskMounts, lateMounts } from './mounts.ts';
import type { BootRequest } from './runtime.ts';

/** The stage of cloud-init that makes host keys and lets the key pair in; user data comes after it. */
const CONFIG_SERVICE = `[Unit]
Description=Cloud-init: config stage of the local cloud's instances

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/run/bake/bin/node /run/bake/agent/ssh/sshd.cjs config
`;

/** Ends without those who are logged in, like OpenSSH's own. */
const SSH_SERVICE = `[Unit]
Description=SSH server of the local cloud's instances
Wants=cloud-config.service
After=cloud-config.service

[Service]
ExecStart=/run/bake/bin/node /run/bake/agent/ssh/sshd.cjs
Restart=always
KillMode=process
`;

/** Writes what the instance needs into its directory and starts its first process, which outlives this one. */
export function startInstance(layout: Layout, base: Base, request: BootRequest): ChildProcess {
  const instance = layout.instance(request.instanceId);
  const directory = join(layout.state, instance);
  for (const { name } of [{ name: 'root' }, ...base.tops]) {
    mkdirSync(join(directory, 'up', name), { recursive: true, mode: 0o755 });
    mkdirSync(join(directory, 'work', name), { recursive: true });
  }
  mkdirSync(join(directory, 'root'), { recursive: true });
  writeFileSync(join(directory, 'base'), base.directory);
  const layers = layersBelow(layout, request.instanceId, request.layers);
  writeFileSync(join(directory, 'fstab.disk'), diskMounts(layout, request.instanceId, base, layers));
  writeFileSync(join(directory, 'fstab.late'), lateMounts(layout, request.instanceId));
  writeSeed(join(directory, 'seed'), request);

  const console = openSync(join(layout.state, layout.console(request.instanceId)), 'a', 0o600);
  try {
    return spawn(
      'unshare',
      [
        ...['--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--propagation', 'private'],
        ...['bash', program('boot.sh'), instance, base.directory, request.hostname],
      ],
      { cwd: layout.state, detached: true, stdio: ['ignore', console, console, 'pipe'] },
    );
  } finally {
    closeSync(console);
  }
}

/** Resolves when the agent has said that it listens. Rejects when the instance ended before. */
export function agentReady(child: ChildProcess): Promise<void> {
  return new Promise((ready, reject) => {
    const pipe = child.stdio[3] as Readable;
    pipe.once('data', () => {
      ready();
      pipe.destroy();
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`its first process ended (${signal ?? code})`)));
  });
}

/** Files copied into the instance's /run. User data goes this way and never as an argument, which anybody could read. */
function writeSeed(seed: string, request: BootRequest): void {
  rmSync(seed, { recursive: true, force: true });
  const write = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(seed, path)), { recursive: true });
    writeFileSync(join(seed, path), text, { mode });
  };
  const { instanceId, hostname, address, publicKey, userData, firstBoot, environment } = request;
  const settings: BootSettings = {
    instanceId,
    hostname,
    address,
    publicKey,
    userData,
    firstBoot,
    environment,
  };
  write('bake/boot.json', JSON.stringify(settings), 0o600);
  const short = hostname.split('.')[0];
  write(
    'bake/hosts',
    `${readFileSync('/etc/hosts', 'utf8').trimEnd()}\n${request.address} ${hostname} ${short}\n`,
  );
  // pam_env(7) reads it: what `su` and `sudo` start sees the endpoints too.
  write(
    'bake/environment',
    Object.entries(environment)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
      .join(''),
  );
  for (const [path, { text, mode }] of Object.entries(CLOUDWATCH_AGENT)) write(path, text, mode);
  if (publicKey !== undefined) {
    write('systemd/system/cloud-config.service', CONFIG_SERVICE);
    write('systemd/system/sshd.service', SSH_SERVICE);
    mkdirSync(join(seed, 'systemd/system/multi-user.target.wants'));
    symlinkSync('../sshd.service', join(seed, 'systemd/system/multi-user.target.wants/sshd.service'));
    // Debian's name for it.
    symlinkSync('sshd.service', join(seed, 'systemd/system/ssh.service'));
  }
  const resolver = resolverInRun();
  if (resolver) write(resolver, readFileSync('/etc/resolv.conf', 'utf8'));
}

/** systemd-resolved keeps resolv.conf in /run, which instances have of their own: its path below /run, if so. */
function resolverInRun(): string | undefined {
  try {
    const target = resolve('/etc', readlinkSync('/etc/resolv.conf'));
    return target.startsWith('/run/') ? target.slice('/run/'.length) : undefined;
  } catch {
    return undefined; // Not a link: it lies in /etc, which instances see.
  }
}
