import { noRuntime } from '../../src/localcloud/sandbox/none.ts';
import type { CommandOutcome, Runtime } from '../../src/localcloud/sandbox/runtime.ts';

/** What an instance says to a script: its output, or how it ended. Undefined: nothing, and all is well. */
export type Answering = (instanceId: string, script: string) => string | Partial<CommandOutcome> | undefined;

/** Machines without processes whose agents answer scripts as the test says; `silent` ones have no agent that does. */
export function answeringRuntime(
  answer: Answering,
  silent: (instanceId: string) => boolean = () => false,
): Runtime {
  return {
    ...noRuntime(),
    kind: 'sandbox',
    async boot() {},
    reachable: async (instanceId) => !silent(instanceId),
    async run(instanceId, { script }) {
      const said = answer(instanceId, script);
      const outcome = typeof said === 'string' ? { stdout: said } : said;
      return { exitCode: 0, stdout: '', stderr: '', timedOut: false, ...outcome };
    },
  };
}
