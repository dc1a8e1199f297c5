import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { makeCommandFiles, readAssignments, readLines } from './command-files.ts';
import { type ActionCall, EMULATED } from './emulated.ts';
import { asText, holds, interpolate, type Scope, texts } from './expressions.ts';
import type { StepDefinition } from './workflow-file.ts';

export interface StepResult {
  name: string;
  /** As it ended, and as the job takes it (`continue-on-error`). */
  outcome: 'success' | 'failure' | 'skipped';
  conclusion: 'success' | 'failure' | 'skipped';
  outputs: Record<string, string>;
  log: string;
}

/** What the steps of one job share. */
export interface JobState {
  workspace: string;
  /** For scripts and command files. */
  temporary: string;
  /** Of the machine, the job, and the steps so far. */
  environment: Record<string, string>;
  path: string[];
  summary: string;
  /** `::error …::` and the like, as they were written. */
  annotations: string[];
  secrets: string[];
  status: Scope['status'];
  results: StepResult[];
  call: Pick<ActionCall, 'artifacts' | 'source'>;
  /** Where an action of this name is, that is not emulated: a directory with an action.yml. */
  actionDirectory(name: string): string | undefined;
  defaults: Record<string, string>;
}

/** Runs steps in order. `contexts` get `steps`, and `env` as it grows. Returns the contexts as they are in the end. */
export async function runSteps(
  steps: StepDefinition[],
  state: JobState,
  contexts: Record<string, unknown>,
  own: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const known: Record<string, unknown> = {};
  for (const step of steps) {
    const now = (more: Record<string, string> = {}): Scope => ({
      status: state.status,
      contexts: { ...contexts, steps: known, env: { ...state.environment, ...own, ...more } },
    });
    const environment = { ...own, ...texts(step.env, now()) };
    const scope = now(environment);
    const name = asText(interpolate(step.name ?? step.uses ?? step.run?.split('\n')[0], scope));
    const result: StepResult = { name, outcome: 'skipped', conclusion: 'skipped', outputs: {}, log: '' };
    // Of a composite action, the steps inside stand before the step that used it.
    if (holds(step.if, scope)) Object.assign(result, await runStep(step, state, scope, environment));
    if (result.outcome === 'failure') {
      const forgiven = interpolate(step['continue-on-error'] ?? false, scope) === true;
      result.conclusion = forgiven ? 'success' : 'failure';
      if (!forgiven) state.status = 'failure';
    }
    result.log = masked(result.log, state.secrets);
    state.results.push(result);
    const { outcome, conclusion, outputs } = result;
    if (step.id !== undefined) known[step.id] = { outcome, conclusion, outputs };
  }
  return { ...contexts, steps: known };
}

type Ran = Pick<StepResult, 'outcome' | 'conclusion' | 'outputs' | 'log'>;

const succeeded = (outputs: Record<string, string>, log: string): Ran => ({
  ...{ outcome: 'success', conclusion: 'success', outputs, log },
});
const failed = (log: string, outputs: Record<string, string> = {}): Ran => ({
  ...{ outcome: 'failure', conclusion: 'failure', outputs, log },
});

async function runStep(
  step: StepDefinition,
  state: JobState,
  scope: Scope,
  environment: Record<string, string>,
): Promise<Ran> {
  if (step.run !== undefined) return runScript(step, state, scope, environment);
  const name = String(step.uses).split('@')[0]!;
  const inputs = texts(step.with, scope);
  const emulation = EMULATED[name];
  try {
    if (!emulation) return await runComposite(name, inputs, state, scope, environment);
    const { workspace, call } = state;
    const all = { ...state.environment, ...environment };
    const result = await emulation({ inputs, workspace, environment: all, ...call });
    Object.assign(state.environment, result.environment);
    return succeeded(result.outputs ?? {}, result.log ?? '');
  } catch (error) {
    return failed(`Error: ${(error as Error).message}`);
  }
}

/** A composite action: its steps run in the job, with its inputs and with outputs of its own. */
async function runComposite(
  name: string,
  given: Record<string, string>,
  state: JobState,
  scope: Scope,
  environment: Record<string, string>,
): Promise<Ran> {
  const directory = name.startsWith('./') ? resolve(state.workspace, name) : state.actionDirectory(name);
  if (directory === undefined) throw new Error(`this runner has no action ${name}`);
  const { inputs = {}, outputs = {}, runs } = parse(readFileSync(join(directory, 'action.yml'), 'utf8'));
  for (const input of Object.keys(given)) if (!inputs[input]) throw new Error(`Unexpected input '${input}'`);
  const values: Record<string, string> = {};
  for (const [input, { default: otherwise, required }] of Object.entries<Record<string, unknown>>(inputs)) {
    values[input] = given[input] ?? asText(interpolate(otherwise, scope));
    if (required && values[input] === '') throw new Error(`Input required and not supplied: ${input}`);
  }
  const github = { ...(scope.contexts.github as object), action_path: directory };
  const inside = { ...scope.contexts, github, inputs: values };
  const before = state.status;
  const contexts = await runSteps(runs.steps, state, inside, environment);
  const end = { status: state.status, contexts };
  const entries = Object.entries<{ value: unknown }>(outputs);
  const told = Object.fromEntries(entries.map(([key, { value }]) => [key, asText(interpolate(value, end))]));
  const ok = state.status === before;
  // Whether the job has failed is for the step that used the action to say.
  state.status = before;
  return ok ? succeeded(told, '') : failed('', told);
}

async function runScript(
  step: StepDefinition,
  state: JobState,
  scope: Scope,
  environment: Record<string, string>,
): Promise<Ran> {
  const number = state.results.length;
  const files = makeCommandFiles(state.temporary, number);
  const script = join(state.temporary, `script_${number}.sh`);
  writeFileSync(script, asText(interpolate(step.run, scope)));
  const directory =
    asText(interpolate(step['working-directory'], scope)) || state.defaults['working-directory'];
  const shell = step.shell ?? state.defaults.shell;
  if (shell !== undefined && shell !== 'bash') throw new Error(`this runner has no shell ${shell}`);
  const flags = shell === 'bash' ? ['--noprofile', '--norc', '-eo', 'pipefail'] : ['-e'];
  const github = scope.contexts.github as Record<string, string>;
  const env = {
    ...state.environment,
    ...environment,
    ...files,
    ...(github.action_path && { GITHUB_ACTION_PATH: github.action_path }),
    PATH: [...state.path, state.environment.PATH].join(':'),
  };
  const cwd = resolve(state.workspace, directory ?? '.');
  const { code, output } = await run(['bash', ...flags, script], cwd, env);
  const outputs = readAssignments(files.GITHUB_OUTPUT);
  Object.assign(state.environment, readAssignments(files.GITHUB_ENV));
  state.path.unshift(...readLines(files.GITHUB_PATH).reverse());
  state.summary += readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8');
  for (const line of output.split('\n')) {
    if (/^::(error|warning|notice)[ :]/.test(line)) state.annotations.push(line);
    const mask = /^::add-mask::(.+)$/.exec(line)?.[1];
    if (mask !== undefined) state.secrets.push(mask);
  }
  return code === 0 ? succeeded(outputs, output) : failed(output, outputs);
}

/** Standard output and error in the order they come, as a job's log has them. */
function run(
  [program = '', ...args]: string[],
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number; output: string }> {
  return new Promise((settle) => {
    let output = '';
    const child = execFile(program, args, { cwd, env, maxBuffer: 64 << 20 }, (error) => {
      settle({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, output });
    });
    const take = (chunk: string) => {
      output += chunk;
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.stdin?.end();
  });
}

const masked = (log: string, secrets: string[]): string =>
  secrets.filter((secret) => secret.length > 3).reduce((text, secret) => text.replaceAll(secret, '***'), log);
