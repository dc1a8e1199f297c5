import { hostname } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { Cloud } from '../clouds/cloud.ts';
import { openCloud } from '../clouds/open.ts';
import { loadProject } from '../config/load.ts';
import type { Project } from '../config/schema.ts';
import { htmlReporter } from '../report/html/reporter.ts';
import { openReporter } from '../report/open.ts';
import type { Reporter } from '../report/reporter.ts';
import { teamReporters } from '../report/team.ts';
import { BakeError, Interrupted, usageError } from '../run/errors.ts';
import type { EventSink } from '../run/events.ts';
import { formatDuration } from '../run/format.ts';
import { type Journal, noJournal, openJournal } from '../run/journal.ts';
import { newRunId, Run } from '../run/run.ts';
import { type Interrupts, listenForInterrupts } from '../run/signals.ts';
import { TAG } from '../run/tags.ts';
import { failureOf } from './failure.ts';
import { makeStateDirectory } from './state-directory.ts';

/** The options that every command has. */
export interface GlobalOptions {
  /** -C: run in this directory. */
  directory?: string;
  /** -e: environment. */
  env?: string;
  file?: string;
  local?: boolean;
  json?: boolean;
  debug?: boolean;
  /** --report: where the page of the run goes. */
  report?: string;
}

/** What a command works with. */
export interface Session {
  run: Run;
  project: Project;
  /** A usage error where the command said that it needs none. */
  readonly cloud: Cloud;
  /** Resolves when the terminal is free for a question: everything said so far is on it. */
  quiet(): Promise<void>;
}

/** What a run that is interrupted says, where it is not that it removes what it made. */
export interface InterruptWords {
  /** At the first Ctrl-C. */
  first: string;
  /** At the second one, after which the process is gone. */
  second: string;
}

/** How a command ended: `ok: false` is exit code 1 without an error (a smoke test that failed). */
export interface Outcome {
  ok?: boolean;
  headline: string;
  /** What changed, a line each. */
  changed?: string[];
  /** What to type next, a line each. */
  next?: string[];
}

export interface CommandSettings {
  /** Whether the run makes anything (default: yes). */
  journal?: boolean;
  interrupted?: InterruptWords | ((project: Project) => InterruptWords);
  /** Whether the project's cloud is asked anything (default: yes): servers that are listed need none, nor its credentials. */
  cloud?: (project: Project) => boolean;
}

/**
 * Runs a command on a project: loads it, opens its cloud, makes the run, tells its story, and maps what comes out to an
 * exit code: 0, 1 (failed), 2 (usage or configuration), 130 (interrupted). Never throws.
 * `journal: false` is for commands that create nothing. The others leave a page that tells the run beside their journal.
 */
export async function runCommand(
  command: string,
  options: GlobalOptions,
  work: (session: Session) => Promise<Outcome>,
  settings: CommandSettings = {},
): Promise<number> {
  const reporters: Reporter[] = [await openReporter(options)];
  const id = newRunId(Date.now());
  let interrupted = typeof settings.interrupted === 'object' ? settings.interrupted : removing(id);
  const interrupts = listenForInterrupts({
    onFirst: () => run.warn(`${interrupted.first} (once more to leave at once)`),
    onSecond: () => process.stderr.write(`\nleft at once: ${interrupted.second}\n`),
  });
  const journal = lateJournal();
  const sink: EventSink = (event) => {
    for (const reporter of reporters) reporter.emit(event);
  };
  const run = new Run({ id, journal, sink, signal: interrupts.signal });
  const quiet = async () => {
    for (const reporter of reporters) await reporter.said?.();
  };
  let report: string | undefined;
  let cloud: Cloud | undefined;
  let exitCode: number;
  try {
    const project = openProject(options);
    if (typeof settings.interrupted === 'function') interrupted = settings.interrupted(project);
    if (options.local || (settings.cloud?.(project) ?? true))
      cloud = await openProjectCloud(project, options, run);
    throwIfInterrupted(interrupts);
    const begin = {
      command,
      project: project.config.project,
      environment: project.environment,
      cloud: cloud?.local ? 'local' : (cloud?.kind ?? 'none'),
      region: cloud?.region ?? '-',
    };
    if (settings.journal ?? true) {
      makeStateDirectory(project.directory);
      journal.open(join(project.directory, journalName(id)));
    }
    Object.assign(run.environment, environmentOf(begin));
    const page = pageOf(project, id, options, settings.journal ?? true);
    if (page !== undefined) {
      report = relative(process.cwd(), page);
      reporters.push(htmlReporter(page, id, process.stderr));
    }
    reporters.push(...(await teamReporters(project, begin, id)));
    journal.write({ entry: 'begin', ...begin, pid: process.pid, host: hostname() });
    run.emit({ type: 'run.started', ...begin });
    const {
      ok = true,
      headline,
      changed = [],
      ...outcome
    } = await work({
      ...{ run, project, quiet },
      get cloud() {
        if (cloud) return cloud;
        throw usageError('these servers are listed in bake.yaml: no cloud is asked for them');
      },
    });
    const next = (outcome.next ?? []).map((line) => withFlags(line, options));
    const durationMs = run.clock.now() - run.startedAt;
    run.emit({ type: 'run.finished', ok, durationMs, headline, changed, next, report });
    journal.write({ entry: 'end', ok });
    exitCode = ok ? 0 : 1;
  } catch (thrown) {
    exitCode = tellFailure(run, { command, report }, thrown, options);
    journal.write({ entry: 'end', ok: false });
  } finally {
    cloud?.close();
    journal.close();
    interrupts.stop();
  }
  for (const reporter of reporters) await reporter.close();
  return exitCode;
}

const removing = (id: string): InterruptWords => ({
  first: 'interrupted: removing what this run made',
  second: `what this run made may still be there, with the tag ${TAG.run}=${id}; its journal is ${journalName(id)}`,
});

/** Says how it failed; returns the exit code. Whatever comes out of an interrupted run comes of the interruption. */
function tellFailure(
  run: Run,
  { command, report }: { command: string; report: string | undefined },
  thrown: unknown,
  options: GlobalOptions,
): number {
  const interrupted = run.signal.aborted;
  const known = thrown instanceof BakeError || !interrupted;
  const failure = failureOf(known ? thrown : new Interrupted(), options.debug);
  const hint = failure.hint?.replaceAll(/(?<=`)bake [^`]+/g, (line) => withFlags(line, options));
  const error = { ...failure, hint, exitCode: interrupted ? 130 : failure.exitCode };
  const durationMs = run.clock.now() - run.startedAt;
  const end =
    error.exitCode === 130 ? 'was interrupted' : error.exitCode === 2 ? 'could not go on' : 'failed';
  const headline = `bake ${command} ${end} after ${formatDuration(durationMs)}`;
  run.emit({ type: 'run.finished', ok: false, durationMs, headline, changed: [], next: [], report, error });
  return error.exitCode;
}

/** Loads the project that the options name. */
export const openProject = (options: GlobalOptions): Project =>
  loadProject({
    directory: options.directory ?? process.cwd(),
    file: options.file,
    environment: options.env,
    variables: process.env,
  });

async function openProjectCloud(project: Project, options: GlobalOptions, run: Run): Promise<Cloud> {
  const { cloud: kind, region } = project.config;
  if (!options.local) return openCloud({ kind, region, local: false });
  const { clientVariables, ensureLocalCloud } = await import('./local.ts');
  const info = await ensureLocalCloud(project.directory, (message) => run.note(message));
  // A hook that calls the cloud means the same one; a profile or a session's token would be preferred to these keys.
  Object.assign(run.environment, clientVariables(info), {
    AWS_PROFILE: undefined,
    AWS_SESSION_TOKEN: undefined,
    ALIBABA_CLOUD_PROFILE: undefined,
    ALIBABA_CLOUD_SECURITY_TOKEN: undefined,
  });
  const { accessKeyId, secretAccessKey } = info;
  const credentials = { accessKeyId, secretAccessKey };
  return openCloud({ kind, region: info.region, endpoint: info.endpoint, credentials, local: true });
}

/** What hooks are told of the run besides its facts. */
const environmentOf = ({ command, cloud, region }: { command: string; cloud: string; region: string }) => ({
  BAKE_COMMAND: command,
  BAKE_CLOUD: cloud,
  BAKE_REGION: region,
});

/** A command to type next means this project, this environment, this cloud. */
function withFlags(line: string, { directory, file, env, local }: GlobalOptions): string {
  const given = { '-C': directory, '--file': file, '-e': env };
  const flags = Object.entries(given).flatMap(([flag, value]) =>
    value === undefined ? [] : [`${flag} ${value}`],
  );
  if (local) flags.push('--local');
  const [command = '', comment] = line.split(/\s+#\s/);
  if (!command.startsWith('bake ')) return line;
  const missing = flags.filter((flag) => !`${command} `.includes(` ${flag} `));
  return [command, ...missing, ...(comment === undefined ? [] : [`  # ${comment}`])].join(' ');
}

const journalName = (id: string): string => join('.bake', 'runs', `${id}.jsonl`);

function pageOf(project: Project, id: string, options: GlobalOptions, always: boolean): string | undefined {
  if (options.report !== undefined) return resolve(options.directory ?? '.', options.report);
  return always ? join(project.directory, '.bake', 'runs', `${id}.html`) : undefined;
}

function throwIfInterrupted(interrupts: Interrupts): void {
  if (interrupts.signal.aborted) throw new Interrupted();
}

/** The run exists before its project is known to be valid; its journal is opened once it is. */
function lateJournal(): Journal & { open(file: string): void } {
  let journal = noJournal;
  return {
    open(file) {
      journal = openJournal(file);
    },
    write: (entry) => journal.write(entry),
    close: () => journal.close(),
  };
}
