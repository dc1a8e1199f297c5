import { gunzipSync } from 'node:zlib';
import type { ScriptFailure } from './communicator.ts';
import { WORK_DIRECTORY } from './job.ts';

/** What is known of a job: everything before this task, and the task's output up to a byte. */
export interface Known {
  /** 1 is the first. */
  task: number;
  bytes: number;
}

/** How long a look may last on the machine, while nothing happens there. Seconds. */
export interface Watch {
  /** From when on it ends as soon as there is anything new. */
  news: number;
  /** It ends in any case. */
  most: number;
}

/**
 * Starts the job whose file `fetch` (a shell command) prints, unless it was started before: the clouds offer no token for
 * commands, so a request whose answer was lost is sent again. It runs by itself, whatever becomes of the command; then as `watchScript`.
 */
export const startScript = (directory: string, fetch: string, watch: Watch) => `#!/bin/sh
umask 077
mkdir -p ${WORK_DIRECTORY}
if mkdir ${directory} 2>/dev/null; then
  cd ${directory}
  { ${fetch}; } >job
  setsid sh ./job >/dev/null 2>&1 </dev/null &
  echo $! >pid
fi
${look(directory, { task: 1, bytes: 0 }, watch)}`;

/**
 * Waits on the machine until the job is over, or there is news, or the time is, and says how it is doing from what is known on: lines
 * that `parseReport` understands, together at most 24,000 characters (AWS: GetCommandInvocation).
 */
export const watchScript = (directory: string, known: Known, watch: Watch) =>
  `#!/bin/sh\n${look(directory, known, watch)}`;

/** How many times a second the job is looked at there. */
const RATE = 5;

const look = (directory: string, { task, bytes }: Known, { news, most }: Watch) => `
most=${Math.ceil(most)} news=${Math.ceil(news * RATE)} task=${task} from=${bytes}
is_alive() { kill -0 "$(cat pid)" 2>/dev/null; }
has_news() { [ -e $((task + 1)) ] || [ "$(cat $task/out 2>/dev/null | wc -c)" -gt "$from" ]; }
if cd ${directory} 2>/dev/null; then
  looks=0
  read -r now _ </proc/uptime
  until=$((\${now%.*} + most))
  until [ -e ended ] || [ \${now%.*} -ge $until ] || { [ -s pid ] && ! is_alive; }; do
    if [ $looks -ge $news ] && has_news; then break; fi
    sleep ${1 / RATE}
    looks=$((looks + 1))
    read -r now _ </proc/uptime
  done
  if [ -e ended ]; then state=ended
  elif [ ! -s pid ] || is_alive; then state=running
  elif [ -e ended ]; then state=ended # It ended between the two looks.
  else state=lost; fi
  echo bake-report $state
  room=21000
  while [ -e $task/out ] && [ $room -gt 0 ]; do
    end='- - - -' failed=-
    if [ -e $task/exit ]; then end=$(cat $task/exit); fi
    bytes=$(wc -c <$task/out)
    for size in 262144 131072 65536 32768 12000 0; do
      data=$(tail -c +$((from + 1)) $task/out | head -c $size | gzip -c | base64 | tr -d '\\n')
      [ \${#data} -le $room ] && break
    done
    if [ -e $task/failed ]; then failed=$(head -c 900 $task/failed | base64 | tr -d '\\n'); fi
    echo bake-task $task $end $bytes $from "$failed" "$data"
    if [ $((bytes - from)) -gt $size ]; then break; fi
    room=$((room - \${#data} - 150)) task=$((task + 1)) from=0
  done
else
  echo bake-report none
fi
`;

/** What a look at a job says. */
export interface Report {
  /** `none`: the job never started. `lost`: it started, and its process is gone before it could end. */
  state: 'none' | 'running' | 'ended' | 'lost';
  /** Those that have begun, from the known one on. */
  tasks: TaskReport[];
}

export interface TaskReport {
  task: number;
  /** How it ended; undefined while it runs. */
  end?: { exitCode: number; timedOut: boolean; durationMs: number };
  /** Bytes of output so far. */
  bytes: number;
  /** Output from `from` on, as much as fits in one answer. */
  from: number;
  data: Buffer;
  failure?: ScriptFailure & { exitCode: number };
}

/** The report in a command's output, or undefined when there is none (the command was cut off). */
export function parseReport(stdout: string): Report | undefined {
  const lines = stdout.split('\n').map((line) => line.trim().split(' '));
  const state = lines.find(([mark]) => mark === 'bake-report')?.[1];
  if (state === undefined) return undefined;
  const tasks = lines.filter(([mark]) => mark === 'bake-task').map(([, ...words]) => parseTask(words));
  return { state: state as Report['state'], tasks };
}

function parseTask([task, code, timedOut, started, ended, bytes, from, failed, data]: string[]): TaskReport {
  const end = {
    exitCode: Number(code),
    timedOut: timedOut === '1',
    durationMs: Math.round((Number(ended) - Number(started)) * 1000),
  };
  return {
    task: Number(task),
    end: code === '-' ? undefined : end,
    bytes: Number(bytes),
    from: Number(from),
    data: data === undefined ? Buffer.alloc(0) : gunzipSync(Buffer.from(data, 'base64')),
    failure:
      failed === undefined || failed === '-'
        ? undefined
        : parseFailure(Buffer.from(failed, 'base64').toString()),
  };
}

function parseFailure(text: string): TaskReport['failure'] {
  const [exitCode, line, source = '', ...command] = text.split('\n');
  return { exitCode: Number(exitCode), line: Number(line), source, command: command.join('\n').trim() };
}
