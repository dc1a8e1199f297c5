import { appendFileSync } from 'node:fs';

/**
 * Hands values to the following steps of a GitHub Actions job (GitHub: GITHUB_OUTPUT); elsewhere does nothing.
 * A value is written in one line.
 */
export function writeGithubOutput(values: Record<string, string>): void {
  const file = process.env.GITHUB_OUTPUT;
  if (!file) return;
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value.replaceAll('\n', ' ')}\n`);
  appendFileSync(file, lines.join(''));
}
