import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openCloud, openSurroundings } from '../clouds/open.ts';
import { hasImage } from '../config/images.ts';
import { loadProject } from '../config/load.ts';
import { mergedConfig } from '../config/merged.ts';
import type { Project } from '../config/schema.ts';
import { isInPlace } from '../rollout/in-place/site.ts';
import { BakeError, messageOf, usageError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import type { Run, Step } from '../run/run.ts';
import { adapt } from './adapt.ts';
import { aroundOf, makeAround } from './around.ts';
import { BakeProcess } from './bake-process.ts';
import { rehearsalEnvironment } from './environment.ts';
import type { LocalCloud } from './faults.ts';
import { FleetPipeline } from './fleet-pipeline.ts';
import { InPlacePipeline } from './in-place-pipeline.ts';
import type { Scenario } from './scenario-schema.ts';
import { makeServers } from './servers.ts';
import { showAll } from './show.ts';
import type { Stage } from './stage.ts';
import { need } from './tree-edit.ts';
import type { Tried } from './tried.ts';
import { Workspace } from './workspace.ts';

export interface RehearseOptions {
  /** bake itself: the program and its first arguments. */
  program: [string, ...string[]];
  variables: Record<string, string | undefined>;
  scenarios: Scenario[];
  /** How much shorter waits are. */
  speed: number;
  /** For the local cloud: the same ids and chances each time. */
  seed?: number;
  /** Whether the user's own hooks are run. */
  hooks: boolean;
  /** Whether directory and local cloud are left for the user to look at. */
  keep: boolean;
}

export interface Rehearsal {
  tried: Tried[];
  /** What is different from the real thing, a sentence each. */
  differences: string[];
  /** Where it is kept. */
  directory?: string;
}

/**
 * Plays a project's whole pipeline on a local cloud of its own, in a directory of its own: builds, makes the fleet, rolls out another
 * release, and then tries the scenarios. Nothing of the project's is touched, and no credentials are used; nothing is left.
 * Throws a usage error (exit code 2) for a project that cannot be rehearsed.
 */
export async function rehearse(run: Run, project: Project, options: RehearseOptions): Promise<Rehearsal> {
  if (!hasImage(project.config) && !isInPlace(project))
    throw usageError(`${project.file} has neither an image nor servers: there is nothing to rehearse`);
  const { config, differences } = adapt(mergedConfig(project), project, options);
  const workspace = new Workspace(config);
  const { environment } = project;
  const bake = new BakeProcess({
    directory: workspace.directory,
    program: options.program,
    environment: rehearsalEnvironment(options.variables, readFileSync(project.file, 'utf8')),
    flags: ['-C', workspace.directory, ...(environment === 'default' ? [] : ['-e', environment])],
    signal: run.signal,
  });
  try {
    const stage = await run.step('rehearse.stage', 'Make a cloud to rehearse on', (step) =>
      makeStage(step, { run, project, workspace, bake, config, options }),
    );
    for (const difference of differences) run.note(`in the rehearsal ${difference}`);
    try {
      const pipeline = isInPlace(project) ? inPlace(stage, project) : new FleetPipeline(stage);
      const tried = await showAll(run, stage.project, pipeline, options.scenarios);
      return { tried, differences, directory: options.keep ? workspace.directory : undefined };
    } finally {
      stage.cloud.close();
      stage.surroundings.close();
    }
  } finally {
    if (!options.keep) await removeStage(run, bake, workspace);
  }
}

/** The copy of `inPlace.source`, within the rehearsal's directory. */
const SOURCE = 'source';

const inPlace = (stage: Stage, { config, directory }: Project): InPlacePipeline =>
  new InPlacePipeline(stage, {
    from: resolve(directory, config.inPlace?.source ?? '.'),
    copy: join(stage.workspace.directory, SOURCE),
  });

async function makeStage(
  step: Step,
  given: {
    run: Run;
    project: Project;
    workspace: Workspace;
    bake: BakeProcess;
    config: Record<string, unknown>;
    options: RehearseOptions;
  },
): Promise<Stage> {
  const { run, project, workspace, bake, config, options } = given;
  workspace.writePlain();
  const seed = options.seed === undefined ? [] : ['--seed', String(options.seed)];
  const started = await bake.call(['local', 'start', '--speed', String(options.speed), ...seed]);
  const local = localCloudIn(started.rest);
  const { endpoint, region, accessKeyId, secretAccessKey } = local;
  const access = { endpoint, region, credentials: { accessKeyId, secretAccessKey }, local: true } as const;
  const { cloud: kind } = project.config;
  const cloud = await openCloud({ kind, ...access });
  const surroundings = await openSurroundings({ kind, ...access });
  step.progress('what the configuration refers to');
  const made = await makeAround(aroundOf(project), cloud, surroundings, config, project);
  if (isInPlace(project)) {
    step.progress('servers');
    const keyFile = (privateKey: string) => workspace.file('key', privateKey);
    made.push(count(await makeServers(run, cloud, project, config, keyFile), 'server'));
    need(config, 'inPlace').source = SOURCE;
  }
  workspace.writePlain();
  step.summary = ['a local cloud', ...made].join(', ');
  const rehearsed = loadProject({
    directory: workspace.directory,
    environment: project.environment === 'default' ? undefined : project.environment,
    variables: options.variables,
  });
  return { run, project: rehearsed, workspace, bake, local, cloud, surroundings };
}

/** What `bake local start --json` says; its error as ours. */
function localCloudIn(lines: string[]): LocalCloud {
  const said = lines.findLast((line) => line.startsWith('{')) ?? '{}';
  const answer = JSON.parse(said) as Partial<LocalCloud> & { error?: { message: string; hint?: string } };
  if (answer.endpoint !== undefined) return answer as LocalCloud;
  throw new BakeError(`the local cloud does not start: ${answer.error?.message ?? lines.join(' ')}`, {
    hint: answer.error?.hint,
  });
}

async function removeStage(run: Run, bake: BakeProcess, workspace: Workspace): Promise<void> {
  try {
    const { code, rest } = await bake.call(['local', 'reset'], { always: true });
    if (code !== 0)
      run.warn(`the local cloud in ${workspace.directory} could not be removed: ${rest.join(' ')}`);
    else workspace.remove();
  } catch (error) {
    run.warn(`${workspace.directory} could not be removed: ${messageOf(error)}`);
  }
}
