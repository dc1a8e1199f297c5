import { quote } from '../../communicators/job.ts';
import type { SshConnection } from '../../communicators/ssh-connection.ts';
import { BakeError } from '../../run/errors.ts';

export interface HostLock {
  /** What messages call the server. */
  name: string;
  root: string;
  /** Who holds it: "ann@laptop, run 20261121-…". */
  owner: string;
  /** Whoever holds it loses it. */
  force: boolean;
}

/** Seconds to wait for somebody who only looks, or is just going. */
const PATIENCE = 2;
const HELD = 75;

/**
 * Takes the server's lock: flock(1) by a shell that reads the connection. It is let go when the connection ends, whatever ended it, so a
 * process that was killed leaves no lock behind. Throws when somebody else holds it.
 */
export async function holdLock(connection: SshConnection, lock: HostLock): Promise<void> {
  const { name, root, owner, force } = lock;
  const script = `cd ${quote(root)} 2>/dev/null || { mkdir -p ${quote(root)} && cd ${quote(root)}; } || exit 1
mkdir -p .bake releases || exit 1
exec 9>>.bake/lock
${force ? 'flock -n 9 || { read -r pid rest <.bake/owner && kill "$pid"; }' : ''}
flock -w ${PATIENCE} 9 || { cut -d" " -f2- .bake/owner; exit ${HELD}; }
printf "%s %s\\n" $$ ${quote(owner)} >.bake/owner
echo bake-locked
cat >/dev/null 9>&-
rm -f .bake/owner`;
  const held = await new Promise<{ locked: true } | { code: number; words: string }>((resolve, reject) => {
    let seen = '';
    const { outcome } = connection.attach(`sh -c ${quote(script)}`, (text) => {
      seen += text;
      if (seen.includes('bake-locked')) resolve({ locked: true });
    });
    outcome.then(({ exitCode, stdout, stderr }) => {
      resolve({ code: exitCode, words: (stdout.trim() || stderr.trim()).split('\n').at(-1) ?? '' });
    }, reject);
  });
  if ('locked' in held) return;
  if (held.code === HELD)
    throw new BakeError(`${name} is being worked on by ${held.words || 'somebody else'}`, {
      hint: 'Wait for its end, or take the lock with --force-unlock.',
    });
  throw new BakeError(`${name}: ${root} cannot be used: ${held.words}`, {
    hint: '`bake in-place setup --print` says how it is prepared.',
  });
}

/** Shell line that prints who holds the lock: `held OWNER`. Run in the root. */
export const printHolder = `[ ! -e .bake/lock ] || flock -s -n .bake/lock true || echo "held $(cut -d' ' -f2- .bake/owner 2>/dev/null)"`;
