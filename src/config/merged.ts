import { readFileSync } from 'node:fs';
import { parseYaml } from './document.ts';
import { chooseEnvironment } from './environments.ts';
import { Problems } from './problems.ts';
import type { Project } from './schema.ts';
import { plainValue } from './tree.ts';

/**
 * What bake.yaml says for the project's environment, as it is written: `${env.NAME}` stands as it is, so that no secret is in it.
 * For who writes a configuration made of it. The project was loaded from the same file: nothing is checked again.
 */
export function mergedConfig({ file, environment }: Project): Record<string, unknown> {
  const problems = new Problems(file);
  const tree = parseYaml(readFileSync(file, 'utf8'), problems, '');
  const named = environment === 'default' ? undefined : environment;
  return plainValue(chooseEnvironment(tree, named, problems)) as Record<string, unknown>;
}
