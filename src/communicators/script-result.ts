import { BakeError } from '../run/errors.ts';
import type { ScriptFailure, ScriptResult } from './communicator.ts';
import type { Report } from './remote-script.ts';

/** What a script's last report means; `directory` is where its files lay, with a `/` at the end. */
export function toResult(report: Report, tail: string[], script: string, directory: string): ScriptResult {
  if (report.state === 'lost') {
    throw new BakeError('the script was ended from outside before it could finish', { details: tail });
  }
  const { exitCode = 1, timedOut = false, failure } = report;
  if (exitCode === 0) return { exitCode, timedOut, tail };
  // A failure noted earlier, which the script survived, is not the one that ended it.
  if (!failure || !(timedOut || failure.exitCode === exitCode)) return { exitCode, timedOut, tail };
  const own = failure.source?.startsWith(directory) ?? true;
  const { line, command } = own ? asWritten(script, failure, timedOut) : failure;
  return { exitCode, timedOut, tail, failure: { line, command, source: own ? undefined : failure.source } };
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
