import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { agentDirectory, program } from './assets.ts';
import { createLayout, sharedTops } from './layout.ts';

const run = promisify(execFile);

export type SandboxSupport = { ok: true; description: string } | { ok: false; sentence: string };

const INSTEAD = 'start the local cloud with --runtime none (state machines only)';

/**
 * Whether instances can run in namespaces here, tried for real with the state directory: one sentence that says why not and
 * what to do. Changes nothing on the machine but the directory.
 */
export async function sandboxSupport(directory: string): Promise<SandboxSupport> {
  const no = (sentence: string): SandboxSupport => ({ ok: false, sentence });
  if (process.platform !== 'linux')
    return no(`instances as processes need Linux (this is ${process.platform}): ${INSTEAD}`);
  if (process.getuid?.() !== 0)
    return no(
      `instances as processes need root (mounts; an unprivileged mode does not exist yet): use sudo, or ${INSTEAD}`,
    );
  if (!existsSync(join(agentDirectory(), 'main.js')))
    return no("the sandbox's agent is not compiled: run npm run build");
  const missing = missingTools();
  if (missing.length > 0)
    return no(
      `instances as processes need ${missing.join(', ')} (packages util-linux, mount): install, or ${INSTEAD}`,
    );
  const { state } = createLayout(directory);
  const shadowed = ['usr', 'etc', 'bin', 'sbin', 'lib'].find((top) => state.startsWith(`/${top}/`));
  const scratch = mkdtempSync(join(state, 'probe-'));
  try {
    const names = sharedTops(state).map((top) => top.path);
    await run('unshare', [
      ...['--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--propagation', 'private'],
      ...['bash', program('probe.sh'), scratch, ...names],
    ]);
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? error)
      .trim()
      .split('\n')[0];
    return no(
      shadowed
        ? `instances as processes share this machine's /${shadowed}, and the state directory lies in it (${state}): move the project elsewhere, or ${INSTEAD}`
        : `namespaces or overlay mounts are refused here (${said}): run outside of the container or with more privileges, or ${INSTEAD}`,
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const moved =
    state === resolve(directory) ? '' : `; disks in memory, ${state}, as the directory lies on an overlay`;
  return {
    ok: true,
    description: `sandboxed processes on this machine's own files (overlay, as root${moved})`,
  };
}

function missingTools(): string[] {
  const names = ['bash', 'unshare', 'mount', 'umount', 'pivot_root', 'setpriv', 'hostname'];
  const places = (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin', '/usr/bin', '/bin');
  return names.filter((name) => !places.some((place) => existsSync(join(place, name))));
}
