import type { ScriptTask } from './communicator.ts';

/** Everything bake keeps on a machine while it works there: tmpfs, so that nothing of it is ever on the disk that becomes the image. */
export const WORK_DIRECTORY = '/run/bake-jobs';

/** One quoted word of a POSIX shell. */
export const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * The job file, which runs by itself in `directory`: task after task, each in a directory named by its number, until one fails.
 * A task's output is in `out`, its end in `exit`; `ended` is there when the job is over. POSIX sh; a script's own interpreter is
 * the one that it names.
 */
export const jobText = (
  directory: string,
  tasks: ScriptTask[],
  flush = false,
): string => `cd ${directory} || exit
rm -f job
trap ': >${directory}/ended' EXIT
${tasks.map((task, index) => taskText(`${directory}/${index + 1}`, task, flush && index === tasks.length - 1)).join('')}`;

function taskText(directory: string, task: ScriptTask, flush: boolean): string {
  const file = `${directory}/${fileName(task.name)}`;
  const seconds = task.timeout / 1000;
  const interpreter = interpreterOf(task.script, task.strict ?? false);
  const bash = /(^|\/)bash$/.test(interpreter[0]!) || (interpreter[1] === 'bash' && interpreter.length > 1);
  const variables = Object.entries({ ...task.environment, ...task.secrets });
  const command = [...interpreter, file, ...(task.arguments ?? [])].map(quote).join(' ');
  // HOME, PATH and LANG: what agents start commands without (AWS: the SSM agent sets no HOME).
  return `${TASK_MARK}
mkdir ${directory}
cd ${directory} || exit
printf %s ${quote(task.script)} >${quote(file)}
printf %s ${quote(variables.map(([name, value]) => `export ${name}=${quote(value)}\n`).join(''))} >env
printf %s ${quote(trapScript(directory))} >traps
started=$(cut -d' ' -f1 /proc/uptime)
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
${flush ? 'sync\n' : ''}ended=$(cut -d' ' -f1 /proc/uptime)
rm -f ${quote(file)} traps
timed_out=0
case $code in 124|137) [ $((\${ended%.*} - \${started%.*})) -ge ${Math.floor(seconds)} ] && timed_out=1 ;; esac
echo "$code $timed_out $started $ended" >exit.new
mv exit.new exit
[ "$code" = 0 ] || exit
`;
}

/** The line that each task begins with. */
export const TASK_MARK = '# bake: the next task';

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
