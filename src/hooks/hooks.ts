import type { Project } from '../config/schema.ts';
import { BakeError, Interrupted, messageOf } from '../run/errors.ts';
import { formatDuration } from '../run/format.ts';
import type { Run } from '../run/run.ts';
import { secretValues } from '../run/secret-names.ts';
import { type HookFacts, type HookMoment, hookEnvironment, SCRIPT } from './environment.ts';
import { type ProgramEnd, runProgram } from './program.ts';

export type { HookFacts, HookMoment } from './environment.ts';

/** Lines of a failed hook's output that its error repeats. */
const LAST_LINES = 10;

/**
 * Runs the hooks of one moment, in order, in the directory of bake.yaml, with the facts as environment variables. Their output is told
 * as the step's; values of variables that are named like secrets are hidden in it. One that fails stops the run where the moment is
 * before something (throws a `BakeError`), and is a warning after it. Rejects with `Interrupted` when the run is; `onFailure` comes after
 * an interrupt, too, and is not cut short by it.
 */
export async function runHooks(
  run: Run,
  project: Project,
  moment: HookMoment,
  facts: HookFacts,
): Promise<void> {
  const hooks = project.config.hooks[moment];
  for (const [index, { run: script, timeout }] of hooks.entries()) {
    if (moment !== 'onFailure' && run.signal.aborted) throw new Interrupted();
    const name = hooks.length === 1 ? `hook.${moment}` : `hook.${moment}.${index + 1}`;
    try {
      await runHook(run, project, { name, moment, script, timeout, facts });
    } catch (error) {
      if (moment.startsWith('before') || error instanceof Interrupted) throw error;
      run.warn(messageOf(error));
    }
  }
}

/**
 * Runs the hooks around some work: `before` it, `after` it, and `onFailure` when it (or a hook before it) has failed. `facts` of the
 * result are added for the hooks after it.
 */
export async function withHooks<T>(
  run: Run,
  project: Project,
  around: {
    before?: HookMoment;
    after: HookMoment;
    facts: HookFacts;
    resultFacts?: (result: T) => HookFacts;
  },
  work: () => Promise<T>,
): Promise<T> {
  const { before, after, facts, resultFacts } = around;
  let result: T;
  try {
    if (before) await runHooks(run, project, before, facts);
    result = await work();
  } catch (error) {
    await runHooks(run, project, 'onFailure', { ...facts, reason: messageOf(error) });
    throw error;
  }
  await runHooks(run, project, after, { ...facts, ...resultFacts?.(result) });
  return result;
}

interface Hook {
  name: string;
  moment: HookMoment;
  script: string;
  /** Milliseconds. */
  timeout: number;
  facts: HookFacts;
}

async function runHook(run: Run, project: Project, hook: Hook): Promise<void> {
  const { name, moment, script, timeout } = hook;
  const facts = run.redactor.redact(hook.facts);
  const environment = hookEnvironment(run, project, { moment, script, facts });
  for (const secret of secretValues({ ...process.env, ...environment })) run.redactor.add(secret);
  await run.step(name, `Hook ${moment}: ${headOf(script)}`, async (step) => {
    const last: string[] = [];
    const end = await runProgram(['/bin/sh', '-c', `eval "$${SCRIPT}"`], {
      directory: project.directory,
      environment,
      timeout,
      signal: moment === 'onFailure' ? undefined : run.signal,
      onLine(line) {
        step.output(moment, line);
        last.push(line);
        if (last.length > LAST_LINES) last.shift();
      },
    });
    if (end.how === 'interrupted') throw new Interrupted();
    const failure = failureOf(end, timeout);
    if (failure === undefined) return;
    throw new BakeError(`hook ${moment} \`${headOf(script)}\` ${failure}`, { details: last });
  });
}

/** The first line that says something, cut where it gets long. */
function headOf(script: string): string {
  const [line = '', ...more] = script
    .split('\n')
    .map((text) => text.trim())
    .filter((text) => text !== '' && !text.startsWith('#'));
  return line.length > 60 || more.length > 0 ? `${line.slice(0, 60)} …` : line;
}

function failureOf(end: ProgramEnd, timeout: number): string | undefined {
  if (end.how === 'timed out') return `took longer than ${formatDuration(timeout)} and was ended`;
  if (end.how === 'killed') return `was ended by ${end.signal}`;
  return end.how === 'exited' && end.code !== 0 ? `ended with exit code ${end.code}` : undefined;
}
