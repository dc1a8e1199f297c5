import { gunzipSync } from 'node:zlib';
import type { ScriptFailure, ScriptOptions } from './communicator.ts';

/** Everything bake keeps on a machine while it works there: tmpfs, so that nothing of it is ever on the disk that becomes the image. */
export const WORK_DIRECTORY = '/run/bake-jobs';

/** One quoted word of a POSIX shell. */
export const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * The job file: lays out script, variables and traps in `directory`, runs the script with its output in `out`,
 * and leaves its exit code in `exit`. POSIX sh; the script's own interpreter is the one it names.
 */
export function jobScript(directory: string, script: string, options: ScriptOptions): string {
  const file = `${directory}/${fileName(options.name)}`;
  const seconds = options.timeout / 1000;
  const interpreter = interpreterOf(script, options.strict ?? false);
  const bash = /(^|\/)bash$/.test(interpreter[0]!) || (interpreter[1] === 'bash' && interpreter.length > 1);
  const variables = Object.entries(options.environment ?? {});
  const command = [...interpreter, file, ...(options.arguments ?? [])].map(quote).join(' ');
  // HOME, PATH and LANG: what agents start commands without (AWS: the SSM agent sets no HOME).
  return `rm -f job
printf %s ${quote(script)} >${quote(file)}
printf %s ${quote(variables.map(([name, value]) => `export ${name}=${quote(value)}\n`).join(''))} >env
printf %s ${quote(trapScript(directory))} >traps
started=$(date +%s)
(
  export HOME="\${HOME:-/root}" LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive
  export PATH="\${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  . ./env
  rm -f env
  ${bash ? `export BASH_ENV=${quote(`${directory}/traps`)}` : ''}
  umask 022
  cd /tmp
  exec timeout -k 10 ${seconds} ${command}
) >out 2>&1 </dev/null
code=$?
rm -f ${quote(file)} traps
timed_out=0
case $code in 124|137) [ $(($(date +%s) - started)) -ge ${Math.floor(seconds)} ] && timed_out=1 ;; esac
echo "$code $timed_out" >exit.new
mv exit.new exit
`;
}

/** A name that is safe in a path and still reads like the script's own. */
const fileName = (name: string) => name.replace(/^.*\//, '').replace(/[^A-Za-z0-9._-]+/g, '-') || 'script';

/** The script's own #! line, or bash. */
function interpreterOf(script: string, strict: boolean): string[] {
  const named = /^#!\s*(\S.*)/.exec(script)?.[1]?.trim().split(/\s+/);
  if (named && !strict) return named;
  return ['bash', ...(strict ? ['-euo', 'pipefail'] : [])];
}

/**
 * Sourced by bash before the script (BASH_ENV): notes where the script failed, or what it was at when its time was up.
 * BASH_COMMAND is the command as written, so no variable's value gets into it. Child shells are left alone.
 */
const trapScript = (directory: string) => `unset BASH_ENV
set -o errtrace
trap 'printf "%s\\n" "$?" "$LINENO" "\${BASH_SOURCE[0]}" "$BASH_COMMAND" >${directory}/failed' ERR
trap 'printf "%s\\n" 124 "$LINENO" "\${BASH_SOURCE[0]}" "$BASH_COMMAND" >${directory}/failed; exit 143' TERM
`;

/** What a look at a job says. */
export interface Report {
  /** `none`: the job never started. `lost`: it started, and its process is gone without an exit code. */
  state: 'none' | 'running' | 'ended' | 'lost';
  exitCode?: number;
  timedOut?: boolean;
  /** Bytes of output so far. */
  bytes: number;
  /** Output from `from` on, as much as fits in one answer. */
  from: number;
  data: Buffer;
  failure?: ScriptFailure & { exitCode: number };
}

/**
 * Runs the job whose file `fetch` (a shell command) prints, unless it was started before: the clouds offer no token
 * for commands, so a request whose answer was lost is sent again, and then waits for what the first one runs.
 */
export const startScript = (directory: string, fetch: string) => `#!/bin/sh
umask 077
mkdir -p ${WORK_DIRECTORY}
if mkdir ${directory} 2>/dev/null; then
  cd ${directory}
  echo $$ >pid
  ${fetch} >job
  . ./job
else
  cd ${directory} || exit 1
  until [ -s pid ]; do sleep 0.1; done
  while [ ! -e exit ] && kill -0 "$(cat pid)" 2>/dev/null; do sleep 0.2; done
fi
${reportScript(directory, 0)}`;

/** Prints one line that `parseReport` understands; at most 24,000 characters (AWS: GetCommandInvocation). */
export const reportScript = (directory: string, from: number) => `
if cd ${directory} 2>/dev/null; then
  touch out
  if [ -e exit ]; then state="ended $(cat exit)"
  elif kill -0 "$(cat pid)" 2>/dev/null; then state="running - -"
  elif [ -e exit ]; then state="ended $(cat exit)" # It ended between the two looks.
  else state="lost - -"; fi
  bytes=$(wc -c <out)
  for size in 262144 65536 15000; do
    data=$(tail -c +${from + 1} out | head -c $size | gzip -c | base64 | tr -d '\\n')
    [ \${#data} -le 21000 ] && break
  done
  failed=-
  [ -e failed ] && failed=$(head -c 900 failed | base64 | tr -d '\\n')
  echo bake-report $state $bytes ${from} "$failed" "$data"
else
  echo bake-report none - - 0 ${from} - -
fi
`;

/** The report in a command's output, or undefined when there is none (the command was cut off). */
export function parseReport(stdout: string): Report | undefined {
  const line = stdout.split('\n').find((candidate) => candidate.startsWith('bake-report '));
  if (line === undefined) return undefined;
  const [, state, code, timedOut, bytes, from, failed = '-', data = '-'] = line.trim().split(' ');
  return {
    state: state as Report['state'],
    exitCode: code === '-' ? undefined : Number(code),
    timedOut: timedOut === '1',
    bytes: Number(bytes),
    from: Number(from),
    data: data === '-' ? Buffer.alloc(0) : gunzipSync(Buffer.from(data, 'base64')),
    failure: failed === '-' ? undefined : parseFailure(Buffer.from(failed, 'base64').toString()),
  };
}

function parseFailure(text: string): Report['failure'] {
  const [exitCode, line, source = '', ...command] = text.split('\n');
  return {
    exitCode: Number(exitCode),
    line: Number(line),
    source,
    command: command.join('\n').trim(),
  };
}
