import type { PolicyAlarm, ScalingPolicy, ScalingSchedule, StepScaling, Watched } from '../clouds/cloud.ts';

/** "keeps visible / instances at 10"; "visible / instances from 50 to 200: +50 %, from 200 on: +100 %". */
export function policyWords({ rule }: ScalingPolicy): string {
  if (rule.kind === 'other') return 'of another kind';
  if (rule.kind === 'target-tracking')
    return `keeps ${watchedWords(rule.watched)} at ${rule.target}${rule.scaleIn ? '' : ', never takes instances away'}`;
  const [alarm] = rule.alarms;
  const steps = stepWords(rule, alarm).join(', ');
  return alarm ? `${watchedWords(alarm.watched)} ${steps}` : steps;
}

/** What each step does between which values of the metric. */
export const stepWords = ({ steps, adjust }: StepScaling, alarm: PolicyAlarm | undefined): string[] =>
  steps.map(({ lower, upper, by }) => {
    const [from, to] = [lower, upper].map((bound) => bound !== undefined && bound + (alarm?.threshold ?? 0));
    const where = [
      from === false ? '' : `from ${from}`,
      to === false ? 'on' : `${from === false ? 'up ' : ''}to ${to}`,
    ];
    return `${where.filter(Boolean).join(' ')}: ${adjust === 'exact' || by < 0 ? '' : '+'}${by}${UNITS[adjust]}`;
  });

const UNITS = { percent: ' %', instances: '', exact: ' instances' };

const watchedWords = (watched: Watched): string =>
  'expression' in watched ? watched.expression : watched.name;

/** "0 8 * * 1-5 Asia/Tokyo, min 3". */
export const scheduleWords = ({ recurrence, timeZone, min, max, desired }: ScalingSchedule): string =>
  [
    `${recurrence} ${timeZone}`,
    ...Object.entries({ min, max, desired }).flatMap(([name, size]) =>
      size === undefined ? [] : [`${name} ${size}`],
    ),
  ].join(', ');
