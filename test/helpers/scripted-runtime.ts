import { gunzipSync, gzipSync } from 'node:zlib';
import { noRuntime } from '../../src/localcloud/sandbox/none.ts';
import type { CommandOutcome, Runtime } from '../../src/localcloud/sandbox/runtime.ts';

export interface ScriptedRuntime extends Runtime {
  /** Scripts that machines were asked to run, in order; a script that was sent twice ran once. */
  readonly ran: string[];
}

/**
 * Machines without processes that answer bake's communicator as real ones do: every script ends well, with the output that
 * `answer` gives for it. What was started before under the same name is not started again.
 */
export function scriptedRuntime(
  options: {
    answer?: (script: string) => string | undefined;
    /** What passes before a machine's agent answers, and before a script ends. */
    booting?: (instanceId: string) => Promise<void>;
    running?: (script: string) => Promise<void>;
  } = {},
): ScriptedRuntime {
  const { answer = () => undefined, booting = async () => {}, running = async () => {} } = options;
  const ran: string[] = [];
  const jobs = new Map<string, Promise<string>>();
  const up = new Set<string>();
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
      const directory = /\/run\/bake-jobs\/[\w-]+/.exec(script)?.[0];
      const asked = script.includes('bake-report');
      if (!asked || directory === undefined) return outcome('');
      const key = `${instanceId} ${directory}`;
      if (!jobs.has(key)) {
        const job = jobOf(script);
        ran.push(job);
        jobs.set(
          key,
          fetchStaged(script + job)
            .then(() => running(job))
            .then(() => answer(job) ?? ''),
        );
      }
      const output = Buffer.from(await jobs.get(key)!);
      const from = Number(/tail -c \+(\d+)/.exec(script)?.[1] ?? 1) - 1;
      const data = gzipSync(output.subarray(from)).toString('base64');
      return outcome(`bake-report ended 0 0 ${output.length} ${from} - ${data}\n`);
    },
  };
}

const outcome = (stdout: string): CommandOutcome => ({ exitCode: 0, stdout, stderr: '', timedOut: false });

/** What is staged for a machine is fetched by it. */
async function fetchStaged(script: string): Promise<void> {
  const url = /curl -fsS --retry 3 \W*(http[^'\s]+)/.exec(script)?.[1];
  if (url !== undefined) await fetch(url);
}

/** The job that travels in a command; empty when it came in parts before. */
function jobOf(script: string): string {
  const data = /printf %s (\S+) \| base64 -d/.exec(script)?.[1];
  return data === undefined ? '' : gunzipSync(Buffer.from(data, 'base64')).toString();
}
