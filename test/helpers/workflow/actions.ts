import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../cli.ts';
import { Artifacts } from './artifacts.ts';
import { ConcurrencyGroups } from './concurrency.ts';
import { claimsOf, githubContext, githubVariables } from './contexts.ts';
import { asText, holds, interpolate, type Scope, texts } from './expressions.ts';
import type { Issuer } from './oidc.ts';
import { type JobState, runSteps, type StepResult } from './steps.ts';
import {
  combinations,
  type Event,
  inputsOf,
  type JobDefinition,
  type Permissions,
  readWorkflow,
  startsBy,
  type WorkflowDefinition,
} from './workflow-file.ts';

/** Variables and secrets: of the repository, or of one of its environments. */
export interface Settings {
  vars?: Record<string, string>;
  secrets?: Record<string, string>;
}

export interface ActionsOptions extends Settings {
  /** The repository as it is on GitHub: a git repository. Jobs work in clones of it. */
  directory: string;
  /** owner/name */
  repository: string;
  environments?: Record<string, Settings>;
  /** In the environment of every job, as of a runner of one's own. */
  machine?: Record<string, string>;
  issuer?: Issuer;
  /** Directories of actions with an action.yml, by owner/name. */
  actions?: Record<string, string>;
  /** Makes the token of a job that has these permissions; default: one that nobody knows. */
  token?: (permissions: Record<string, string>) => string;
  apiUrl?: string;
}

export interface JobResult {
  result: 'success' | 'failure' | 'skipped' | 'cancelled';
  outputs: Record<string, string>;
  steps: StepResult[];
  summary: string;
  annotations: string[];
  environment?: string;
  /** All that its steps wrote. */
  log: string;
}

export interface WorkflowRun {
  id: string;
  conclusion: 'success' | 'failure' | 'cancelled';
  /** By id; of a matrix `id (value, value)`, of a called workflow `caller / id`. */
  jobs: Record<string, JobResult>;
  /** Directories by name. */
  artifacts: Map<string, string>;
  /** Of all jobs. */
  log: string;
}

/** What the jobs of one run of one workflow file share. */
interface Running {
  id: string;
  event: Event;
  workflow: WorkflowDefinition;
  path: string;
  inputs: Record<string, unknown>;
  sha: string;
  artifacts: Artifacts;
  jobs: Record<string, JobResult>;
  /** What a called workflow's jobs are called after. */
  caller: string;
  /** At most: those of the caller. */
  permissions?: Permissions;
  secrets?: Record<string, string>;
}

/** GitHub Actions, for one repository: runs its workflow files as they are, jobs one after the other, steps in bash on this machine. */
export class GithubActions {
  readonly #options: ActionsOptions;
  readonly #groups = new ConcurrencyGroups();
  readonly #directory = temporaryDirectory('actions');
  #runs = 1_000;

  constructor(options: ActionsOptions) {
    this.#options = options;
  }

  /** Runs a workflow for an event; undefined when it is not one of its events. */
  async run(path: string, event: Event): Promise<WorkflowRun | undefined> {
    const { directory } = this.#options;
    const workflow = readWorkflow(directory, path);
    if (!startsBy(workflow, event)) return undefined;
    const dispatched = event.name === 'workflow_dispatch';
    const inputs = dispatched ? inputsOf(workflow, 'workflow_dispatch', event.inputs ?? {}) : {};
    const sha = execFileSync('git', ['rev-parse', event.branch], { cwd: directory, encoding: 'utf8' }).trim();
    const id = String(++this.#runs);
    const artifacts = new Artifacts(join(this.#directory, id, 'artifacts'));
    const running = { id, event, workflow, path, inputs, sha, artifacts, jobs: {}, caller: '' };
    const ends = await this.#runJobs(running);
    const results = Object.values(ends).map(({ result }) => result);
    return {
      id,
      conclusion: conclude(results),
      jobs: running.jobs,
      artifacts: artifacts.byName,
      log: Object.values<JobResult>(running.jobs)
        .map(({ log }) => log)
        .join(''),
    };
  }

  /** Removes what the runs have left: checkouts, artifacts. */
  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Each after those that it needs. Returns how they ended, by id. */
  async #runJobs(running: Running): Promise<Record<string, Ended>> {
    const ended: Record<string, Ended> = {};
    const waiting = Object.entries(running.workflow.jobs);
    while (waiting.length > 0) {
      const at = waiting.findIndex(([, { needs = [] }]) => [needs].flat().every((one) => ended[one]));
      if (at < 0) throw new Error(`jobs need each other: ${waiting.map(([id]) => id).join(', ')}`);
      const [[id, job]] = waiting.splice(at, 1) as [[string, JobDefinition]];
      ended[id] = await this.#runJob(id, job, running, ended);
    }
    return ended;
  }

  async #runJob(
    id: string,
    job: JobDefinition,
    running: Running,
    ended: Record<string, Ended>,
  ): Promise<Ended> {
    const before = [job.needs ?? []].flat();
    const needs = Object.fromEntries(before.map((one) => [one, ended[one]]));
    const { vars = {} } = this.#options;
    const contexts = {
      github: githubContext(running, id, this.#options),
      inputs: running.inputs,
      vars,
      needs,
    };
    const scope: Scope = { contexts, status: statusOf(Object.values(needs).map((one) => one!.result)) };
    const title = running.caller + id;
    if (!holds(job.if, scope)) {
      running.jobs[title] = { ...NOTHING, result: 'skipped' };
      return { result: 'skipped', outputs: {} };
    }
    if (job.uses !== undefined) return this.#callWorkflow(id, job, running, scope);
    const matrix = (interpolate(job.strategy?.matrix ?? {}, scope) ?? {}) as Record<string, unknown>;
    const results: JobResult[] = [];
    for (const values of combinations(matrix)) {
      const texts = Object.values(values).map(asText);
      const name = texts.length > 0 ? `${title} (${texts.join(', ')})` : title;
      const inside = { ...scope, contexts: { ...contexts, matrix: values } };
      running.jobs[name] = await this.#runInTurn(id, job, running, inside);
      results.push(running.jobs[name]);
    }
    const conclusion = conclude(results.map(({ result }) => result));
    return { result: conclusion, outputs: Object.assign({}, ...results.map(({ outputs }) => outputs)) };
  }

  async #runInTurn(id: string, job: JobDefinition, running: Running, scope: Scope): Promise<JobResult> {
    const concurrency = interpolate(job.concurrency, scope) as { group: string } | string | undefined;
    const group = typeof concurrency === 'object' ? concurrency.group : concurrency;
    if (group !== undefined && !(await this.#groups.enter(group))) return { ...NOTHING, result: 'cancelled' };
    try {
      return await this.#runOnMachine(id, job, running, scope);
    } finally {
      if (group !== undefined) this.#groups.leave(group);
    }
  }

  async #runOnMachine(id: string, job: JobDefinition, running: Running, scope: Scope): Promise<JobResult> {
    const { machine = {}, environments = {}, issuer, actions = {}, directory } = this.#options;
    const asked = interpolate(job.environment, scope) as { name: string } | string | undefined;
    const environment = typeof asked === 'object' ? asked.name : asked;
    const settings = environments[environment ?? ''] ?? {};
    const permissions = atMost(job.permissions ?? running.workflow.permissions, running.permissions);
    const token = this.#options.token?.(permissions) ?? 'ghs_of_nobody';
    const secrets = {
      ...(running.secrets ?? this.#options.secrets),
      ...settings.secrets,
      GITHUB_TOKEN: token,
    };
    const home = join(this.#directory, running.id, `${Object.keys(running.jobs).length}-${id}`);
    const workspace = join(home, 'work');
    const temporary = join(home, 'temporary');
    for (const place of [workspace, temporary]) mkdirSync(place, { recursive: true });
    const github = { ...(scope.contexts.github as object), token, workspace };
    const contexts: Record<string, unknown> = {
      ...scope.contexts,
      github,
      secrets,
      vars: { ...(scope.contexts.vars as object), ...settings.vars },
      runner: { os: 'Linux', arch: 'X64', temp: temporary, name: 'local' },
    };
    const inJob: Scope = { contexts, status: 'success' };
    const variables = githubVariables(github as Record<string, unknown>);
    const base = {
      PATH: process.env.PATH ?? '',
      HOME: home,
      LANG: 'C.UTF-8',
      CI: 'true',
      NO_COLOR: '1',
      ...variables,
      ...machine,
    };
    const own = texts(running.workflow.env, inJob);
    const ownOfJob = texts(job.env, { ...inJob, contexts: { ...contexts, env: own } });
    const prove =
      permissions['id-token'] === 'write' &&
      issuer?.environmentFor(claimsOf(running, this.#options.repository, environment));
    const state: JobState = {
      ...{ workspace, temporary, path: [], summary: '', annotations: [], results: [], status: 'success' },
      environment: { ...base, ...prove, ...own, ...ownOfJob },
      secrets: Object.values(secrets),
      call: {
        artifacts: running.artifacts,
        source: { directory, branch: running.event.branch, sha: running.sha },
      },
      actionDirectory: (name) => actions[name],
      defaults: texts(job.defaults?.run, inJob),
    };
    const after = await runSteps(job.steps ?? [], state, contexts);
    const { summary, annotations, results: steps } = state;
    const log = steps.map((step) => `▸ ${step.name} (${step.outcome})\n${step.log}\n`).join('');
    const outputs = texts(job.outputs, { status: state.status, contexts: after });
    return { result: state.status, outputs, steps, summary, annotations, environment, log };
  }

  /** A reusable workflow of the same repository. */
  async #callWorkflow(id: string, job: JobDefinition, running: Running, scope: Scope): Promise<Ended> {
    const path = String(job.uses).replace(/^\.\//, '');
    const workflow = readWorkflow(this.#options.directory, path);
    const { outputs = {} } = (workflow.on.workflow_call ?? {}) as {
      outputs?: Record<string, { value: string }>;
    };
    const all = running.secrets ?? this.#options.secrets ?? {};
    const given = { ...scope, contexts: { ...scope.contexts, secrets: all } };
    const inside: Running = {
      ...running,
      ...{ workflow, path, caller: `${running.caller}${id} / ` },
      inputs: inputsOf(
        workflow,
        'workflow_call',
        interpolate(job.with ?? {}, scope) as Record<string, unknown>,
      ),
      permissions: atMost(job.permissions ?? running.workflow.permissions, running.permissions),
      secrets: job.secrets === 'inherit' ? all : texts(job.secrets, given),
    };
    const ended = await this.#runJobs(inside);
    const jobs = { contexts: { ...scope.contexts, jobs: ended }, status: scope.status };
    const values = Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
    const result = conclude(Object.values(ended).map((one) => one.result));
    return { result, outputs: texts(values, jobs) };
  }
}

interface Ended {
  result: JobResult['result'];
  outputs: Record<string, string>;
}

const NOTHING = { outputs: {}, steps: [], summary: '', annotations: [], log: '' };

function conclude(results: string[]): 'success' | 'failure' | 'cancelled' {
  if (results.includes('failure')) return 'failure';
  return results.includes('cancelled') ? 'cancelled' : 'success';
}

/** A job whose needs were skipped is skipped, too, unless its condition says otherwise. */
const statusOf = (needed: string[]): Scope['status'] =>
  needed.every((result) => result === 'success')
    ? 'success'
    : needed.includes('failure')
      ? 'failure'
      : 'cancelled';

/** What is not named is not allowed once anything is; nothing named: everything but `id-token`. */
function atMost(wanted: Permissions | undefined, caller: Permissions | undefined): Record<string, string> {
  const written = (one: Permissions | undefined) => (typeof one === 'object' ? one : { contents: 'read' });
  const own = written(wanted ?? caller);
  if (caller === undefined) return own;
  const most = written(caller);
  return Object.fromEntries(Object.entries(own).filter(([name]) => name in most));
}
