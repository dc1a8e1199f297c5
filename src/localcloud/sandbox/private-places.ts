import { existsSync, lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** A directory that instances see empty, with its mode and owner. */
export interface EmptyDirectory {
  path: string;
  mode: number;
  uid: number;
  gid: number;
}

/** What the mask hides of the host, paths without a leading slash. */
export interface PrivatePlaces {
  /** As if they were not there. */
  absent: string[];
  empty: EmptyDirectory[];
}

/**
 * Hidden whatever their mode: keys and identity of the machine, what it runs and when. policy-rc.d is how containers
 * forbid packages to start services; an instance is a machine, and starts them.
 */
const ABSENT = ['etc/machine-id', 'etc/hostid', 'etc/crypttab', 'etc/krb5.keytab', 'usr/sbin/policy-rc.d'];
const EMPTY = [
  'etc/cloud',
  'etc/cron.d',
  'etc/cron.daily',
  'etc/cron.hourly',
  'etc/cron.monthly',
  'etc/cron.weekly',
  'etc/docker',
  'etc/kubernetes',
  'etc/letsencrypt',
  'etc/NetworkManager/system-connections',
  'etc/openvpn',
  'etc/rancher',
  'etc/ssl/private',
  'etc/sudoers.d',
  'etc/systemd/system',
  'etc/systemd/user',
  'etc/wireguard',
];

/** How deep to look for files that their owner keeps to himself; /usr itself holds what packages installed. */
const SEARCHED: Record<string, number> = { etc: 12, opt: 2, 'usr/local': 2, 'usr/local/etc': 6 };

/**
 * What of the host's shared directories must not be seen inside. Beside the known places, everything that the host itself
 * keeps from its ordinary users (no read permission for others): whoever took that away called it private.
 * `accounts` are the files that the mask replaces instead of hiding.
 */
export function privatePlaces(tops: string[], accounts: string[]): PrivatePlaces {
  const places: PrivatePlaces = { absent: [], empty: [] };
  const hide = (path: string, stats: Stats) => {
    if (stats.isDirectory()) {
      places.empty.push({ path, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid });
    } else if (!accounts.includes(path)) places.absent.push(path);
  };
  const search = (directory: string, depth: number) => {
    for (const name of readdirSync(`/${directory}`)) {
      const path = join(directory, name);
      if (EMPTY.includes(path) || ABSENT.includes(path)) continue;
      const stats = lstatSync(`/${path}`, { throwIfNoEntry: false });
      if (!stats || stats.isSymbolicLink()) continue;
      const needed = stats.isDirectory() ? 0o005 : 0o004;
      if ((stats.mode & needed) !== needed || /^ssh_host_/.test(name)) hide(path, stats);
      else if (stats.isDirectory() && depth > 1) search(path, depth - 1);
    }
  };
  for (const path of [...EMPTY, ...ABSENT]) {
    const stats = lstatSync(`/${path}`, { throwIfNoEntry: false });
    if (stats) hide(path, stats);
  }
  for (const [directory, depth] of Object.entries(SEARCHED)) {
    if (tops.includes(directory.split('/')[0] as string) && existsSync(`/${directory}`))
      search(directory, depth);
  }
  return { absent: [...new Set(places.absent)].sort(), empty: uniqueByPath(places.empty) };
}

const uniqueByPath = (directories: EmptyDirectory[]) =>
  [...new Map(directories.map((directory) => [directory.path, directory])).values()].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );

/** Amazon Linux's default user, who logs in where an instance has a key pair. */
const DEFAULT_USER = 'ec2-user';

/** The host's accounts and the default user, with every password locked: path -> content and mode. Owners are the host's. */
export function lockedAccounts(): Record<string, { text: string; mode: number }> {
  const { passwd, group } = accountFiles();
  const names = (text: string) =>
    text
      .split('\n')
      .filter((line) => line.includes(':'))
      .map((line) => line.split(':'));
  // shadow(5): name, password, days of last change, minimum, maximum, warning; gshadow(5): name, password, admins, members.
  const shadow = names(passwd).map(([name]) => `${name}:*:19000:0:99999:7:::\n`);
  const gshadow = names(group).map(([name, , , members]) => `${name}:*::${members ?? ''}\n`);
  return {
    'etc/passwd': { text: passwd, mode: 0o644 },
    'etc/group': { text: group, mode: 0o644 },
    'etc/shadow': { text: shadow.join(''), mode: 0o640 },
    'etc/gshadow': { text: gshadow.join(''), mode: 0o640 },
    ...(existsSync('/etc/sudoers') && {
      'etc/sudoers': { text: 'root ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n', mode: 0o440 },
    }),
  };
}

/** passwd(5) and group(5) of the host, with the default user added under a number that nobody has. */
function accountFiles(): { passwd: string; group: string } {
  const [passwd = '', group = ''] = ['/etc/passwd', '/etc/group'].map((file) =>
    readFileSync(file, 'utf8').trimEnd(),
  );
  if (new RegExp(`^${DEFAULT_USER}:`, 'm').test(passwd))
    return { passwd: `${passwd}\n`, group: `${group}\n` };
  const taken = new Set(`${passwd}\n${group}`.split('\n').map((line) => Number(line.split(':')[2])));
  let id = 1_000;
  while (taken.has(id)) id++;
  return {
    passwd: `${passwd}\n${DEFAULT_USER}:x:${id}:${id}:EC2 Default User:/home/${DEFAULT_USER}:/bin/bash\n`,
    group: `${group}\n${DEFAULT_USER}:x:${id}:\n`,
  };
}
