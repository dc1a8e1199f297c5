import { formatDuration } from '../run/format.ts';
import type { Check } from './invariants.ts';

/** What came of one part of a rehearsal. */
export interface Tried {
  name: string;
  title: string;
  about: string;
  /** `left-out` says nothing about the configuration. */
  verdict: 'as-expected' | 'not-as-expected' | 'left-out';
  /** What happened, or why it was left out. */
  happened: string;
  /** What it means for the user. */
  means: string;
  /** What had to be so afterwards. */
  checks: Check[];
  /** What a command said besides, a line each. */
  details: readonly string[];
  durationMs: number;
}

/** The page has all of what a command said. */
const MOST_DETAILS = 8;
const MARK = { 'as-expected': '✓', 'not-as-expected': '✗', 'left-out': '–' } as const;

/** The table of a rehearsal for people, a line each. Pure. */
export function triedLines(tried: readonly Tried[]): string[] {
  const played = tried.filter(({ verdict }) => verdict !== 'left-out');
  const width = Math.max(...played.map(({ title }) => title.length));
  const reasons = new Set(
    tried.flatMap(({ verdict, happened }) => (verdict === 'left-out' ? [happened] : [])),
  );
  const without = (reason: string) =>
    tried.filter(({ verdict, happened }) => verdict === 'left-out' && happened === reason);
  return [
    ...played.flatMap((one) => playedLines(one, width)),
    ...[...reasons].flatMap((reason) => [
      `${MARK['left-out']} left out: ${without(reason)
        .map(({ name }) => name)
        .join(', ')}`,
      `${INDENT}${reason}`,
    ]),
  ];
}

const INDENT = '    ';

function playedLines(one: Tried, width: number): string[] {
  const { verdict, title, happened, means, checks, details, durationMs } = one;
  const passed = checks.filter(({ ok }) => ok).map(({ words }) => words);
  const lines = [
    happened,
    ...(passed.length > 0 ? [`✓ ${passed.join('; ')}`] : []),
    ...checks.filter(({ ok }) => !ok).map(({ name, words }) => `✗ ${name}: ${words}`),
    ...details.slice(-MOST_DETAILS).map((detail) => `│ ${detail}`),
    ...(means === '' ? [] : [`→ ${means}`]),
  ];
  return [
    `${MARK[verdict]} ${title.padEnd(width)}  ${formatDuration(durationMs)}`,
    ...lines.map((line) => `${INDENT}${line}`),
  ];
}

export const failedOf = (tried: readonly Tried[]): Tried[] =>
  tried.filter(({ verdict }) => verdict === 'not-as-expected');
