import { createHash } from 'node:crypto';
import { appendFileSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Account, findUser } from '../services/accounts.ts';
import type { BootSettings } from '../settings.ts';
import { publicHostKeys, replaceHostKeys } from './host-keys.ts';

/** Who may log in with the key pair: root, and Amazon Linux's default user, which may become root where there is sudo. */
const USERS = ['root', 'ec2-user'];

/** What cloud-init's modules ssh and users-groups do, once per instance: host keys, the key pair's public half, sudo. */
export function firstBoot({ instanceId, hostname, publicKey }: BootSettings): void {
  const semaphore = join('/var/lib/cloud/instances', instanceId, 'sem', 'config_ssh');
  if (existsSync(semaphore)) return;
  mkdirSync('/etc/ssh', { recursive: true });
  replaceHostKeys(hostname);
  for (const name of USERS) {
    const user = findUser(name);
    if (user && publicKey) allow(user, publicKey);
  }
  if (existsSync('/etc/sudoers')) {
    mkdirSync('/etc/sudoers.d', { recursive: true, mode: 0o750 });
    writeFileSync('/etc/sudoers.d/90-cloud-init-users', 'ec2-user ALL=(ALL) NOPASSWD:ALL\n', { mode: 0o440 });
  }
  writeFileSync('/dev/console', announcement());
  mkdirSync(dirname(semaphore), { recursive: true });
  writeFileSync(semaphore, '');
}

/** Keys that the image already allows stay allowed, as on EC2. */
function allow(user: Account, publicKey: string): void {
  const directory = join(user.home, '.ssh');
  const file = join(directory, 'authorized_keys');
  const owner = [user.uid, user.gid] as const;
  if (!existsSync(user.home)) {
    mkdirSync(user.home, { recursive: true, mode: 0o700 });
    chownSync(user.home, ...owner);
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chownSync(directory, ...owner);
  const present = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (!present.includes(publicKey)) {
    const gap = present === '' || present.endsWith('\n') ? '' : '\n';
    appendFileSync(file, `${gap}${publicKey}\n`, { mode: 0o600 });
  }
  chownSync(file, ...owner);
}

/** As cloud-init writes it on the console, where clients look for the keys before they connect. */
function announcement(): string {
  const keys = publicHostKeys();
  const fingerprints = keys.map(({ key, line }) => {
    const digest = createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '');
    const kind = key.type.includes('ed25519') ? 'ED25519' : 'ECDSA';
    return `256 SHA256:${digest} ${line.split(' ').slice(2).join(' ')} (${kind})`;
  });
  return [
    '-----BEGIN SSH HOST KEY FINGERPRINTS-----',
    ...fingerprints,
    '-----END SSH HOST KEY FINGERPRINTS-----',
    '-----BEGIN SSH HOST KEY KEYS-----',
    ...keys.map(({ line }) => line),
    '-----END SSH HOST KEY KEYS-----',
    '',
  ].join('\n');
}
