import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SetupFile } from './files.ts';
import type { Plan } from './plan.ts';

const WORKFLOWS = {
  'bake.yml': 'workflow: build and rollout, on push and by hand',
  'cutover.yml': 'workflow: emergency cutover and rollback, by hand',
  'gc.yml': 'workflow: removes what nobody uses, every night',
};
const POLICIES = {
  'builder.json': 'what who builds may do',
  'deployer.json': 'what who rolls out may do',
};

/** Files of this package that are copied as they are: what works there works here. */
export function shippedFiles({ answers }: Plan, { workflows }: { workflows: boolean }): SetupFile[] {
  const folder = answers.cloud === 'aws' ? 'iam' : 'ram';
  return [
    ...Object.entries(POLICIES).flatMap(([name, what]) =>
      copy(`policies/${folder}/${name}`, `deploy/policies/${name}`, what),
    ),
    ...Object.entries(WORKFLOWS).flatMap(([name, what]) =>
      workflows ? copy(`.github/workflows/${name}`, `.github/workflows/${name}`, what) : [],
    ),
  ];
}

function copy(from: string, path: string, what: string): SetupFile[] {
  const file = fileURLToPath(new URL(`../../${from}`, import.meta.url));
  return existsSync(file) ? [{ path, text: readFileSync(file, 'utf8'), what }] : [];
}
