import { commentedYaml } from './commented.ts';
import { configurationOf } from './configuration.ts';
import { deployFiles, type SetupFile } from './files.ts';
import type { Plan } from './plan.ts';
import { shippedFiles } from './shipped-files.ts';

/** Every file of a project that is set up, bake.yaml first. Pure but for the package's own files, which are read. */
export function setupFiles(plan: Plan, options: { workflows: boolean }): SetupFile[] {
  const { project } = plan.answers;
  const head = `${project}: how its machine image is made and reaches its servers. Written by \`bake init\`; \`bake explain KEY\` says more.`;
  return [
    { path: 'bake.yaml', text: commentedYaml(configurationOf(plan), head), what: 'the configuration' },
    ...deployFiles(plan),
    ...shippedFiles(plan, options),
  ];
}
