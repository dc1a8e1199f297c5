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

const MARK = { 'as-expected': '✓', 'not-as-expected': '✗', 'left-out': '–' } as const;

/** The table of a rehearsal for people, a line each. Pure. */
export function triedLines(tried: readonly Tried[]): string[] {
  const width = Math.max(...tried.map(({ title }) => title.length));
  const took = ({ verdict, durationMs }: Tried) => (verdict === 'left-out' ? '' : formatDuration(durationMs));
  return tried.flatMap((one) => {
    const { verdict, title, happened, means, checks, details } = one;
    const indent = '    ';
    const failed = checks.filter(({ ok }) => !ok).map(({ name, words }) => `${indent}✗ ${name}: ${words}`);
    const line = `${MARK[verdict]} ${title.padEnd(width)}  ${took(one)}`.trimEnd();
    if (verdict === 'left-out') return [`${line}  left out: ${happened}`];
    const passed = checks.filter(({ ok }) => ok).map(({ words }) => words);
    return [
      line,
      `${indent}${happened}`,
      ...(passed.length > 0 ? [`${indent}✓ ${passed.join('; ')}`] : []),
      ...failed,
      ...(verdict === 'not-as-expected' ? details.slice(-8).map((detail) => `${indent}│ ${detail}`) : []),
      ...(means === '' ? [] : [`${indent}→ ${means}`]),
    ];
  });
}

export const failedOf = (tried: readonly Tried[]): Tried[] =>
  tried.filter(({ verdict }) => verdict === 'not-as-expected');
