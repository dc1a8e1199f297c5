import type { ScriptFailure, ScriptResult } from './communicator.ts';
import type { TaskReport } from './look.ts';

/** What a script's last report means; `directory` is where its files lay, with a `/` at the end. */
export function toResult(
  { end, failure }: TaskReport & { end: NonNullable<TaskReport['end']> },
  tail: string[],
  script: string,
  directory: string,
): ScriptResult {
  const result = { ...end, tail };
  if (end.exitCode === 0 || !failure) return result;
  // A failure noted earlier, which the script survived, is not the one that ended it.
  if (!end.timedOut && failure.exitCode !== end.exitCode) return result;
  const own = failure.source?.startsWith(directory) ?? true;
  const { line, command } = own ? asWritten(script, failure, end.timedOut) : failure;
  return { ...result, failure: { line, command, source: own ? undefined : failure.source } };
}

/** The whole line says more than bash's word for it (of a pipeline it names the last command only). */
function asWritten(script: string, failure: ScriptFailure, timedOut: boolean): ScriptFailure {
  const lines = script.split('\n');
  // In the trap of a signal bash does not know the line: it is where the command stands, if that is one place only.
  const places = lines.flatMap((text, index) => (text.includes(failure.command) ? [index + 1] : []));
  const line = timedOut ? (places.length === 1 ? places[0]! : 0) : failure.line;
  const text = lines[line - 1]?.trim() ?? '';
  return { line, command: text.includes(failure.command) && text.length <= 160 ? text : failure.command };
}
