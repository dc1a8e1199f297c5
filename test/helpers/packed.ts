import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execute, repository, temporaryDirectory } from './cli.ts';

/**
 * A directory of somebody else's with the package in its node_modules as it would be published, and what it says that it depends on, but
 * nothing else: not what is here for development. Returns the directory.
 */
export async function installPacked(): Promise<string> {
  const directory = temporaryDirectory('packed');
  const packed = await execute(
    'npm',
    ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory],
    { cwd: repository },
  );
  if (packed.code !== 0) throw new Error(packed.stderr);
  const modules = join(directory, 'node_modules');
  const home = join(modules, 'bake-images');
  mkdirSync(home, { recursive: true });
  const archive = join(directory, packed.stdout.trim());
  const unpacked = await execute('tar', ['-xzf', archive, '-C', home, '--strip-components=1']);
  if (unpacked.code !== 0) throw new Error(unpacked.stderr);
  const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(repository, 'node_modules', name), join(modules, name));
  }
  return directory;
}
