import { type Ended, execute } from './cli.ts';
import type { Workspace } from './quickstart.ts';
import { makeServerGroup } from './virtual-server-group.ts';

/** Debian's packages are seen by Debian's own Python only. */
export const PYTHON = '/usr/bin/python3';

/** What of these is not installed, in words; "" when all is. */
export async function missing(modules: string[], programs: string[] = []): Promise<string> {
  const found = await Promise.all([
    ...modules.map(async (name) =>
      (await execute(PYTHON, ['-c', `import ${name}`])).code ? `python3-${name}` : '',
    ),
    ...programs.map(async (name) => ((await execute('which', [name])).code ? name : '')),
  ]);
  const names = found.filter((name) => name !== '');
  return names.length === 0 ? '' : `not installed: ${names.join(', ')}`;
}

/** Runs an application's own tests. */
export const ownTests = (directory: string): Promise<Ended> =>
  execute(PYTHON, ['-m', 'unittest', 'discover', '-b', '-s', 'tests', '-t', '.'], {
    cwd: directory,
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  });

/** A CLB for a rehearsal, on the workspace's local cloud. */
export const makeBalancer = ({ cloud }: Workspace) => {
  const { endpoint, region, accessKeyId, secretAccessKey } = cloud;
  const credentials = { accessKeyId, secretAccessKey };
  return makeServerGroup({ endpoint, region, credentials } as Parameters<typeof makeServerGroup>[0]);
};
