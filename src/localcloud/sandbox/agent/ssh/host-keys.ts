import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ParsedKey, utils } from 'ssh2';

const DIRECTORY = '/etc/ssh';
const NAME = /^ssh_host_\w+_key$/;

/** New host keys, as cloud-init makes them at an instance's first boot (`ssh_deletekeys`): an image's are known to others. */
export function replaceHostKeys(hostname: string): void {
  for (const name of readdirSync(DIRECTORY)) {
    if (NAME.test(name.replace(/\.pub$/, ''))) rmSync(join(DIRECTORY, name));
  }
  const comment = `root@${hostname}`;
  const ed25519 = ed25519Pair(comment);
  const ecdsa = utils.generateKeyPairSync('ecdsa', { bits: 256, comment });
  for (const [type, pair] of Object.entries({ ecdsa, ed25519 })) {
    const file = join(DIRECTORY, `ssh_host_${type}_key`);
    writeFileSync(file, pair.private, { mode: 0o600 });
    writeFileSync(`${file}.pub`, `${pair.public}\n`);
  }
}

/** One in 256 begins with a zero byte, which the library drops: that one is no key. */
function ed25519Pair(comment: string): ReturnType<typeof utils.generateKeyPairSync> {
  const pair = utils.generateKeyPairSync('ed25519', { comment });
  return utils.parseKey(pair.public) instanceof Error ? ed25519Pair(comment) : pair;
}

/** Private keys of the host; user data may have put its own there (then `systemctl restart sshd`). Throws without any. */
export function readHostKeys(): Buffer[] {
  const keys = readdirSync(DIRECTORY)
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => readFileSync(join(DIRECTORY, name)));
  if (keys.length === 0) throw new Error(`no host keys in ${DIRECTORY}`);
  return keys;
}

/** The public halves, each parsed and as in its file. */
export function publicHostKeys(): { key: ParsedKey; line: string }[] {
  return readdirSync(DIRECTORY)
    .filter((name) => NAME.test(name.replace(/\.pub$/, '')) && name.endsWith('.pub'))
    .sort()
    .map((name) => {
      const line = readFileSync(join(DIRECTORY, name), 'utf8').trim();
      return { key: utils.parseKey(line) as ParsedKey, line };
    });
}
