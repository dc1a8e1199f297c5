import { formatDuration } from '../../run/format.ts';
import type { SmokeFact, Story, StoryStep } from '../html/story.ts';
import { broughtBy } from './outcome.ts';

const MARK = { done: '✅', failed: '❌', skipped: '➖', running: '❔' };
/** GitHub shows a summary of at most 1 MiB for each step; who needs more has the page. */
const DETAILS_KEPT = 60;

/** The summary of a run for the page of a job: Markdown, as GitHub writes it. `command` names a run that did not begin. */
export function jobSummary(story: Story, command: string): string {
  const { started, finished } = story;
  const name = started?.command ?? command;
  const where = started ? ` ${started.project}${environmentWords(started)}` : '';
  return [
    `### ${finished?.ok ? '✅' : '❌'} bake ${name}${plain(where)}`,
    `**${plain(finished?.headline ?? 'not ended')}**`,
    ...failureParts(finished),
    factsTable(story),
    ...list('Changed', finished?.changed ?? []),
    ...list(
      'Warnings',
      story.remarks.filter(({ kind }) => kind === 'warning').map(({ text }) => text),
    ),
    ...checksPart(story.steps.flatMap(({ checks }) => checks)),
    ...stepsPart(story.steps),
    ...((finished?.next.length ?? 0) > 0 ? ['Next:', fenced(finished!.next)] : []),
    '',
  ].join('\n\n');
}

type Finished = Story['finished'];

const environmentWords = ({ environment }: { environment: string }): string =>
  environment === 'default' ? '' : `, ${environment}`;

function failureParts(finished: Finished): string[] {
  const error = finished?.error;
  if (!error) return [];
  const details = error.details.flatMap((detail) => detail.split('\n'));
  const more = details.length > DETAILS_KEPT ? [`… ${details.length - DETAILS_KEPT} more lines`] : [];
  return [
    quoted(error.message),
    ...(details.length > 0 ? [fenced([...details.slice(0, DETAILS_KEPT), ...more])] : []),
    ...(error.hint === undefined ? [] : [`→ ${plain(error.hint)}`]),
  ];
}

function factsTable(story: Story): string {
  const { started, finished, facts } = story;
  const { strategy, release, imageId, group, previousGroup, version, previousVersion } = broughtBy(story);
  const image = imageId ?? (facts.get('image') as string | undefined);
  const versions = [previousVersion, version].filter((one) => one !== undefined).join(' → ');
  const rows: [string, string | undefined][] = [
    ['Release', release ?? (facts.get('release') as string | undefined)],
    ['Image', image && code(image)],
    ['Strategy', strategy],
    ['Group', [previousGroup, group].filter((one) => one !== undefined).join(' → ')],
    ['Launch template version', versions],
    ['Cloud', started && (started.cloud === 'none' ? 'servers' : `${started.cloud} ${started.region}`)],
    ['Took', finished && formatDuration(finished.durationMs)],
    ['Run', code(story.run)],
    ['Page', finished?.report && code(finished.report)],
  ];
  return table(
    ['', ''],
    rows.flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}

function checksPart(checks: SmokeFact[]): string[] {
  const marks: Record<string, string> = { passed: '✅', failed: '❌' };
  const rows = checks.map(({ name, about, verdict, summary }) => [
    marks[verdict] ?? '❔',
    cell(about === undefined ? name : `${name} ${about}`),
    cell(summary),
  ]);
  return rows.length === 0 ? [] : ['**Smoke tests**', table(['', 'Test', 'Found'], rows)];
}

/** The outermost steps, and those within them that failed. */
function stepsPart(steps: StoryStep[]): string[] {
  const rows = steps
    .filter(({ depth, state }) => depth === 0 || state === 'failed')
    .map(({ title, state, words = '', depth, startedAt, endedAt }) => [
      MARK[state],
      `${'&emsp;'.repeat(depth)}${cell(title)}`,
      cell(words),
      endedAt === undefined || state === 'skipped' ? '' : formatDuration(endedAt - startedAt),
    ]);
  if (rows.length === 0) return [];
  return [`<details><summary>Steps</summary>`, table(['', 'Step', '', 'Took'], rows), '</details>'];
}

const list = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`**${title}**`, lines.map((line) => `- ${plain(line)}`).join('\n')];

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Without what Markdown and HTML would make something else of; `commands` stay what they are. */
const plain = (text: string): string =>
  text
    .split(/(`[^`\n]+`)/)
    .map((part, index) => (index % 2 === 1 ? part : escaped(part)))
    .join('');

const HTML: Record<string, string> = { '<': '&lt;', '&': '&amp;' };
const escaped = (text: string): string =>
  text.replaceAll(/[\\`*_[\]<>|~&]/g, (letter) => HTML[letter] ?? `\\${letter}`);

const cell = (text: string): string =>
  plain(text)
    .replaceAll(/(?<!\\)\|/g, '\\|')
    .replaceAll('\n', '<br>');
const code = (text: string): string => `\`${text}\``;
const quoted = (text: string): string =>
  text
    .split('\n')
    .map((line) => `> ${plain(line)}`)
    .join('\n');

/** A block that ends where the text does, whatever fences are in it. */
function fenced(lines: readonly string[]): string {
  const longest = Math.max(
    2,
    ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)),
  );
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines, fence].join('\n');
}
