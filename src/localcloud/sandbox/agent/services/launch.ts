import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Journal } from '../journal.ts';
import { MARK } from '../processes.ts';
import { PATH } from '../settings.ts';
import { parseEnvironment, parseEnvironmentFile } from '../units/environment.ts';
import { type ExecCommand, expandVariables } from '../units/exec-line.ts';
import type { ServiceSettings } from '../units/service-settings.ts';
import { type Account, findGroup, findUser } from './accounts.ts';

/** A process that could not even be made; the status is the one systemd gives (systemd.exec(5), "Process exit codes"). */
export class LaunchError extends Error {
  readonly status: number;

  constructor(status: number, step: string, message: string) {
    super(`Failed at step ${step}: ${message}`);
    this.status = status;
  }
}

export interface LaunchContext {
  unit: string;
  settings: ServiceSettings;
  invocation: string;
  /** Of the instance: endpoints, region. systemd would have them as DefaultEnvironment=. */
  instanceEnvironment: Record<string, string>;
  journal: Journal;
}

/** Makes the directories a service asks for; returns the variables that name them. */
export function makeDirectories({ settings }: LaunchContext): Record<string, string> {
  const owner = settings.user === undefined ? undefined : findUser(settings.user);
  const variables: Record<string, string> = {};
  for (const { variable, paths, mode } of settings.directories) {
    for (const path of paths) {
      mkdirSync(path, { recursive: true });
      chmodSync(path, mode);
      // Configuration stays root's.
      if (owner && !path.startsWith('/etc/')) chownSync(path, owner.uid, groupOf(settings, owner));
    }
    if (paths.length > 0) variables[variable] = paths.join(':');
  }
  return variables;
}

/** Starts one command of a service in a session of its own. Throws LaunchError. */
export function launch(
  context: LaunchContext,
  command: ExecCommand,
  extra: Record<string, string> = {},
): ChildProcess {
  const { unit, settings, journal } = context;
  const user = account(settings);
  const environment = serviceEnvironment(context, user, extra);
  const words = command.literal ? command.words : expandVariables(command.words, environment);
  const argv = [...wrappers(settings, user, command), ...program(command, words)];
  const cwd = workingDirectory(settings, user);

  const files: number[] = [];
  const stdout = output(settings.stdout, files);
  const stderr =
    settings.stderr === 'inherit' ? (stdout === 'pipe' ? 'pipe' : stdout) : output(settings.stderr, files);
  const options: SpawnOptions = { cwd, env: environment, detached: true, stdio: ['ignore', stdout, stderr] };
  const before = process.umask(settings.umask);
  let child: ChildProcess;
  try {
    child = spawn(argv[0] as string, argv.slice(1), options);
  } finally {
    process.umask(before);
    for (const file of files) closeSync(file);
  }
  const name = settings.syslogIdentifier ?? basename(words[0] as string);
  for (const stream of [child.stdout, child.stderr] as (Readable | null)[])
    if (stream) journal.take(stream, { unit, name, pid: child.pid ?? 0 });
  return child;
}

function serviceEnvironment(
  context: LaunchContext,
  user: Account | undefined,
  extra: Record<string, string>,
) {
  const { settings, invocation, instanceEnvironment } = context;
  const files = settings.environmentFiles.map(({ path, optional }) => {
    if (!existsSync(path)) {
      if (optional) return {};
      throw new LaunchError(
        1,
        'ENVIRONMENT',
        `Failed to load environment files: ${path}: No such file or directory`,
      );
    }
    return parseEnvironmentFile(readFileSync(path, 'utf8'));
  });
  const account = user && { USER: user.name, LOGNAME: user.name, HOME: user.home, SHELL: user.shell };
  return Object.assign(
    { ...instanceEnvironment, LANG: 'C.UTF-8', PATH, ...account },
    parseEnvironment(settings.environment),
    ...files,
    { [MARK]: invocation, ...extra },
  ) as Record<string, string>;
}

function account({ user }: ServiceSettings): Account | undefined {
  if (user === undefined) return undefined;
  const found = findUser(user);
  if (!found)
    throw new LaunchError(217, 'USER', `Failed to determine user credentials: No such process (${user})`);
  return found;
}

function groupOf(settings: ServiceSettings, user: Account | undefined): number {
  if (settings.group === undefined) return user?.gid ?? 0;
  const found = findGroup(settings.group);
  if (found === undefined)
    throw new LaunchError(216, 'GROUP', `Failed to determine group credentials: ${settings.group}`);
  return found;
}

/** Programs that set what Node's spawn cannot (supplementary groups, limits) and then become the service's own. */
function wrappers(settings: ServiceSettings, user: Account | undefined, command: ExecCommand): string[] {
  const limit = settings.openFiles?.replaceAll('infinity', 'unlimited');
  const argv = limit ? ['prlimit', `--nofile=${limit.includes(':') ? limit : `${limit}:${limit}`}`] : [];
  if (command.privileged || (!user && settings.group === undefined)) return argv;
  const groups = user?.listed ? '--init-groups' : '--clear-groups';
  return [
    ...argv,
    'setpriv',
    `--reuid=${user?.uid ?? 0}`,
    `--regid=${groupOf(settings, user)}`,
    groups,
    '--',
  ];
}

function program(command: ExecCommand, words: string[]): string[] {
  const [name = '', ...rest] = words;
  const places = name.startsWith('/') ? [name] : PATH.split(':').map((directory) => join(directory, name));
  const path = places.find(isExecutable);
  if (path === undefined)
    throw new LaunchError(
      203,
      'EXEC',
      `Failed to execute ${name}: No such file or directory, or not executable`,
    );
  return command.ownName
    ? ['/bin/bash', '-c', 'exec -a "$0" "$@"', rest[0] ?? name, path, ...rest.slice(1)]
    : [path, ...rest];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function workingDirectory({ workingDirectory }: ServiceSettings, user: Account | undefined): string {
  if (!workingDirectory) return '/';
  const path = workingDirectory.path === '~' ? (user?.home ?? '/root') : workingDirectory.path;
  if (existsSync(path) && statSync(path).isDirectory()) return path;
  if (workingDirectory.optional) return '/';
  throw new LaunchError(200, 'CHDIR', `Changing to the requested working directory failed: ${path}`);
}

/** systemd.exec(5): StandardOutput=. What is opened is added to `files`, to be closed here after the start. */
function output(mode: string, files: number[]): 'pipe' | 'ignore' | 'inherit' | number {
  const file = /^(file|append|truncate):(.+)$/.exec(mode);
  if (file) {
    const flags = { file: 0, append: constants.O_APPEND, truncate: constants.O_TRUNC }[file[1] as 'file'];
    try {
      files.push(openSync(file[2] as string, constants.O_WRONLY | constants.O_CREAT | flags, 0o644));
    } catch (error) {
      throw new LaunchError(209, 'STDOUT', (error as Error).message);
    }
    return files.at(-1) as number;
  }
  if (mode === 'null') return 'ignore';
  return /^(tty|console)$/.test(mode) ? 'inherit' : 'pipe';
}
