import { type ExecCommand, parseExecLine } from './exec-line.ts';
import { parseMemorySize } from './memory-size.ts';
import { parseTimeSpan } from './time-span.ts';
import type { UnitFile } from './unit-file.ts';
import { splitWords } from './words.ts';

const EXEC_KEYS = ['Condition', 'StartPre', 'Start', 'StartPost', 'Reload', 'Stop', 'StopPost'] as const;
type ExecKey = (typeof EXEC_KEYS)[number];

const DIRECTORIES = {
  Runtime: '/run',
  State: '/var/lib',
  Cache: '/var/cache',
  Logs: '/var/log',
  Configuration: '/etc',
} as const;

/** systemd.kill(5): `mixed` signals the main process only, and kills the others at the end. */
type KillMode = 'control-group' | 'mixed' | 'process' | 'none';

/** What a [Service] section says, with systemd's defaults. Times in milliseconds. */
export interface ServiceSettings {
  type: string;
  exec: Record<ExecKey, ExecCommand[]>;
  environment: string[];
  environmentFiles: { path: string; optional: boolean }[];
  user: string | undefined;
  group: string | undefined;
  workingDirectory: { path: string; optional: boolean } | undefined;
  umask: number;
  restart: string;
  restartSec: number;
  restartPrevent: string[];
  startLimit: { interval: number; burst: number };
  timeoutStart: number;
  timeoutStop: number;
  killSignal: NodeJS.Signals;
  killMode: KillMode;
  sendSigkill: boolean;
  successStatus: string[];
  remainAfterExit: boolean;
  pidFile: string | undefined;
  directories: { variable: string; paths: string[]; mode: number; temporary: boolean }[];
  stdout: string;
  stderr: string;
  syslogIdentifier: string | undefined;
  openFiles: string | undefined;
  /** Bytes. */
  memoryMax: number;
}

/** Reads the settings of a service. `expand` puts specifiers in. Throws a sentence when the service could never start. */
export function readServiceSettings(file: UnitFile, expand: (text: string) => string): ServiceSettings {
  const last = (key: string, section = 'Service') => {
    const value = file.last(section, key);
    return value === undefined ? undefined : expand(value);
  };
  const list = (key: string) => file.list('Service', key).map(expand);
  const time = (key: string, missing: number) => parseTimeSpan(last(key) ?? '') ?? missing;
  // 0 once meant "no time-out" and still does.
  const timeout = (key: string, missing: number) =>
    time(key, time('TimeoutSec', missing)) || Number.POSITIVE_INFINITY;
  const flag = (key: string, missing: boolean) => {
    const value = last(key);
    return value === undefined ? missing : /^(1|yes|true|on|y|t)$/i.test(value);
  };

  const exec = Object.fromEntries(
    EXEC_KEYS.map((key) => [key, list(`Exec${key}`).flatMap(parseExecLine)]),
  ) as Record<ExecKey, ExecCommand[]>;
  const type = last('Type') ?? (exec.Start.length > 0 ? 'simple' : 'oneshot');
  if (exec.Start.length === 0 && exec.Stop.length === 0)
    throw new Error('Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.');
  if (exec.Start.length > 1 && type !== 'oneshot')
    throw new Error(
      'Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.',
    );
  const stdout = last('StandardOutput') ?? 'journal';
  return {
    type,
    exec,
    environment: list('Environment'),
    environmentFiles: list('EnvironmentFile').map(optionalPath),
    user: last('User'),
    group: last('Group'),
    workingDirectory: file.last('Service', 'WorkingDirectory')
      ? optionalPath(last('WorkingDirectory') as string)
      : undefined,
    umask: Number.parseInt(last('UMask') ?? '0022', 8),
    restart: last('Restart') ?? 'no',
    restartSec: time('RestartSec', 100),
    restartPrevent: list('RestartPreventExitStatus').flatMap(splitWords),
    startLimit: {
      interval:
        parseTimeSpan(last('StartLimitIntervalSec', 'Unit') ?? last('StartLimitInterval') ?? '') ?? 10_000,
      burst: Number(last('StartLimitBurst', 'Unit') ?? last('StartLimitBurst') ?? 5),
    },
    timeoutStart: timeout('TimeoutStartSec', type === 'oneshot' ? Number.POSITIVE_INFINITY : 90_000),
    timeoutStop: timeout('TimeoutStopSec', 90_000),
    killSignal: signalName(last('KillSignal') ?? 'SIGTERM'),
    killMode: (last('KillMode') ?? 'control-group') as KillMode,
    sendSigkill: flag('SendSIGKILL', true),
    successStatus: list('SuccessExitStatus').flatMap(splitWords),
    remainAfterExit: flag('RemainAfterExit', false),
    pidFile: last('PIDFile'),
    directories: Object.entries(DIRECTORIES).map(([kind, parent]) => ({
      variable: `${kind.toUpperCase()}_DIRECTORY`,
      // `name:link` asks for a link too; the directory is what counts.
      paths: list(`${kind}Directory`)
        .flatMap(splitWords)
        .map((name) => `${parent}/${name.split(':')[0]}`),
      mode: Number.parseInt(last(`${kind}DirectoryMode`) ?? '0755', 8),
      temporary: kind === 'Runtime' && (last('RuntimeDirectoryPreserve') ?? 'no') === 'no',
    })),
    stdout,
    stderr: last('StandardError') ?? 'inherit',
    syslogIdentifier: last('SyslogIdentifier'),
    openFiles: last('LimitNOFILE'),
    memoryMax: parseMemorySize(last('MemoryMax') ?? '') ?? Number.POSITIVE_INFINITY,
  };
}

function optionalPath(value: string): { path: string; optional: boolean } {
  return value.startsWith('-') ? { path: value.slice(1), optional: true } : { path: value, optional: false };
}

/** `TERM` means `SIGTERM`. */
const signalName = (text: string) => (text.startsWith('SIG') ? text : `SIG${text}`) as NodeJS.Signals;
