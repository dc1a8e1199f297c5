import { constants, createDecipheriv, generateKeyPairSync, pbkdf2Sync, privateDecrypt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { TASK_MARK } from '../../src/communicators/job.ts';
import { noRuntime } from '../../src/localcloud/sandbox/none.ts';
import type { CommandOutcome, Runtime } from '../../src/localcloud/sandbox/runtime.ts';

export interface ScriptedRuntime extends Runtime {
  /** Scripts that machines were asked to run, in order; a script that was sent twice ran once. */
  readonly ran: string[];
}

/** A job on a machine: what its tasks have printed so far, those that have ended. */
interface Job {
  outputs: Buffer[];
  tookMs: number[];
  over: Promise<void>;
  isOver: boolean;
}

/**
 * Machines without processes that answer bake's communicator as real ones do: every script ends well, with the output that
 * `answer` gives for it. What was started before under the same name is not started again.
 */
export function scriptedRuntime(
  options: {
    answer?: (script: string) => string | undefined;
    /** What passes before a machine's agent answers, and before a script ends (then it says how long it took, milliseconds). */
    booting?: (instanceId: string) => Promise<void>;
    running?: (script: string) => Promise<number>;
    /** Passes time on a machine, milliseconds. Default: real time. */
    sleep?: (ms: number) => Promise<void>;
  } = {},
): ScriptedRuntime {
  const { answer = () => undefined, booting = async () => {}, running = async () => 0 } = options;
  const { sleep = delay } = options;
  const ran: string[] = [];
  const jobs = new Map<string, Job>();
  const up = new Set<string>();

  function start(scripts: string[]): Job {
    const job: Job = { outputs: [], tookMs: [], over: Promise.resolve(), isOver: false };
    job.over = (async () => {
      for (const script of scripts) {
        await fetchStaged(script);
        const ms = await running(script);
        job.outputs.push(Buffer.from(answer(script) ?? ''));
        job.tookMs.push(ms);
      }
      job.isOver = true;
    })();
    return job;
  }

  return {
    ...noRuntime(),
    kind: 'sandbox',
    ran,
    async boot({ instanceId }) {
      up.delete(instanceId);
      void booting(instanceId).then(() => up.add(instanceId));
    },
    reachable: async (instanceId) => up.has(instanceId),
    async run(instanceId, { script }): Promise<CommandOutcome> {
      if (script.includes('bake-key')) return outcome(`bake-key ${PUBLIC_KEY}\n`);
      const directory = /\/run\/bake-jobs\/[\w-]+/.exec(script)?.[0];
      if (!script.includes('bake-report') || directory === undefined) return outcome('');
      const key = `${instanceId} ${directory}`;
      if (!jobs.has(key)) {
        await fetchStaged(script);
        const scripts = scriptsOf(script);
        ran.push(...scripts);
        jobs.set(key, start(scripts));
      }
      const job = jobs.get(key)!;
      const [, most] = /^most=(\d+)/m.exec(script)!;
      await Promise.race([job.over, sleep(Number(most) * 1_000)]);
      const [, task, from] = /task=(\d+) from=(\d+)/.exec(script)!;
      return outcome(report(job, Number(task), Number(from)));
    },
  };
}

function report({ outputs, tookMs, isOver }: Job, task: number, from: number): string {
  const lines = outputs.slice(task - 1).map((output, index) => {
    const begin = index === 0 ? from : 0;
    const data = gzipSync(output.subarray(begin)).toString('base64');
    return `bake-task ${task + index} 0 0 0 ${tookMs[task + index - 1]! / 1_000} ${output.length} ${begin} - ${data}\n`;
  });
  const running = outputs.length + 1;
  if (!isOver && running >= task) lines.push(`bake-task ${running} - - - - 0 0 - ${NOTHING}\n`);
  return `bake-report ${isOver ? 'ended' : 'running'}\n${lines.join('')}`;
}

const NOTHING = gzipSync('').toString('base64');

const outcome = (stdout: string): CommandOutcome => ({ exitCode: 0, stdout, stderr: '', timedOut: false });

/** What is staged for a machine is fetched by it. */
async function fetchStaged(script: string): Promise<void> {
  const url = /curl -fsS --retry 3 \W*(http[^'\s]+)/.exec(script)?.[1];
  if (url !== undefined) await fetch(url);
}

/** The scripts of the job that travels in a command; none when it came in parts before. */
function scriptsOf(command: string): string[] {
  const data = /\{ printf %s (\S+) \| base64 -d \|/.exec(command)?.[1];
  if (data === undefined) return [''];
  const bytes = Buffer.from(data, 'base64');
  const wrapped = /printf %s (\S+) \| base64 -d \| openssl pkeyutl/.exec(command)?.[1];
  const job = gunzipSync(wrapped === undefined ? bytes : opened(wrapped, bytes)).toString();
  return job.split(`${TASK_MARK}\n`).slice(1);
}

/** One key for all machines: making one takes a while. */
const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PUBLIC_KEY = KEY.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');

/** As `openssl pkeyutl` and `openssl enc -pbkdf2` open it. */
function opened(wrapped: string, bytes: Buffer): Buffer {
  const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  const passphrase = privateDecrypt({ key: KEY.privateKey, ...oaep }, Buffer.from(wrapped, 'base64'));
  const derived = pbkdf2Sync(passphrase, bytes.subarray(8, 16), 10_000, 48, 'sha256');
  const decipher = createDecipheriv('aes-256-cbc', derived.subarray(0, 32), derived.subarray(32));
  return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
}
