import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, statfsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the sandbox keeps its things. Paths inside are relative to `state`: mount options hold 4,096 bytes at most. */
export interface Layout {
  /** Absolute. */
  state: string;
  instance(id: string): string;
  layer(id: string): string;
  console(id: string): string;
}

/** linux/magic.h: OVERLAYFS_SUPER_MAGIC, TMPFS_MAGIC. */
const OVERLAYFS = 0x794c7630;
const TMPFS = 0x01021994;
/** A fall-back with less room than this is no help. */
const LEAST_FREE_BYTES = 256 * 2 ** 20;

/** Ids become path and mount option components. */
const SAFE_ID = /^[A-Za-z0-9][\w.-]*$/;

/**
 * The layout for a local cloud's directory. An overlay's upper directory cannot lie on an overlay (a container's own root):
 * then a tmpfs that is there already takes its place.
 */
export function createLayout(directory: string): Layout {
  mkdirSync(directory, { recursive: true });
  const absolute = resolve(directory);
  const state = statfsSync(absolute).type === OVERLAYFS ? (memoryDirectory(absolute) ?? absolute) : absolute;
  const child = (kind: string) => (id: string) => {
    if (!SAFE_ID.test(id)) throw new Error(`not an id: ${JSON.stringify(id)}`);
    return join(kind, id);
  };
  const layout: Layout = {
    state,
    instance: child('instances'),
    layer: child('layers'),
    console: (id) => `${child('console')(id)}.log`,
  };
  for (const kind of ['instances', 'layers', 'console', 'base']) {
    mkdirSync(join(state, kind), { recursive: true, mode: 0o700 });
  }
  return layout;
}

function memoryDirectory(absolute: string): string | undefined {
  const parent = ['/dev/shm', '/run', '/tmp'].find((candidate) => {
    if (!existsSync(candidate)) return false;
    const { type, bavail, bsize } = statfsSync(candidate);
    return type === TMPFS && bavail * bsize >= LEAST_FREE_BYTES;
  });
  if (parent === undefined) return undefined;
  const name = createHash('sha256').update(absolute).digest('hex').slice(0, 16);
  const directory = join(parent, `bake-local-${name}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** One overlay of an instance: where it is mounted, and what of the host lies at its bottom. */
export interface Top {
  /** Name in layers and upper directories: `usr`, `var-lib-dpkg`. */
  name: string;
  /** Path on the host and in the instance, without a leading slash. */
  path: string;
}

/**
 * The directories of the host that instances see, each an overlay of its own: a single one over `/` would contain the
 * upper directories it writes to, and the kernel refuses that (ELOOP). Of /var only the package databases are shared: an
 * allow list, as /var is where services keep their data.
 */
export function sharedTops(state: string): Top[] {
  const candidates = [
    ...['usr', 'etc', 'opt', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'],
    ...['var/lib/dpkg', 'var/lib/apt', 'var/lib/rpm', 'var/lib/dnf', 'var/lib/pacman'],
  ];
  return candidates
    .filter((path) => existsSync(`/${path}`) && lstatSync(`/${path}`).isDirectory())
    .filter((path) => path !== 'opt' || !state.startsWith('/opt/'))
    .map((path) => ({ name: path.replaceAll('/', '-'), path }));
}

/** Top-level symbolic links of a merged /usr, as on the host: `bin` -> `usr/bin`. */
export function mergedLinks(): string[] {
  return readdirSync('/', { withFileTypes: true })
    .filter((entry) => entry.isSymbolicLink() && /^(s?bin|lib(32|64|x32)?)$/.test(entry.name))
    .map((entry) => entry.name);
}
