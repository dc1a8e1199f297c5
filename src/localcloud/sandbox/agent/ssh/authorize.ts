import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuthContext, type ParsedKey, type PublicKeyAuthContext, utils } from 'ssh2';
import { findUser } from '../services/accounts.ts';

/** Lets in who holds the private half of a key in the account's `authorized_keys`. */
export function authorize(context: AuthContext): void {
  if (context.method !== 'publickey' || !holdsKey(context)) context.reject(['publickey']);
  else {
    // RFC 8332: the answer names the algorithm as it was asked for; the library would say ssh-rsa, and Go's clients go away.
    if (context.hashAlgo) context.key.algo = `rsa-sha2-${context.hashAlgo === 'sha256' ? 256 : 512}`;
    context.accept();
  }
}

/** Without a signature the client only asks whether the key would do. */
function holdsKey({ username, key, signature, blob, hashAlgo }: PublicKeyAuthContext): boolean {
  const known = authorizedKeys(username).find(
    (candidate) => candidate.type === key.algo && candidate.getPublicSSH().equals(key.data),
  );
  return known !== undefined && (!signature || !blob || known.verify(blob, signature, hashAlgo) === true);
}

/** sshd(8), "AUTHORIZED_KEYS FILE FORMAT": keys with restrictions before them are left out, as they could not be kept. */
function authorizedKeys(username: string): ParsedKey[] {
  const user = findUser(username);
  if (!user?.listed) return [];
  let text: string;
  try {
    text = readFileSync(join(user.home, '.ssh/authorized_keys'), 'utf8');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .filter((line) => /^(ssh-|ecdsa-)/.test(line))
    .map((line) => utils.parseKey(line))
    .filter((key): key is ParsedKey => !(key instanceof Error));
}
