import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { program } from './assets.ts';
import { type Layout, mergedLinks, sharedTops, type Top } from './layout.ts';
import { lockedAccounts, privatePlaces } from './private-places.ts';
import { TOOLS, toolScript } from './tools.ts';
import { emptyVarDirectories, smallVarFiles } from './var.ts';

const run = promisify(execFile);

/** Change when what this file makes changes: instances that lie on an older base keep theirs. */
const FORMAT = 1;

/**
 * What lies under every image: `root` (the skeleton), `mask` (hides the host's private places and brings our tools), `dev`
 * and `run` (copied at boot). Named by its content, so that instances keep the one they were started on.
 */
export interface Base {
  /** Relative to the state directory. */
  directory: string;
  tops: Top[];
}

/** Finds or makes the base for the host as it is now. Throws what the mounts say when they are refused. */
export async function prepareBase(layout: Layout): Promise<Base> {
  const tops = sharedTops(layout.state);
  const names = tops.map((top) => top.name);
  const accounts = lockedAccounts();
  const replaced = {
    ...accounts,
    // Both are the instance's own: written at boot, bound over these.
    'etc/hosts': { text: '', mode: 0o644 },
    'etc/environment': { text: '', mode: 0o644 },
    'etc/fstab': { text: '', mode: 0o644 },
    ...Object.fromEntries(
      Object.entries(TOOLS).flatMap(([tool, directories]) =>
        [
          ...new Set(
            directories.filter(isDirectory).map((directory) => realpathSync(`/${directory}`).slice(1)),
          ),
        ].map((directory) => [join(directory, tool), { text: toolScript(tool), mode: 0o755 }]),
      ),
    ),
  };
  const places = privatePlaces(names, Object.keys(accounts));
  const plan = {
    FORMAT,
    tops,
    links: mergedLinks(),
    replaced,
    places,
    varDirectories: emptyVarDirectories(),
  };
  const hash = createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 12);
  const directory = join('base', hash);
  const target = join(layout.state, directory);
  if (existsSync(target)) return { directory, tops };

  const work = `${target}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  skeleton(join(work, 'root'), plan);
  const mask = join(work, 'mask');
  for (const { name, path } of tops) makeLike(mask, path, name);
  for (const [path, { text, mode }] of Object.entries(replaced)) writeReplacement(mask, path, text, mode);
  for (const path of [...places.absent, ...places.empty.map((each) => each.path)])
    makeLike(mask, dirname(path));
  writeFileSync(join(work, 'absent'), places.absent.map((path) => `${path}\0`).join(''));
  writeFileSync(
    join(work, 'empty'),
    places.empty.map(({ path, mode, uid, gid }) => `${mode.toString(8)} ${uid} ${gid} ${path}\0`).join(''),
  );
  seeds(work);
  const written = names.filter((name) => ['usr', 'etc', 'opt'].includes(name));
  await run('unshare', ['--mount', '--propagation', 'private', 'bash', program('base.sh'), work, ...written]);
  try {
    renameSync(work, target);
  } catch (error) {
    // Another process made the same one at the same time.
    rmSync(work, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return { directory, tops };
}

/** Removes bases that no instance lies on. */
export function removeOtherBases(layout: Layout, used: Set<string>): void {
  for (const name of readdirSync(join(layout.state, 'base'))) {
    if (/^[0-9a-f]{12}$/.test(name) && !used.has(join('base', name)))
      rmSync(join(layout.state, 'base', name), { recursive: true, force: true });
  }
}

function skeleton(root: string, plan: { tops: Top[]; links: string[] }): void {
  for (const name of ['proc', 'sys', 'dev', 'run', 'home', 'srv', 'mnt', 'media', 'boot', 'opt', 'var'])
    mkdirSync(join(root, name), { recursive: true });
  mkdirSync(join(root, 'root'), { mode: 0o700 });
  mkdirSync(join(root, 'tmp'));
  chmodSync(join(root, 'tmp'), 0o1777);
  for (const name of plan.links) symlinkSync(readlinkSync(`/${name}`), join(root, name));
  for (const { path, mode, uid, gid } of emptyVarDirectories()) {
    mkdirSync(join(root, path), { recursive: true });
    chownSync(join(root, path), uid, gid);
    chmodSync(join(root, path), mode);
  }
  symlinkSync('/run', join(root, 'var/run'));
  symlinkSync('/run/lock', join(root, 'var/lock'));
  smallVarFiles(root);
  for (const { path } of plan.tops) mkdirSync(join(root, path), { recursive: true });
}

/** Directories of the mask take over the host's mode and owner: the topmost layer's count. */
function makeLike(mask: string, path: string, name = path): void {
  if (path === '.' || existsSync(join(mask, name))) return;
  if (name === path) makeLike(mask, dirname(path));
  const { mode, uid, gid } = lstatSync(`/${path}`);
  const made = join(mask, name);
  mkdirSync(made, { recursive: true });
  chownSync(made, uid, gid);
  chmodSync(made, mode & 0o7777);
}

function writeReplacement(mask: string, path: string, text: string, mode: number): void {
  makeLike(mask, dirname(path));
  const file = join(mask, path);
  writeFileSync(file, text);
  const host = lstatSync(`/${path}`, { throwIfNoEntry: false });
  if (host) chownSync(file, host.uid, host.gid);
  chmodSync(file, mode);
}

/** What is copied into the instance's own /dev and /run at every boot. */
function seeds(work: string): void {
  for (const path of ['dev/pts', 'run/bake/bin', 'run/bake/agent', 'run/bake/commands', 'run/old'])
    mkdirSync(join(work, path), { recursive: true });
  for (const path of ['run/lock', 'dev/shm']) {
    mkdirSync(join(work, path));
    chmodSync(join(work, path), 0o1777);
  }
  // sd_booted(3): package scripts ask for this directory before they use systemctl.
  mkdirSync(join(work, 'run/systemd/system'), { recursive: true });
  chmodSync(join(work, 'run/bake/commands'), 0o700);
  // The agent's files are ECMAScript modules.
  writeFileSync(join(work, 'run/bake/package.json'), '{"type":"module"}\n');
  writeFileSync(join(work, 'run/bake/bin/node'), '');
  mkdirSync(join(work, 'run/bake/tools'));
  for (const tool of Object.keys(TOOLS))
    writeFileSync(join(work, 'run/bake/tools', tool), toolScript(tool), { mode: 0o755 });
  const links = {
    fd: '/proc/self/fd',
    stdin: '/proc/self/fd/0',
    stdout: '/proc/self/fd/1',
    stderr: '/proc/self/fd/2',
    ptmx: 'pts/ptmx',
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(work, 'dev', name));
}

const isDirectory = (path: string) => statSync(`/${path}`, { throwIfNoEntry: false })?.isDirectory() ?? false;
