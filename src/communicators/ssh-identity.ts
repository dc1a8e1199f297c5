import { quote } from './job.ts';

/** The two keys of one machine: the one we log in with, and the one it must prove to be. OpenSSH formats. */
export interface SshIdentity {
  client: { privateKey: string; publicKey: string };
  host: { privateKey: string; publicKey: string };
}

/** Fresh ed25519 keys, for one machine and one run. The private halves live in memory, and the host's in the machine's user data. */
export async function newSshIdentity(comment: string): Promise<SshIdentity> {
  const { utils } = (await import('ssh2')).default;
  const pair = (): SshIdentity['host'] => {
    const { private: privateKey, public: publicKey } = utils.generateKeyPairSync('ed25519', { comment });
    // One key in 256 begins with a zero byte, which the library drops (mscdex/ssh2): that one is no key.
    return utils.parseKey(publicKey) instanceof Error ? pair() : { privateKey, publicKey };
  };
  return { client: pair(), host: pair() };
}

/**
 * Shell lines for user data: the machine takes the host key that we gave it and no other, so that whoever answers in its place is
 * found out. cloud-init has made keys of its own before user data runs; they are removed.
 */
export const installHostKey = ({ host }: SshIdentity): string => `#!/bin/sh
umask 077
mkdir -p /etc/ssh
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
printf %s ${quote(host.privateKey)} >/etc/ssh/ssh_host_ed25519_key
printf '%s\\n' ${quote(host.publicKey)} >/etc/ssh/ssh_host_ed25519_key.pub
chmod 644 /etc/ssh/ssh_host_ed25519_key.pub
systemctl restart sshd 2>/dev/null || systemctl restart ssh
`;
