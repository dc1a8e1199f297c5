import type { ScalingPolicy, ScalingSchedule, Watched } from '../clouds/cloud.ts';

/** "keeps visible / instances at 10", "from 100: +50 %, from 500: +100 %". */
export function policyWords({ rule }: ScalingPolicy): string {
  if (rule.kind === 'other') return 'of another kind';
  if (rule.kind === 'target-tracking')
    return `keeps ${watchedWords(rule.watched)} at ${rule.target}${rule.scaleIn ? '' : ', never takes instances away'}`;
  const [alarm] = rule.alarms;
  const steps = rule.steps.map(({ lower, upper, by }) => {
    const from = (alarm?.threshold ?? 0) + ((alarm?.comparison === 'below' ? upper : lower) ?? 0);
    return `${alarm?.comparison ?? 'above'} ${from}: ${by > 0 && rule.adjust !== 'exact' ? '+' : ''}${by}${UNITS[rule.adjust]}`;
  });
  return `${alarm ? `${watchedWords(alarm.watched)} ` : ''}${steps.join(', ')}`;
}

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
