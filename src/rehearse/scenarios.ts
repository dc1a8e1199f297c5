import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { checkTree, parseYaml } from '../config/document.ts';
import type { Known } from '../config/known.ts';
import { didYouMean } from '../config/known.ts';
import { Problems } from '../config/problems.ts';
import { messageOf, usageError } from '../run/errors.ts';
import { type Scenario, scenarioSchema } from './scenario-schema.ts';

const directory = fileURLToPath(new URL('../../scenarios/', import.meta.url));
/** The order in which they are tried: what is likely first, what is worst last. Others come after them by name. */
const ORDER = ['throttled-api', 'capacity-shortage', 'smoke-failure', 'unhealthy-release', 'alarm'];

/** The scenarios that come with bake. */
export function shippedScenarios(): Scenario[] {
  const names = readdirSync(directory).filter((file) => file.endsWith('.yaml'));
  const rank = ({ name }: Scenario) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return names
    .sort()
    .map((file) => readScenario(`${directory}${file}`))
    .sort((a, b) => rank(a) - rank(b));
}

/** Those of these names, in this order; all without any. Exit code 2 for a name that there is none of. */
export function chooseScenarios(all: Scenario[], names: string[]): Scenario[] {
  if (names.length === 0) return all;
  return names.map((name) => {
    const found = all.find((one) => one.name === name);
    if (found) return found;
    const known = all.map((one) => one.name);
    throw usageError(`no scenario "${name}"${didYouMean(name, known)}; there is ${known.join(', ')}`);
  });
}

/** Throws one usage error (exit code 2) that tells everything that is wrong with the file. */
export function readScenario(file: string): Scenario {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`cannot read ${file}: ${messageOf(error)}`);
  }
  const problems = new Problems(file);
  const tree = parseYaml(source, problems, 'expected a map with title, about, expect …');
  const known = () => z.toJSONSchema(scenarioSchema, { io: 'input' }) as Known;
  const scenario = checkTree(tree, scenarioSchema, known, problems);
  if (!scenario || !problems.none) throw problems.error();
  return { ...scenario, name: basename(file).replace(/\.ya?ml$/, '') };
}
