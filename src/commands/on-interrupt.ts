import { createInterface } from 'node:readline/promises';
import type { Chooser, InterruptChoice } from '../rollout/interruption.ts';
import { usageError } from '../run/errors.ts';

const CHOICES: readonly string[] = ['rollback', 'leave', 'cancel'] satisfies InterruptChoice[];

/**
 * What an interruption does: as said, or as answered on the terminal; where nobody can be asked, it rolls back. `quiet` resolves when
 * the terminal is free.
 */
export function chooserFor(policy: string, quiet: () => Promise<void>): Chooser {
  if (isChoice(policy)) return () => policy;
  if (policy !== 'ask')
    throw usageError(`--on-interrupt ${policy} is not known`, `It is one of: ask, ${CHOICES.join(', ')}.`);
  const { stdin, stderr, env } = process;
  if (!stdin.isTTY || !stderr.isTTY || env.CI) return () => 'rollback';
  return async (ended) => {
    await ended;
    await quiet();
    return ask();
  };
}

const isChoice = (word: string): word is InterruptChoice => CHOICES.includes(word);

const QUESTION = `
Interrupted. The rollout goes on in the cloud until you say what becomes of it:
  rollback  take every instance back to the release that ran before
  leave     let it go on without bake; \`bake rollout --resume\` takes it up again
  cancel    stop it where it is: some instances stay new, some old
What is it to be? [rollback] `;

/** Lines are read as they are, so that another Ctrl-C still reaches the process, and leaves at once. */
async function ask(): Promise<InterruptChoice> {
  const { stdin: input, stderr: output } = process;
  const terminal = createInterface({ input, output, terminal: false });
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  try {
    for (let question = QUESTION; ; question = `One of ${CHOICES.join(', ')}: `) {
      const answer = (await Promise.race([terminal.question(question), closed])).trim().toLowerCase();
      const choice = answer === '' ? 'rollback' : CHOICES.find((word) => word.startsWith(answer));
      if (choice !== undefined && isChoice(choice)) return choice;
    }
  } finally {
    terminal.close();
    input.unref();
  }
}
