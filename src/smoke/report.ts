/** `inconclusive`: nothing was seen that proves the new release wrong, nor anything that proves it right. It does not pass a gate. */
export type Verdict = 'passed' | 'failed' | 'inconclusive';

export interface SmokeCheck {
  name: 'sqs' | 'logs';
  verdict: Verdict;
  /** One sentence. */
  summary: string;
  /** Log lines and the like. */
  details: string[];
}

export interface SmokeReport {
  verdict: Verdict;
  checks: SmokeCheck[];
}

/** The worst of its checks decides. */
export function reportOf(checks: SmokeCheck[]): SmokeReport {
  const has = (verdict: Verdict) => checks.some((check) => check.verdict === verdict);
  return { checks, verdict: has('failed') ? 'failed' : has('inconclusive') ? 'inconclusive' : 'passed' };
}

/** One sentence for a report that did not pass. */
export const failureOf = (report: SmokeReport): string =>
  report.checks
    .filter((check) => check.verdict !== 'passed')
    .map((check) =>
      check.verdict === 'inconclusive' ? `inconclusive (${check.name}): ${check.summary}` : check.summary,
    )
    .join('; ');
