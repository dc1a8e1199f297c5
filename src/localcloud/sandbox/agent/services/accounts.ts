import { readFileSync } from 'node:fs';

export interface Account {
  name: string;
  uid: number;
  gid: number;
  home: string;
  shell: string;
  /** False for a bare number that /etc/passwd does not know. */
  listed: boolean;
}

const lines = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':'));

/** A user by name or number (passwd(5)). Undefined when there is none. */
export function findUser(user: string): Account | undefined {
  for (const [name = '', , uid, gid, , home = '/', shell = '/bin/sh'] of lines('/etc/passwd')) {
    if (name === user || uid === user)
      return { name, uid: Number(uid), gid: Number(gid), home, shell, listed: true };
  }
  if (!/^\d+$/.test(user)) return undefined;
  return { name: user, uid: Number(user), gid: Number(user), home: '/', shell: '/bin/sh', listed: false };
}

/** A group's number by name or number (group(5)). */
export function findGroup(group: string): number | undefined {
  const found = lines('/etc/group').find(([name, , gid]) => name === group || gid === group);
  if (found) return Number(found[2]);
  return /^\d+$/.test(group) ? Number(group) : undefined;
}
