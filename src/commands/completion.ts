import type { Command } from 'commander';
import { complete } from '../completion/candidates.ts';
import { completionScript, isShell, SHELLS } from '../completion/scripts.ts';
import { nearest } from '../config/known.ts';
import { usageError } from '../run/errors.ts';
import { withFailures } from './failure.ts';
import type { GlobalOptions } from './session.ts';

/** `bake completion SHELL`: what the shell has to read. */
export const completion = (options: GlobalOptions, shell = ''): Promise<number> =>
  withFailures(options, async () => {
    if (!isShell(shell)) {
      const near = nearest(shell, SHELLS);
      throw usageError(
        `there is no completion for the shell "${shell}"`,
        near === undefined ? `There is for ${SHELLS.join(', ')}.` : `Did you mean: bake completion ${near}`,
      );
    }
    process.stdout.write(completionScript(shell));
    return 0;
  });

/** `bake complete -- WORD…`: what shells call while somebody types. A candidate a line, with a tab before what it is. */
export function completeWords(program: Command, words: readonly string[]): number {
  const found = complete(program, words);
  const lines =
    typeof found === 'string'
      ? [`:${found}`]
      : found.map(({ value, description }) => `${value}\t${short(description)}`);
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return 0;
}

/** Shells show a line. */
const short = (text: string): string => {
  const [line = ''] = text.split('\n', 1);
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
};
