import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files by which a step tells the runner something. */
export interface CommandFiles {
  GITHUB_ENV: string;
  GITHUB_OUTPUT: string;
  GITHUB_PATH: string;
  GITHUB_STATE: string;
  GITHUB_STEP_SUMMARY: string;
}

/** New and empty ones for one step. */
export function makeCommandFiles(directory: string, step: number): CommandFiles {
  const make = (name: string) => {
    const file = join(directory, `${name}_${step}`);
    writeFileSync(file, '');
    return file;
  };
  return {
    GITHUB_ENV: make('set_env'),
    GITHUB_OUTPUT: make('set_output'),
    GITHUB_PATH: make('add_path'),
    GITHUB_STATE: make('save_state'),
    GITHUB_STEP_SUMMARY: make('step_summary'),
  };
}

/**
 * What stands in a file of environment variables or outputs: NAME=VALUE, or NAME<<END, lines, END. Anything else is refused, as the runner
 * does.
 */
export function readAssignments(file: string): Record<string, string> {
  const lines = readFileSync(file, 'utf8').split('\n');
  const found: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!.replace(/\r$/, '');
    if (line === '') continue;
    const [, name, marker, rest] = /^([^=<]+)(=|<<)(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`Invalid format '${line}'`);
    if (marker === '=') found[name] = rest!;
    else {
      const end = lines.indexOf(rest!, at + 1);
      if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${rest}'`);
      found[name] = lines.slice(at + 1, end).join('\n');
      at = end;
    }
  }
  return found;
}

export const readLines = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
