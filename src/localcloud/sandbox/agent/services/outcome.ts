import { constants } from 'node:os';
import type { ServiceSettings } from '../units/service-settings.ts';

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** systemd's Result= property. */
export type Result =
  | 'success'
  | 'exit-code'
  | 'signal'
  | 'core-dump'
  | 'oom-kill'
  | 'timeout'
  | 'protocol'
  | 'resources'
  | 'start-limit-hit';

/** systemd.service(5), SuccessExitStatus=: these count as clean for a daemon. */
const CLEAN_SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE'];
const DUMPING_SIGNALS = ['SIGQUIT', 'SIGILL', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGTRAP', 'SIGSYS'];

/** systemd.exec(5), "Process exit codes": how they are named in messages. */
const NAMES: Record<number, string> = {
  0: 'SUCCESS',
  1: 'FAILURE',
  2: 'INVALIDARGUMENT',
  3: 'NOTIMPLEMENTED',
  4: 'NOPERMISSION',
  5: 'NOTINSTALLED',
  6: 'NOTCONFIGURED',
  7: 'NOTRUNNING',
  200: 'CHDIR',
  203: 'EXEC',
  209: 'STDOUT',
  216: 'GROUP',
  217: 'USER',
};

export function resultOf(exit: Exit, settings: ServiceSettings): Result {
  const listed = (name: string) => settings.successStatus.includes(name);
  if (exit.signal === null) return exit.code === 0 || listed(String(exit.code)) ? 'success' : 'exit-code';
  if (CLEAN_SIGNALS.includes(exit.signal) || listed(exit.signal) || listed(exit.signal.slice(3)))
    return 'success';
  return DUMPING_SIGNALS.includes(exit.signal) ? 'core-dump' : 'signal';
}

/** systemd.service(5), table "Exit causes and the effect of the Restart= settings". */
export function restarts(settings: ServiceSettings, result: Result, exit: Exit | undefined): boolean {
  const status = exit?.signal ?? String(exit?.code ?? '');
  if (
    settings.restartPrevent.includes(status) ||
    settings.restartPrevent.includes(status.replace(/^SIG/, ''))
  )
    return false;
  switch (settings.restart) {
    case 'always':
      return true;
    case 'on-success':
      return result === 'success';
    case 'on-failure':
      return result !== 'success';
    case 'on-abnormal':
      return ['signal', 'core-dump', 'oom-kill', 'timeout'].includes(result);
    case 'on-abort':
      return ['signal', 'core-dump'].includes(result);
    default:
      return false;
  }
}

/** `code=exited, status=1/FAILURE`, `code=killed, status=9/KILL`. */
export function describeExit({ code, signal }: Exit): string {
  if (signal === null) return `code=exited, status=${code}/${NAMES[code ?? 0] ?? 'n/a'}`;
  const how = DUMPING_SIGNALS.includes(signal) ? 'dumped' : 'killed';
  return `code=${how}, status=${constants.signals[signal]}/${signal.slice(3)}`;
}
