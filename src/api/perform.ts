import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { BakeError, Interrupted, usageError } from '../run/errors.ts';
import type { EventSink, RunEventBody } from '../run/events.ts';
import { failureOf } from '../run/failure.ts';
import { formatDuration } from '../run/format.ts';
import { type Journal, noJournal, openJournal } from '../run/journal.ts';
import { newRunId, Run } from '../run/run.ts';
import { ownTokens } from '../run/secret-names.ts';
import { type CloudConnection, openCloud, openLocal, reach } from './connection.ts';
import { makeStateDirectory } from './state-directory.ts';

/** What a run is, as it begins: what its event `run.started` says. */
export type RunBegin = Omit<Extract<RunEventBody, { type: 'run.started' }>, 'type'> & { run: string };

/** What every operation takes besides its own options. */
export interface RunOptions {
  /** A cloud that was opened before; it stays open. Default: one is opened for the operation, and closed at its end. */
  cloud?: CloudConnection;
  /** Opens the project's local cloud, where no `cloud` is given. */
  local?: boolean;
  /** Interrupts the operation, as Ctrl-C does: it cleans up, or goes back, and then throws an error with exit code 130. */
  signal?: AbortSignal;
  /** Hears every event of the run, in order. What it throws is thrown by the operation, but at its end: it never stops it half-way. */
  on?: EventSink;
  /** Awaited when the project and the cloud are known, before the first event of the run. What it throws ends the operation. */
  onBegin?: (begin: RunBegin) => void | Promise<void>;
  /** Says in `note` events, for people, what the result says to a program. */
  notes?: boolean;
  /** Puts stack traces among the details of the error in `run.finished`. */
  stacks?: boolean;
  /** Id of the run. Default: a new one. */
  run?: string;
}

/** What an operation works with. */
export interface Session {
  run: Run;
  project: Project;
  /** A usage error where the operation said that it needs none. */
  readonly cloud: Cloud;
  /** Whether people read the notes. */
  notes: boolean;
}

/** How a run ended, in words: what its event `run.finished` says. */
export interface Outcome {
  /** `false` is exit code 1 without an error: what was looked for is not so. */
  ok?: boolean;
  headline: string;
  /** What changed, a line each. */
  changed?: string[];
  /** What to type next, a line each. */
  next?: string[];
}

export interface Operation<T> {
  /** Its name in events and in the journal: "rollout", "plan build". */
  command: string;
  /** Whether it makes anything (default: yes). */
  journal?: boolean;
  /** Whether the project's cloud is asked anything (default: yes): servers that are listed need none, nor its credentials. */
  cloud?: boolean;
  /** Everything is done on a local cloud that the operation makes for itself: `cloud` is false. */
  rehearsal?: boolean;
  work(session: Session): Promise<Outcome & { result: T }>;
}

/**
 * Makes a run of an operation on a project: opens its cloud, keeps its journal, tells its story from `run.started` to `run.finished`.
 * Throws what the operation throws, which the last event has told by then: a `BakeError`, or a defect of bake.
 */
export async function perform<T>(project: Project, options: RunOptions, operation: Operation<T>): Promise<T> {
  const { signal = new AbortController().signal, notes = false } = options;
  const journal = lateJournal();
  const listener = holding(options.on);
  const run = new Run({
    id: options.run ?? newRunId(Date.now()),
    journal,
    sink: listener.emit,
    signal,
  });
  for (const token of ownTokens(process.env)) run.redactor.add(token);
  let opened: CloudConnection | undefined;
  try {
    const connection = options.cloud ?? (await open(project, options, operation, run));
    if (connection !== options.cloud) opened = connection;
    const cloud = connection && reach(connection, project);
    if (signal.aborted) throw new Interrupted();
    const begin = {
      command: operation.command,
      project: project.config.project,
      environment: project.environment,
      cloud: cloud?.cloud.local || operation.rehearsal ? 'local' : (cloud?.cloud.kind ?? 'none'),
      region: cloud?.cloud.region ?? '-',
    };
    if (operation.journal ?? true) {
      makeStateDirectory(project.directory);
      journal.open(join(project.directory, journalName(run.id)));
    }
    Object.assign(run.environment, environmentOf(begin), cloud?.environment);
    await options.onBegin?.({ ...begin, run: run.id });
    journal.write({ entry: 'begin', ...begin, pid: process.pid, host: hostname() });
    run.emit({ type: 'run.started', ...begin });
    const { result, ...outcome } = await operation.work({
      ...{ run, project, notes },
      get cloud() {
        if (cloud) return cloud.cloud;
        throw usageError('these servers are listed in bake.yaml: no cloud is asked for them');
      },
    });
    const { ok = true, headline, changed = [], next = [] } = outcome;
    const durationMs = run.clock.now() - run.startedAt;
    run.emit({ type: 'run.finished', ok, durationMs, headline, changed, next });
    journal.write({ entry: 'end', ok });
    listener.check();
    return result;
  } catch (thrown) {
    if (listener.ended()) throw thrown;
    const error = errorOf(thrown, signal.aborted);
    tellFailure(run, operation.command, error, options.stacks);
    journal.write({ entry: 'end', ok: false });
    throw error;
  } finally {
    opened?.close();
    journal.close();
  }
}

/** Where the journal of a run is, from the project's directory. */
export const journalName = (id: string): string => join('.bake', 'runs', `${id}.jsonl`);

/** Tells that it failed, and how: the last event of a run. */
export function tellFailure(run: Run, command: string, thrown: unknown, stacks = false): void {
  const error = failureOf(thrown, stacks);
  const durationMs = run.clock.now() - run.startedAt;
  const end =
    error.exitCode === 130 ? 'was interrupted' : error.exitCode === 2 ? 'could not go on' : 'failed';
  const headline = `bake ${command} ${end} after ${formatDuration(durationMs)}`;
  run.emit({ type: 'run.finished', ok: false, durationMs, headline, changed: [], next: [], error });
}

/** Whatever comes out of an interrupted run comes of the interruption. */
function errorOf(thrown: unknown, interrupted: boolean): unknown {
  if (!interrupted) return thrown;
  if (!(thrown instanceof BakeError)) return new Interrupted();
  if (thrown.exitCode === 130) return thrown;
  const { message, hint, details } = thrown;
  return new BakeError(message, { hint, details, exitCode: 130, cause: thrown });
}

async function open(
  project: Project,
  { local }: RunOptions,
  operation: Operation<unknown>,
  run: Run,
): Promise<CloudConnection | undefined> {
  if (local) return openLocal(project, (message) => run.note(message));
  return (operation.cloud ?? true) ? openCloud(project) : undefined;
}

/** What hooks are told of the run besides its facts. */
const environmentOf = ({ command, cloud, region }: { command: string; cloud: string; region: string }) => ({
  BAKE_COMMAND: command,
  BAKE_CLOUD: cloud,
  BAKE_REGION: region,
});

/** Keeps what a listener throws until the end; it hears no more then. */
function holding(on: EventSink = () => {}): { emit: EventSink; check(): void; ended(): boolean } {
  let broken: { error: unknown } | undefined;
  let ended = false;
  return {
    emit(event) {
      ended ||= event.type === 'run.finished';
      if (broken) return;
      try {
        on(event);
      } catch (error) {
        broken = { error };
      }
    },
    check() {
      if (broken) throw broken.error;
    },
    ended: () => ended,
  };
}

/** The run exists before it is known to be able to begin; its journal is opened once it is. */
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
