import { join, relative, resolve } from 'node:path';
import {
  type Session as OperationSession,
  type Outcome,
  perform,
  type RunOptions,
  tellFailure,
} from '../api/perform.ts';
import { loadProject } from '../api/project.ts';
import type { Project } from '../config/schema.ts';
import { jobReporters } from '../report/github/job.ts';
import { htmlReporter } from '../report/html/reporter.ts';
import { openReporter } from '../report/open.ts';
import type { Reporter } from '../report/reporter.ts';
import { teamReporters } from '../report/team.ts';
import type { EventSink, RunEvent } from '../run/events.ts';
import { noJournal } from '../run/journal.ts';
import { newRunId, Run } from '../run/run.ts';
import { listenForInterrupts } from '../run/signals.ts';
import { TAG } from '../run/tags.ts';

export type { Outcome };

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

/** What the command line is to an operation: who hears it, who interrupts it, and who can be asked. */
export interface Host {
  project: Project;
  /** For the operation: everything that every one of them takes. */
  run: RunOptions;
  /** Resolves when the terminal is free for a question: everything said so far is on it. */
  quiet(): Promise<void>;
}

/** What a command works with that is no operation of the programmatic interface. */
export interface Session extends OperationSession {
  quiet(): Promise<void>;
}

/** What a run that is interrupted says, where it is not that it removes what it made. */
export interface InterruptWords {
  /** At the first Ctrl-C. */
  first: string;
  /** At the second one, after which the process is gone. */
  second: string;
}

export interface HostSettings {
  interrupted?: InterruptWords | ((project: Project) => InterruptWords);
  /** Whether the run leaves a page beside its journal (default: yes). */
  page?: boolean;
}

export interface CommandSettings extends Omit<HostSettings, 'page'> {
  /** Whether the run makes anything (default: yes). */
  journal?: boolean;
  /** Whether the project's cloud is asked anything (default: yes): servers that are listed need none, nor its credentials. */
  cloud?: (project: Project) => boolean;
  /** Everything is done on a local cloud that the command makes for itself. */
  rehearsal?: boolean;
}

/**
 * Hosts an operation on a project: loads the project, hears the operation's events, passes on Ctrl-C, and maps what comes out to an
 * exit code: 0, 1 (failed), 2 (usage or configuration), 130 (interrupted). Never throws. What makes something leaves a page that
 * tells the run.
 */
export async function hostOperation(
  command: string,
  options: GlobalOptions,
  work: (host: Host) => Promise<unknown>,
  settings: HostSettings = {},
): Promise<number> {
  const reporters: Reporter[] = [await openReporter(options)];
  const id = newRunId(Date.now());
  reporters.push(...jobReporters(command, id, options.directory, process.stderr));
  let interrupted = typeof settings.interrupted === 'object' ? settings.interrupted : removing(id);
  let page: string | undefined;
  let exitCode: number | undefined;
  const on: EventSink = (said) => {
    const event = inWordsOf(said, options, page);
    if (event.type === 'run.finished') exitCode = event.error?.exitCode ?? (event.ok ? 0 : 1);
    for (const reporter of reporters) reporter.emit(event);
  };
  const interrupts = listenForInterrupts({
    onFirst: () => voice.warn(`${interrupted.first} (once more to leave at once)`),
    onSecond: () => process.stderr.write(`\nleft at once: ${interrupted.second}\n`),
  });
  /** Speaks for the run where the operation does not: before it has begun, and when it is interrupted. */
  const voice = new Run({ id, journal: noJournal, sink: on, signal: interrupts.signal });
  const quiet = async () => {
    for (const reporter of reporters) await reporter.said?.();
  };
  try {
    const project = openProject(options);
    if (typeof settings.interrupted === 'function') interrupted = settings.interrupted(project);
    const run: RunOptions = {
      run: id,
      local: options.local,
      signal: interrupts.signal,
      on,
      async onBegin(begin) {
        page = pageOf(project, id, options, settings.page ?? true);
        if (page !== undefined) reporters.push(htmlReporter(page, id, process.stderr));
        reporters.push(...(await teamReporters(project, begin, id)));
      },
      // Machines read facts; the lines are for people.
      notes: !options.json,
      stacks: options.debug,
    };
    await work({ project, run, quiet });
  } catch (thrown) {
    // What the operation itself has told is told.
    if (exitCode === undefined || exitCode === 0) tellFailure(voice, command, thrown, options.debug);
  } finally {
    interrupts.stop();
  }
  for (const reporter of reporters) await reporter.close();
  return exitCode ?? 0;
}

/** Hosts a command that is no operation of the programmatic interface: as `hostOperation`, with `work` as the operation. */
export const runCommand = (
  command: string,
  options: GlobalOptions,
  work: (session: Session) => Promise<Outcome>,
  { journal, cloud, rehearsal, interrupted }: CommandSettings = {},
): Promise<number> =>
  hostOperation(
    command,
    options,
    ({ project, run, quiet }) =>
      perform(project, run, {
        command,
        journal,
        cloud: cloud?.(project),
        rehearsal,
        work: async (session) => ({
          result: undefined,
          ...(await work(Object.assign(session, { quiet }))),
        }),
      }),
    { page: journal, interrupted },
  );

const removing = (id: string): InterruptWords => ({
  first: 'interrupted: removing what this run made',
  second: `what this run made may still be there, with the tag ${TAG.run}=${id}; its journal is ${join('.bake', 'runs', `${id}.jsonl`)}`,
});

/** What the event says as it is to be typed here, and where the page is. */
function inWordsOf(event: RunEvent, options: GlobalOptions, page: string | undefined): RunEvent {
  if (event.type !== 'run.finished') return event;
  const { error, ...rest } = event;
  const next = event.next.map((line) => withFlags(line, options));
  const report = page === undefined ? undefined : relative(process.cwd(), page);
  if (!error) return { ...rest, next, report };
  const hint = error.hint?.replaceAll(/(?<=`)bake [^`]+/g, (line) => withFlags(line, options));
  return { ...rest, next, report, error: { ...error, hint } };
}

/** Loads the project that the options name. */
export const openProject = (options: GlobalOptions): Project =>
  loadProject({ directory: options.directory, file: options.file, environment: options.env });

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

function pageOf(project: Project, id: string, options: GlobalOptions, always: boolean): string | undefined {
  if (options.report !== undefined) return resolve(options.directory ?? '.', options.report);
  return always ? join(project.directory, '.bake', 'runs', `${id}.html`) : undefined;
}
