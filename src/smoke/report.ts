/** `inconclusive`: nothing was seen that proves the new release wrong, nor anything that proves it right. It does not pass a gate. */
export type Verdict = 'passed' | 'failed' | 'inconclusive';

/** What one smoke test found. */
export interface SmokeCheck {
  name: 'sqs' | 'logs' | 'http' | 'command';
  /** Which one, where there may be several: "GET /health", "`systemctl is-active web`". */
  about?: string;
  verdict: Verdict;
  /** One sentence. */
  summary: string;
  /** Log lines and the like. */
  details: string[];
  /** Where every new instance is tested: what became of each. */
  instances?: InstanceVerdict[];
}

/** What became of the test on one instance. */
export interface InstanceVerdict {
  id: string;
  verdict: Verdict;
  /** What was wrong with it. */
  reason?: string;
}

/** What all smoke tests found. */
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

/** Every test's result, a line each, with the lines that explain it below. Pure. */
export const reportLines = (report: SmokeReport): string[] =>
  report.checks.flatMap(({ name, verdict, summary, details }) => [
    `${MARKS[verdict]} ${name.padEnd(7)}  ${summary}`,
    ...(verdict === 'passed' ? [] : details.map((line) => `    ${line}`)),
  ]);

const MARKS = { passed: '✓', failed: '✗', inconclusive: '?' };
