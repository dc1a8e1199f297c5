import { context, section } from '../../slack/blocks.ts';
import type { SlackMessage } from '../../slack/post.ts';
import { clip, codeBlock, escapeText } from '../../slack/text.ts';
import { progressText } from '../lines.ts';
import type { ChannelStory } from './story.ts';

/** The message of a run in the channel, as the run stands now. */
export function runMessage(story: ChannelStory): SlackMessage {
  const { mark, headline, more } = story.end ? ended(story.end) : underWay(story);
  const lines = [`${mark} *${escapeText(headline)}*`, ...more];
  return {
    text: clip(`${mark} ${escapeText(`${whatOf(story)}: ${headline}`)}`),
    blocks: [section(lines.join('\n')), context(aboutOf(story))],
  };
}

/** "rollout of quickstart, production" */
function whatOf({ begin: { command, project, environment } }: ChannelStory): string {
  return `${command} of ${project}${environment === 'default' ? '' : `, ${environment}`}`;
}

function aboutOf(story: ChannelStory): string {
  const { begin, run, who } = story;
  const where = begin.cloud === 'none' ? [] : [`${begin.cloud} ${begin.region}`];
  const job = who.link === undefined ? [] : [`<${who.link}|job>`];
  const what = begin.environment === 'default' ? begin.project : `${begin.project} *${begin.environment}*`;
  return [`bake ${begin.command}`, what, ...where, who.words, `run ${run}`, ...job].join(' · ');
}

function underWay({ open, undoing }: ChannelStory): Words {
  const [outer, ...inner] = open;
  const mark = undoing ? ':leftwards_arrow_with_hook:' : ':hourglass_flowing_sand:';
  const headline = outer?.title ?? 'begins';
  const progress = outer?.progress ? [bar(outer.progress.percent), progressText(outer.progress)] : [];
  const within = inner.map(({ title, progress: at }) => `› ${title}${at ? `: ${progressText(at)}` : ''}`);
  const more = [progress.filter(Boolean).map(escapeText).join(' '), ...within.map(escapeText)];
  return { mark, headline, more: more.filter(Boolean) };
}

interface Words {
  mark: string;
  headline: string;
  more: string[];
}

/** "▓▓▓░░░░░░░" */
const bar = (percent: number | undefined): string =>
  percent === undefined ? '' : '▓'.repeat(Math.round(percent / 10)).padEnd(10, '░');

function ended({ ok, headline, changed, next, error }: NonNullable<ChannelStory['end']>): Words {
  if (ok)
    return { mark: ':white_check_mark:', headline, more: [...changed.map(escapeText), ...nextLines(next)] };
  const mark = error?.exitCode === 130 ? ':octagonal_sign:' : ':x:';
  const hint = error?.hint === undefined ? [] : [`→ ${escapeText(error.hint)}`];
  const reason = error ? [clip(escapeText(error.message), 1_500)] : [];
  return { mark, headline, more: [...reason, ...hint, ...nextLines(next)] };
}

/** A command to type, and what it does. */
const nextLines = (next: readonly string[]): string[] =>
  next.map((line) => {
    const [command = '', comment] = escapeText(line).split(/\s+#\s/);
    return `\`${command}\`${comment === undefined ? '' : ` ${comment}`}`;
  });

/** What stands in the thread at the end: every step with its time, and what is worth reading of a failure. */
export function detailMessages(story: ChannelStory): SlackMessage[] {
  const details = story.end?.error?.details ?? [];
  const blocks = [
    { title: 'Steps', lines: story.lines },
    { title: 'What is worth reading', lines: details.flatMap((detail) => detail.split('\n')) },
  ];
  return blocks
    .filter(({ lines }) => lines.length > 0)
    .map(({ title, lines }) => ({ text: title, blocks: [section(`*${title}*`), section(codeBlock(lines))] }));
}

/** A failure as it is said to everybody in the channel, under the message that was only edited and which nobody was told of. */
export function failureNotice(story: ChannelStory): SlackMessage {
  const { headline, error } = story.end!;
  return {
    text: clip(
      `:x: *${escapeText(`${whatOf(story)}: ${headline}`)}*${error ? `\n${escapeText(error.message)}` : ''}`,
    ),
  };
}
