import type { NeededAction } from '../../clouds/cloud.ts';
import { count, formatDuration } from '../../run/format.ts';
import { together } from './duration.ts';
import type { RolloutPlan } from './plan.ts';

/** A plan as lines of plain text. Pure. */
export function planLines(plan: RolloutPlan): string[] {
  const sections = plan.nothing
    ? [section('warnings', plan.warnings)]
    : [
        section(templateTitle(plan), templateLines(plan)),
        section('capacity', capacityLines(plan)),
        section(`time: ${timeWords(plan)}`, stepLines(plan)),
        section(
          'smoke tests, at every gate',
          plan.tests.map(({ words }) => words),
        ),
        section(
          'hooks',
          plan.hooks.map(({ when, run }) => `${when}  ${run.trim().split('\n')[0]}`),
        ),
        section('warnings', plan.warnings),
        section('may the caller do it?', actionLines(plan.actions)),
      ];
  return sections.flat();
}

/** In one sentence. */
export function planHeadline({ nothing, release, group, capacity, ...plan }: RolloutPlan): string {
  if (nothing)
    return `nothing to do: release ${release} runs on ${count(capacity.desired, 'instance')} of ${group}`;
  const { least } = together(plan.steps);
  const how =
    plan.strategy === 'rolling'
      ? `would replace ${count(capacity.toReplace, 'instance')} of ${group}`
      : `would come to ${plan.newGroup} beside ${group}, and take its place`;
  return `release ${release} ${how}, in about ${formatDuration(least)}`;
}

const section = (title: string, lines: string[]): string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), ''];

const templateTitle = ({ version, previous }: RolloutPlan): string =>
  version === undefined
    ? `launch template: a new version from version ${previous.version}`
    : version === previous.version
      ? `launch template: version ${version}, as it is`
      : `launch template: version ${previous.version} → ${version}, which exists`;

function templateLines({ template: { fields, userData } }: RolloutPlan): string[] {
  const lines = [
    ...fields,
    ...(userData.length > 0 ? ['user data', ...userData.map((line) => `  ${line}`)] : []),
  ];
  return lines.length > 0 ? lines : ['no difference'];
}

function capacityLines({ capacity, strategy, group, newGroup }: RolloutPlan): string[] {
  const { desired, min, max, toReplace, batch, batches, launchesFirst, least, most, overMax, extraHours } =
    capacity;
  const wanted = `${count(desired, 'instance')} wanted (${min} to ${max})`;
  if (strategy === 'blue-green')
    return [
      `${group} has ${wanted}; ${newGroup} gets as many: ${most} until the old colour is gone, ${hours(extraHours)} more`,
      `the account's limits and the subnets must have room for ${most - desired} more`,
    ];
  const order = launchesFirst ? 'launching before terminating' : 'terminating before launching';
  return [
    `${wanted}, ${toReplace} to replace, ${batch} at a time in ${count(batches, 'batch', 'batches')}, ${order}`,
    `between ${least} and ${count(most, 'instance')} at any time${extraHours > 0 ? `, ${hours(extraHours)} more` : ''}`,
    ...(overMax > 0
      ? [`${overMax} above the group's maximum of ${max}: a refresh goes beyond it for that time`]
      : []),
  ];
}

const hours = (n: number) => `${n < 0.1 ? '0.1' : n < 10 ? n.toFixed(1) : Math.round(n)} instance hours`;

function timeWords({ steps }: RolloutPlan): string {
  const { least, most } = together(steps);
  return most > least
    ? `about ${formatDuration(least)}, up to ${formatDuration(most)}`
    : `about ${formatDuration(least)}`;
}

function stepLines({ steps }: RolloutPlan): string[] {
  const width = Math.max(...steps.map(({ name }) => name.length));
  return steps.map(({ name, least, most }) => {
    const time = least === 0 ? `up to ${formatDuration(most)}` : formatDuration(least);
    return `${name.padEnd(width)}  ${time}${least > 0 && most > least ? `, up to ${formatDuration(most)}` : ''}`;
  });
}

/** What was asked first; then what could only be listed, by the policy file that grants it. */
function actionLines(actions: NeededAction[]): string[] {
  const asked = actions.filter(({ allowed, answer }) => allowed !== undefined || answer !== undefined);
  const listed = actions.filter((action) => !asked.includes(action));
  const files = [...new Set(listed.map(filesOf))];
  return [
    ...asked.map(answerLine),
    ...files.flatMap((file) => {
      const granted = listed.filter((action) => filesOf(action) === file);
      const purposes = [...new Set(granted.map(({ purpose }) => purpose))];
      return [
        `these cannot be asked beforehand; ${file === '' ? 'no policy of bake grants them' : `${file} grants them`}:`,
        ...purposes.map((purpose) => {
          const names = granted.filter((one) => one.purpose === purpose).map(({ action }) => action);
          return `  ${purpose}: ${names.join(', ')}`;
        }),
      ];
    }),
  ];
}

const filesOf = ({ policies }: NeededAction): string => policies.join(', ');

function answerLine(asked: NeededAction): string {
  const { action, purpose, allowed, answer } = asked;
  if (allowed) return `✓ ${action}, to ${purpose}: yes (dry run)`;
  const granting = filesOf(asked) === '' ? '' : ` (${filesOf(asked)} grants it)`;
  return allowed === undefined
    ? `? ${action}, to ${purpose}: could not be asked: ${answer}`
    : `✗ ${action}, to ${purpose}: no: ${answer}${granting}`;
}
