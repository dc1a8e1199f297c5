import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { usageError } from '../run/errors.ts';
import { checkTree, parseYaml } from './document.ts';
import { didYouMean, type Known } from './known.ts';
import { Problems } from './problems.ts';
import type { FleetConfig, Project } from './schema.ts';
import {
  type PolicyConfig,
  type ScalingFile,
  type ScheduleConfig,
  scalingFileSchema,
} from './schema-scaling.ts';
import { shippedName, shippedScalingFile } from './shipped.ts';
import { at, mapScalars, plainValue, type Tree } from './tree.ts';

/** All scaling files of a fleet together, filled in for one scaling group; by the names that their things have in the cloud. */
export interface ScalingConfig {
  policies: Map<string, PolicyConfig>;
  schedules: Map<string, ScheduleConfig>;
}

type Use = FleetConfig['scaling'][number];

/** The scaling files' form before defaults, as a JSON schema. */
export const scalingKeys = (): Known => z.toJSONSchema(scalingFileSchema, { io: 'input' }) as Known;

/** Reads every scaling file of the configuration. Throws a usage error (exit code 2) that says what is wrong, and where. */
export function readScaling(project: Project, group: string): ScalingConfig {
  const config: ScalingConfig = { policies: new Map(), schedules: new Map() };
  const { fleet } = project.config;
  for (const [index, use] of (fleet?.scaling ?? []).entries()) {
    const key = `fleet.scaling[${index}]`;
    const file = readScalingFile(project, use, { key, group });
    const add = <T>(all: Map<string, T>, kind: string, found: Record<string, T>) => {
      for (const [given, value] of Object.entries(found)) {
        const name = use.name === undefined ? given : `${use.name}-${given}`;
        if (all.has(name))
          throw usageError(
            `${key}: there is another ${kind} "${name}"`,
            `Give this one a \`name:\` of its own.`,
          );
        all.set(name, value);
      }
    };
    add(config.policies, 'policy', file.policies);
    add(config.schedules, 'schedule', file.schedules);
  }
  return config;
}

/** The same for `bake.yaml` as a whole: what one file cannot know of the others. */
export function checkScaling(project: Project): void {
  const { fleet } = project.config;
  if (!fleet) return;
  const { policies, schedules } = readScaling(project, fleet.name);
  for (const [name, policy] of policies) {
    if (fleet.metrics || !metricsOf(policy).some(({ namespace }) => namespace === 'AWS/AutoScaling'))
      continue;
    throw usageError(
      `fleet.scaling: policy "${name}" watches metrics of the group, and fleet.metrics is false`,
      'Leave fleet.metrics away: it is true then.',
    );
  }
  for (const [name, { min = 0, max = fleet.size.max, desired = min }] of schedules) {
    if (min <= desired && desired <= max) continue;
    throw usageError(
      `fleet.scaling: schedule "${name}" wants ${min} <= ${desired} <= ${max} instances`,
      'Without a max of its own a schedule has that of fleet.size.',
    );
  }
}

function metricsOf(policy: PolicyConfig) {
  const { metric } = 'targetTracking' in policy ? policy.targetTracking : policy.stepScaling;
  return 'expression' in metric ? Object.values(metric.metrics) : [metric];
}

function readScalingFile(
  project: Project,
  use: Use,
  { key, group }: { key: string; group: string },
): ScalingFile {
  const shipped = shippedName(use.policy);
  const source =
    shipped === undefined
      ? readFileSync(resolve(project.directory, use.policy), 'utf8')
      : shippedScalingFile(shipped);
  const problems = new Problems(use.policy);
  const tree = parseYaml(source, problems, 'expected a map with policies or schedules');
  const values = { group, project: project.config.project, environment: project.environment };
  const filled = fillIn(tree, values, variablesOf(tree, use, key), problems);
  if (!problems.none) throw problems.error();
  const file = checkTree(filled, scalingFileSchema, scalingKeys, problems);
  if (!file || !problems.none) throw problems.error();
  return file;
}

/** What the file declares and the configuration gives. Throws for a variable that only one of them knows. */
function variablesOf(tree: Tree, { policy, variables }: Use, key: string): Record<string, string> {
  const declared = at(tree, ['variables'])?.value;
  const names = declared?.kind === 'map' ? [...declared.entries.keys()] : [];
  for (const name of Object.keys(variables)) {
    if (!names.includes(name))
      throw usageError(`${key}.variables: ${policy} has no variable "${name}"${didYouMean(name, names)}`);
  }
  const given = names.flatMap((name) => {
    const { description, default: fallback } = plainValue(at(tree, ['variables', name])?.value as Tree) as {
      description?: string;
      default?: string;
    };
    const value = variables[name] ?? fallback;
    if (value !== undefined) return [[name, String(value)] as const];
    const what = description === undefined ? '' : ` (${description.replace(/\.$/, '')})`;
    throw usageError(`${key}.variables: ${policy} needs "${name}"${what}`);
  });
  return Object.fromEntries(given);
}

/** bake's own placeholders; one more `$` in front escapes one. */
const PLACEHOLDER = /(\$?)\$\{(group|project|environment|vars\.([A-Za-z0-9_-]+))\}/g;

function fillIn(
  tree: Tree,
  values: Record<string, string>,
  variables: Record<string, string>,
  problems: Problems,
): Tree {
  return mapScalars(tree, (scalar, path) => {
    const { value, span } = scalar;
    if (typeof value !== 'string' || path[0] === 'variables') return scalar;
    const text = value.replace(PLACEHOLDER, (whole, escaped: string, name: string, variable?: string) => {
      if (escaped) return whole.slice(1);
      const found = variable === undefined ? values[name] : variables[variable];
      if (found === undefined)
        problems.add(
          span,
          path,
          `\${${name}} is not declared under variables${didYouMean(variable ?? '', Object.keys(variables))}`,
        );
      return found ?? whole;
    });
    return { ...scalar, value: text, substituted: text !== value };
  });
}
