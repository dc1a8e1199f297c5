import type { Cloud, CommandResult, CommandState } from '../clouds/cloud.ts';
import { DeadlineExceeded } from '../run/errors.ts';
import { count } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import type { Run } from '../run/run.ts';

/** What a script came to on one instance. */
export interface InstanceAnswer {
  /** `silent`: the agent does not answer, so that nothing is known of the instance. */
  state: 'success' | 'failed' | 'timed-out' | 'silent';
  exitCode?: number;
  /** Both streams, without space around. */
  output: string;
}

/** A command is told to end by itself; this much later bake no longer waits for it. Milliseconds. */
const GRACE = 5_000;
/** What the agent adds to a script's errors (AWS: aws:runShellScript). */
const AGENTS_OWN = /^failed to run commands: .*$/m;
/** From this length on the list may have cut the output short (AWS: ListCommandInvocations). */
const CUT_AT = 2_400;

/**
 * Runs one script as root on many instances at once and answers for each of them, in the time of the slowest, at most `timeout`
 * milliseconds. The number of calls grows by page, not by instance. An instance that cannot be reached has an answer too.
 * Throws `Interrupted` when `signal` aborts; what still runs is cancelled then.
 */
export async function runEverywhere(
  { run, cloud }: { run: Run; cloud: Cloud },
  instanceIds: string[],
  script: string,
  options: { timeout: number; comment: string; signal?: AbortSignal },
): Promise<Map<string, InstanceAnswer>> {
  const answers = new Map<string, InstanceAnswer>(
    instanceIds.map((id) => [id, { state: 'silent', output: '' }]),
  );
  const { reached, commands } = await send(cloud, instanceIds, script, options);
  for (const id of reached) answers.set(id, { state: 'timed-out', output: '' });
  const open = new Set(commands);
  try {
    await poll<true>(
      async () => {
        for (const command of open) {
          const results = await cloud.commands.resultsOf(command);
          for (const [id, result] of results)
            if (hasEnded(result.state)) answers.set(id, await answerOf(cloud, id, command, result));
          if (results.size > 0 && [...results.values()].every(({ state }) => hasEnded(state)))
            open.delete(command);
        }
        return open.size === 0
          ? { done: true, value: true }
          : { done: false, state: `waiting for ${count(open.size, 'command')}` };
      },
      {
        what: options.comment,
        timeout: options.timeout + GRACE,
        clock: run.clock,
        signal: options.signal,
        interval: { first: 200, longest: 2_000 },
      },
    );
  } catch (error) {
    await Promise.all([...open].map((command) => cloud.commands.cancelAll(command).catch(() => {})));
    if (!(error instanceof DeadlineExceeded)) throw error;
  }
  return answers;
}

/** One that goes away between question and command is left out. */
async function send(
  cloud: Cloud,
  instanceIds: string[],
  script: string,
  options: { timeout: number; comment: string },
): Promise<{ reached: string[]; commands: string[] }> {
  const reached = await cloud.commands.reachableAmong(instanceIds);
  if (reached.length === 0) return { reached, commands: [] };
  try {
    return { reached, commands: await cloud.commands.sendToAll(reached, script, options) };
  } catch (error) {
    const left = await cloud.commands.reachableAmong(reached);
    if (left.length === reached.length) throw error;
    return send(cloud, left, script, options);
  }
}

const hasEnded = (state: CommandState) => state !== 'pending' && state !== 'running';

async function answerOf(
  cloud: Cloud,
  instanceId: string,
  command: string,
  listed: CommandResult,
): Promise<InstanceAnswer> {
  const cut = listed.stdout.length + listed.stderr.length >= CUT_AT;
  const { state, exitCode, stdout, stderr } = cut ? await cloud.commands.result(instanceId, command) : listed;
  const ended = state === 'success' || state === 'timed-out' ? state : 'failed';
  return { state: ended, exitCode, output: `${stdout}\n${stderr.replace(AGENTS_OWN, '')}`.trim() };
}
