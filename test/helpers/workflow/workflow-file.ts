import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface StepDefinition {
  id?: string;
  name?: string;
  if?: unknown;
  uses?: string;
  with?: Record<string, unknown>;
  run?: string;
  shell?: string;
  env?: Record<string, unknown>;
  'working-directory'?: string;
  'continue-on-error'?: unknown;
}

export interface JobDefinition {
  if?: unknown;
  needs?: string | string[];
  uses?: string;
  with?: Record<string, unknown>;
  secrets?: 'inherit' | Record<string, unknown>;
  env?: Record<string, unknown>;
  environment?: unknown;
  concurrency?: unknown;
  permissions?: Permissions;
  defaults?: { run?: Record<string, unknown> };
  strategy?: { matrix?: Record<string, unknown> };
  outputs?: Record<string, unknown>;
  steps?: StepDefinition[];
}

export type Permissions = string | Record<string, string>;

interface InputDefinition {
  type?: string;
  required?: boolean;
  default?: unknown;
  options?: string[];
}

export interface WorkflowDefinition {
  name?: string;
  on: Record<string, unknown>;
  env?: Record<string, unknown>;
  permissions?: Permissions;
  jobs: Record<string, JobDefinition>;
}

export function readWorkflow(directory: string, path: string): WorkflowDefinition {
  const { on, ...workflow } = parse(readFileSync(join(directory, path), 'utf8'));
  const events = typeof on === 'string' ? [on] : on;
  return { on: Array.isArray(events) ? Object.fromEntries(events.map((one) => [one, {}])) : on, ...workflow };
}

/** What makes a workflow run. */
export type Event =
  /** `created`: the branch is new. */
  | { name: 'push'; branch: string; changed: string[]; created?: boolean }
  | { name: 'workflow_dispatch'; branch: string; inputs?: Record<string, string | boolean> }
  | { name: 'schedule'; branch: string };

/** Whether the workflow wants to run for an event. */
export function startsBy({ on }: WorkflowDefinition, event: Event): boolean {
  if (!(event.name in on)) return false;
  if (event.name !== 'push') return true;
  const { branches, paths } = (on.push ?? {}) as { branches?: string[]; paths?: string[] };
  return (
    (!branches || chosen(event.branch, branches)) &&
    (!paths || event.changed.some((path) => chosen(path, paths)))
  );
}

/** Patterns count in their order, those with `!` take back. `*` stays within a part of a path, `**` does not. */
function chosen(name: string, patterns: string[]): boolean {
  let is = false;
  for (const pattern of patterns) {
    const not = pattern.startsWith('!');
    const source = pattern
      .slice(not ? 1 : 0)
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/\*\*|\*/g, (stars) => (stars === '**' ? '.*' : '[^/]*'));
    if (new RegExp(`^${source}$`).test(name)) is = !not;
  }
  return is;
}

/**
 * The inputs as the jobs see them: of their types, with defaults; of a dispatch, without a default, choices are their first and the others
 * empty. What is not defined or not allowed is refused.
 */
export function inputsOf(
  { on }: WorkflowDefinition,
  trigger: 'workflow_dispatch' | 'workflow_call',
  given: Record<string, unknown>,
): Record<string, unknown> {
  const { inputs = {} } = (on[trigger] ?? {}) as { inputs?: Record<string, InputDefinition> };
  for (const name of Object.keys(given))
    if (!inputs[name]) throw new Error(`Unexpected inputs provided: ["${name}"]`);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { type, required, default: otherwise, options }]) => {
      const value = given[name] ?? otherwise ?? options?.[0] ?? (type === 'boolean' ? false : '');
      if (required && value === '') throw new Error(`Required input '${name}' not provided`);
      if (options && !options.includes(String(value)))
        throw new Error(`Provided value '${value}' for input '${name}' not in the list of allowed values`);
      return [name, type === 'boolean' ? String(value) === 'true' : value];
    }),
  );
}

/** The combinations of a matrix; one empty one where there is none. */
export function combinations(matrix: Record<string, unknown>): Record<string, unknown>[] {
  let all: Record<string, unknown>[] = [{}];
  for (const [name, values] of Object.entries(matrix)) {
    if (name === 'include' || name === 'exclude' || !Array.isArray(values))
      throw new Error(`this runner knows no matrix.${name} of that kind`);
    all = all.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
  }
  return all;
}
