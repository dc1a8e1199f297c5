import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Failure } from '../../run/failure.ts';
import type { Reporter } from '../reporter.ts';

/** GitHub shows this many of one kind for each step of a job; the log has all. */
const SHOWN = 10;
/** `bake.yaml:12:3: image.base: …`, as errors of the configuration begin. */
const PLACED = /^(\S.*?):(\d+):(\d+): (.*)$/s;

interface Place {
  title?: string;
  file?: string;
  line?: string;
  col?: string;
}

/**
 * Tells warnings and failures as annotations of a job of GitHub Actions (workflow commands): beside the run, and where a place in a file is
 * known, at its line. Goes to stderr, which the runner reads as well: stdout is for JSON lines. `directory`: what names of files
 * are relative to; `workspace`: where the repository is.
 */
export function annotationReporter(
  command: string,
  { directory, workspace }: { directory: string; workspace: string },
  err: NodeJS.WritableStream,
): Reporter {
  const title = `bake ${command}`;
  let warnings = 0;
  return {
    emit(event) {
      if (event.type === 'warning' && warnings++ < SHOWN)
        err.write(annotation('warning', event.message, { title }));
      if (event.type !== 'run.finished' || event.ok) return;
      if (event.error) annotateFailure(title, event.error, { directory, workspace }, err);
      else err.write(annotation('error', event.headline, { title }));
    },
    async close() {},
  };
}

/** What went wrong: each place in the configuration as its own annotation, anything else as one. */
export function annotateFailure(
  title: string,
  { message, hint, details }: Failure,
  at: { directory: string; workspace: string },
  err: NodeJS.WritableStream,
): void {
  const places = [message, ...details].map((text) => placeOf(text, at));
  if (!places[0]) {
    const text = [message, ...details, ...(hint === undefined ? [] : [`→ ${hint}`])].join('\n');
    err.write(annotation('error', text, { title }));
    return;
  }
  for (const place of places.slice(0, SHOWN))
    if (place) err.write(annotation('error', place.text, { title, ...place.at }));
}

function placeOf(
  text: string,
  { directory, workspace }: { directory: string; workspace: string },
): { text: string; at: Place } | undefined {
  const [, name = '', line, col, words = ''] = PLACED.exec(text) ?? [];
  const file = resolve(directory, name);
  if (line === undefined || !existsSync(file)) return undefined;
  return { text: words, at: { file: relative(workspace, file), line, col } };
}

/** GitHub: "Workflow commands for GitHub Actions". */
function annotation(kind: 'error' | 'warning', message: string, place: Place): string {
  const properties = Object.entries(place).map(([name, value]) => `${name}=${escaped(value, /[%\r\n:,]/g)}`);
  return `::${kind} ${properties.join(',')}::${escaped(message, /[%\r\n]/g)}\n`;
}

const escaped = (text: string, what: RegExp): string =>
  text.replaceAll(what, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

/** Names of files of the configuration are relative to where bake works. */
export const placesOf = (directory = '.'): { directory: string; workspace: string } => ({
  directory: resolve(directory),
  workspace: process.env.GITHUB_WORKSPACE || join(process.cwd()),
});
