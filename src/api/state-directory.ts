import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes `.bake`, where bake keeps journals and the local cloud, and keeps it out of version control. */
export function makeStateDirectory(projectDirectory: string): void {
  const directory = join(projectDirectory, '.bake');
  mkdirSync(directory, { recursive: true });
  const ignore = join(directory, '.gitignore');
  if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
}
