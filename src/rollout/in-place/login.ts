import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type KnownKeys, knownKeysOf, strictly, UnknownHostKey } from '../../communicators/known-hosts.ts';
import { SshConnection, type SshTarget } from '../../communicators/ssh-connection.ts';
import type { Project } from '../../config/schema.ts';
import type { InPlaceConfig } from '../../config/schema-in-place.ts';
import { BakeError, messageOf, usageError } from '../../run/errors.ts';
import type { HostAddress } from './find-hosts.ts';

/** How all servers are logged in to. */
export interface Login {
  /** What is shown to the servers, in words. */
  key: string;
  identity: Pick<SshTarget, 'privateKey' | 'agent'>;
  /** The known_hosts file as it is named in messages, and its text. */
  knownHosts: { file: string; text: string };
  bastion?: HostAddress;
}

/** Reads key and known hosts. Usage errors where there is no key that can be used. */
export function loginOf(
  project: Project,
  config: InPlaceConfig,
  environment: Record<string, string | undefined> = process.env,
): Login {
  const file = config.knownHosts;
  const path = resolve(project.directory, atHome(file));
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const { bastion } = config;
  return {
    ...identityOf(project, config, environment),
    knownHosts: { file: file.startsWith('~') ? file : path, text },
    bastion: bastion && { name: 'the bastion', user: config.user, ...withoutUndefined(bastion) },
  };
}

const withoutUndefined = <T extends object>(given: T): T =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;

const atHome = (file: string) => (file.startsWith('~/') ? join(homedir(), file.slice(2)) : file);

function identityOf(
  project: Project,
  { privateKey }: InPlaceConfig,
  { SSH_AUTH_SOCK: agent }: Record<string, string | undefined>,
): Pick<Login, 'key' | 'identity'> {
  if (privateKey === undefined && agent) return { key: 'the keys of the agent', identity: { agent } };
  const file = privateKey ?? '~/.ssh/id_ed25519';
  try {
    return {
      key: file,
      identity: { privateKey: readFileSync(resolve(project.directory, atHome(file)), 'utf8') },
    };
  } catch (error) {
    throw usageError(
      `no key to log in with: ${messageOf(error)}`,
      'Name a file in inPlace.privateKey, or start an agent (SSH_AUTH_SOCK).',
    );
  }
}

/** Connects to a server. Whatever is wrong is said with what to do about it. */
export async function logIn(login: Login, host: HostAddress): Promise<SshConnection> {
  const bastion = login.bastion && targetOf(login, login.bastion);
  try {
    return await SshConnection.open(targetOf(login, host), bastion);
  } catch (error) {
    throw inWords(error, login, host);
  }
}

function targetOf({ identity, knownHosts }: Login, host: HostAddress): SshTarget {
  const { address, port, user, hostKey } = host;
  const known = hostKey === undefined ? knownKeysOf(knownHosts.text, address, port) : only(hostKey);
  return { host: address, port, user, ...identity, hostKey: strictly(known, address, port) };
}

const only = (hostKey: string): KnownKeys => ({
  accepted: [hostKey.split(' ')[1]!],
  ...{ revoked: [], otherTypes: [] },
});

function inWords(error: unknown, login: Login, host: HostAddress): BakeError {
  const { name, address, user } = host;
  const called = name === address ? name : `${name} (${address})`;
  if (error instanceof UnknownHostKey) return keyInWords(error, login, { called, address });
  const message = messageOf(error);
  if (/authentication methods failed/.test(message))
    return new BakeError(`${called} does not let ${user} in with ${login.key}`, {
      hint: `Is the public key in ~${user}/.ssh/authorized_keys there? \`ssh ${user}@${address}\` shows more.`,
    });
  if (/encrypted/i.test(message) && /passphrase/.test(message))
    return usageError(
      `${login.key} has a passphrase`,
      'Add it to an agent (`ssh-add`) and leave inPlace.privateKey out.',
    );
  if (/no matching host key/i.test(message))
    return new BakeError(`${called} has no ed25519 host key`, {
      hint: 'Make one there: `ssh-keygen -A`, then restart sshd.',
    });
  return new BakeError(`${called} cannot be reached by SSH: ${message}`);
}

function keyInWords(
  error: UnknownHostKey,
  { knownHosts, bastion }: Login,
  { called, address }: { called: string; address: string },
): BakeError {
  const { kind, fingerprint, line, knownAs, host } = error;
  const who = host !== address && host === bastion?.address ? `the bastion (${host})` : called;
  const compare = `Compare with \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` on the machine itself (its console), which must show ${fingerprint}`;
  if (kind === 'revoked')
    return new BakeError(`${who} shows a host key that is revoked in ${knownHosts.file}`, {
      hint: 'Somebody else may be answering in its place: do not go on.',
    });
  if (kind === 'changed')
    return new BakeError(`${who} shows another host key than is known: ${fingerprint}`, {
      hint: `Somebody else may be answering in its place. If the server was made anew: ${compare}; then type: ssh-keygen -R ${quoted(knownAs)} -f ${knownHosts.file} && echo '${line}' >> ${knownHosts.file}`,
    });
  return new BakeError(`the host key of ${who} is unknown: ${fingerprint} is not in ${knownHosts.file}`, {
    hint: `${compare}; if it does, type: echo '${line}' >> ${knownHosts.file}`,
  });
}

const quoted = (name: string) => (name.startsWith('[') ? `'${name}'` : name);
