import { count } from '../../../run/format.ts';
import { logLines } from '../../../smoke/log-lines.ts';
import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';

/** Errors in the logs, the same ones once with their number. Alone they prove nothing: many a healthy fleet logs some. Pure. */
export function errorsInLogs({ errors }: Facts): Finding[] {
  if (errors.length === 0) return [];
  return [
    {
      cause: 'errors in the logs',
      weight: 'possible',
      summary: `${count(errors.length, 'error')} in the logs of the last hour`,
      evidence: logLines(errors),
      advice: [
        '`bake smoke` with smoke.logs.compare tells whether a release logs more of them than the one before.',
      ],
    },
  ];
}
