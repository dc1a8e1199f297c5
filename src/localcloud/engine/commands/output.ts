/** What Systems Manager keeps of a script's output, in characters, and how its agent marks the cut. */
const MOST_STDOUT = 24_000;
const MOST_STDERR = 8_000;
const MARK = '--output truncated--';

/** At most so many characters, mark included. */
export const cut = (text: string, most: number): string =>
  text.length <= most ? text : text.slice(0, most - MARK.length) + MARK;

export const kept = (stdout: string, stderr: string) => ({
  stdout: cut(stdout, MOST_STDOUT),
  stderr: cut(stderr, MOST_STDERR),
});
