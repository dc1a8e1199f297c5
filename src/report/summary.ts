import type { EventOf } from './lines.ts';
import { type Style, styleFor } from './style.ts';

/** Tells the end of the story, where it belongs: a failure is for `err`. */
export function tellEnd(
  event: EventOf<'run.finished'>,
  out: NodeJS.WritableStream,
  err: NodeJS.WritableStream,
): void {
  const stream = event.ok ? out : err;
  stream.write(`${summaryLines(event, styleFor(stream)).join('\n')}\n`);
}

/** The end of the story: what happened, what changed or what went wrong and why, and what to type next. */
function summaryLines(event: EventOf<'run.finished'>, style: Style): string[] {
  const mark = event.ok ? style('green', '✓') : style('red', '✗');
  const lines = ['', `${mark} ${style('bold', event.headline)}`];
  lines.push(...event.changed.map((line) => `  ${line}`));
  if (event.error) lines.push(...errorLines(event.error, style).map((line) => `  ${line}`));
  if (event.next.length > 0) lines.push('', 'Next:', ...event.next.map((line) => `  ${style('cyan', line)}`));
  if (event.report !== undefined) lines.push('', style('dim', `Report: ${event.report}`));
  return lines;
}

/** A message with what else is worth reading, and what to do about it. */
export function errorLines(
  error: { message: string; hint?: string; details: readonly string[] },
  style: Style,
): string[] {
  const lines = [...error.message.split('\n'), ...error.details.flatMap((detail) => detail.split('\n'))];
  if (error.hint) lines.push(style('cyan', `→ ${error.hint}`));
  return lines;
}
