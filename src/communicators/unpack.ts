import { quote, WORK_DIRECTORY } from './job.ts';
import { parseOwner } from './tar.ts';

/**
 * The script that unpacks an uploaded archive on the machine. `fetch` prints the archive there. Directories that exist keep
 * their owner and mode (an upload to /etc must not change /etc), and links to directories stay links.
 */
export function unpackScript(upload: { fetch: string; sha256: string; to: string; owner: string }): string {
  const { user, group } = parseOwner(upload.owner);
  const parent = upload.to.replace(/\/+$/, '').replace(/[^/]*$/, '') || '/';
  const known = (database: string, name: string) =>
    name === ''
      ? ''
      : `getent ${database} ${quote(name)} >/dev/null || { echo ${quote(`${name}: no such ${database === 'passwd' ? 'user' : 'group'} on the machine; make it in an earlier provisioner`)}; exit 1; }`;
  return `archive=$(mktemp ${WORK_DIRECTORY}/archive.XXXXXX)
trap 'rm -f "$archive"' EXIT
${upload.fetch} >"$archive"
echo "${upload.sha256}  $archive" | sha256sum -c --status || { echo "the upload arrived damaged"; exit 1; }
${known('passwd', user)}
${known('group', group)}
mkdir -p ${quote(parent)}
tar -xzpf "$archive" -C ${quote(parent)} --no-overwrite-dir --keep-directory-symlink
`;
}
