import { createInterface } from 'node:readline/promises';
import { notConfirmed } from '../api/errors.ts';

interface Asking {
  /** --yes: it is said already. */
  yes?: boolean;
  json?: boolean;
}

/**
 * Asks on the terminal before something is done; `expected` is what has to be typed (default: y). Where nobody can be asked (a pipe, CI,
 * --json) and with --yes it goes ahead. Throws `Interrupted` when the answer is another, or with Ctrl-C.
 */
export async function confirm(
  question: string,
  { yes = false, json = false, signal, expected }: Asking & { signal: AbortSignal; expected?: string },
): Promise<void> {
  const { stdin: input, stderr: output, env } = process;
  if (yes || json || env.CI || !input.isTTY || !output.isTTY) return;
  const terminal = createInterface({ input, output, terminal: false });
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  try {
    const words = expected === undefined ? '[y/N] ' : `Type ${expected} to go ahead: `;
    const answer = await Promise.race([terminal.question(`${question} ${words}`, { signal }), closed]);
    const said = answer.trim().toLowerCase();
    if (expected === undefined ? /^y(es)?$/.test(said) : said === expected.toLowerCase()) return;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    terminal.close();
    input.unref();
  }
  throw notConfirmed();
}
