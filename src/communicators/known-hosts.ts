import { createHash, createHmac } from 'node:crypto';
import { type HostKeyCheck, WrongHostKey } from './ssh-connection.ts';

/** The one kind of host key that is accepted. */
const TYPE = 'ssh-ed25519';

/** A server as known_hosts names it: the port stands there only where it is not 22 (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
const nameOf = (host: string, port: number): string =>
  port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;

/** What a known_hosts file says of one server: its keys, and those that must never be accepted. Base64. */
export interface KnownKeys {
  accepted: string[];
  revoked: string[];
  /** Kinds of its keys that are not used: only ed25519 is. */
  otherTypes: string[];
}

/** Reads known_hosts; names may be hashed, patterns, or lists of them. Certificate authorities are not used. Pure. */
export function knownKeysOf(text: string, host: string, port: number): KnownKeys {
  const name = nameOf(host, port);
  const found: KnownKeys = { accepted: [], revoked: [], otherTypes: [] };
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    if (words[0] === '' || words[0]!.startsWith('#')) continue;
    const marker = words[0]!.startsWith('@') ? words.shift() : undefined;
    const [hosts = '', type = '', key = ''] = words;
    if (marker === '@cert-authority' || !isNamed(hosts, name)) continue;
    if (type !== TYPE) found.otherTypes.push(type);
    else if (marker === '@revoked') found.revoked.push(key);
    else found.accepted.push(key);
  }
  return found;
}

function isNamed(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) {
    const [, , salt = '', hash] = hosts.split('|');
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  const patterns = hosts.toLowerCase().split(',');
  const matches = (pattern: string) => asExpression(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern));
}

const asExpression = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[\\^$+.()|[\]{}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );

/** A server whose key is not known, or another than is known. `line` is what makes it known. */
export class UnknownHostKey extends WrongHostKey {
  readonly kind: 'unknown' | 'changed' | 'revoked';
  /** The server's name or address, and how known_hosts calls it. */
  readonly host: string;
  readonly knownAs: string;
  /** As in known_hosts. */
  readonly line: string;
  /** As `ssh-keygen -l` shows it. */
  readonly fingerprint: string;

  constructor(kind: UnknownHostKey['kind'], where: { host: string; port: number }, key: Buffer) {
    super(`${where.host}: ${kind} host key`);
    this.kind = kind;
    this.host = where.host;
    this.knownAs = nameOf(where.host, where.port);
    this.line = `${this.knownAs} ${TYPE} ${key.toString('base64')}`;
    this.fingerprint = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
  }
}

/** Accepts only what is known of the server. Refuses with `UnknownHostKey`. */
export const strictly = ({ accepted, revoked }: KnownKeys, host: string, port: number): HostKeyCheck => ({
  types: [TYPE],
  refuse(key) {
    const shown = key.toString('base64');
    if (revoked.includes(shown)) return new UnknownHostKey('revoked', { host, port }, key);
    if (accepted.includes(shown)) return undefined;
    return new UnknownHostKey(accepted.length > 0 ? 'changed' : 'unknown', { host, port }, key);
  },
});
