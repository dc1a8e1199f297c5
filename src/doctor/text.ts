import { count } from '../run/format.ts';
import { type Check, GROUPS } from './check.ts';

const MARKS = { ok: '✓', open: '!', missing: '✗' } as const;

/** What was found, by group, a line each; under it what to do. `mark` may colour. */
export function checkLines(
  checks: readonly Check[],
  mark: (state: Check['state'], text: string) => string = (_, text) => text,
): string[] {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  return GROUPS.flatMap((group) => {
    const own = checks.filter((check) => check.group === group);
    return own.length === 0 ? [] : [group, ...own.flatMap((check) => linesOf(check, width, mark))];
  });
}

function linesOf(
  { name, state, found, todo, details = [] }: Check,
  width: number,
  mark: (state: Check['state'], text: string) => string,
): string[] {
  const indent = ' '.repeat(width + 6);
  return [
    `  ${mark(state, MARKS[state])} ${name.padEnd(width)}  ${found}`,
    ...details.map((detail) => `${indent}${detail}`),
    ...(todo === undefined ? [] : [`${indent}→ ${todo}`]),
  ];
}

/** The end of the story. */
export function verdict(checks: readonly Check[]): string {
  const missing = checks.filter(({ state }) => state === 'missing').length;
  const open = checks.filter(({ state }) => state === 'open').length;
  const more = open === 0 ? '' : `; ${count(open, 'thing')} (marked !) may be missed`;
  return missing === 0
    ? `everything that is needed is there${more}`
    : `${count(missing, 'thing')} that ${missing === 1 ? 'is' : 'are'} needed ${missing === 1 ? 'is' : 'are'} missing (marked ✗)${more}`;
}
