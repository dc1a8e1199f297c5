import { count } from '../../run/format.ts';
import type { Diagnosis, Finding } from './finding.ts';

/** A diagnosis as lines of plain text. Pure. */
export function diagnosisLines({ findings, looked, blind }: Diagnosis): string[] {
  return [
    ...findings.flatMap((finding, at) => [...findingLines(finding, at + 1), '']),
    'Looked at:',
    ...looked.map((line) => `  ${line}`),
    ...(blind.length > 0 ? ['', 'Not looked at:', ...blind.map(({ what, why }) => `  ${what}: ${why}`)] : []),
  ];
}

const findingLines = ({ cause, weight, summary, evidence, advice }: Finding, number: number): string[] => [
  `${number}. ${cause} (${weight}): ${summary}`,
  ...evidence.map((line) => `     ${line}`),
  ...advice.map((line) => `   → ${line}`),
];

/** What is wrong, as far as it is sure: what is only possible says nothing yet. Pure. */
export const troubles = ({ findings }: Diagnosis): Finding[] =>
  findings.filter(({ weight }) => weight !== 'possible');

/** In one sentence. Pure. */
export function diagnosisHeadline(diagnosis: Diagnosis): string {
  const { group, findings, blind } = diagnosis;
  const wrong = troubles(diagnosis);
  const unseen = blind.length > 0 ? `; ${count(blind.length, 'place')} could not be looked at` : '';
  if (wrong.length > 0) {
    const names = [...new Set(wrong.map(({ cause }) => cause))];
    return `${group}: ${names.join(', ')}${unseen}`;
  }
  const hints = findings.length > 0 ? `; ${count(findings.length, 'thing')} may be worth a look` : '';
  return `${group}: nothing wrong found${hints}${unseen}`;
}
