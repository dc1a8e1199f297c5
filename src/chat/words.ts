import type { Project } from '../config/schema.ts';
import { BakeError, messageOf } from '../run/errors.ts';
import { formatDuration } from '../run/format.ts';
import { context, section } from '../slack/blocks.ts';
import type { SlackBlock, SlackMessage } from '../slack/post.ts';
import { clip, codeBlock, escapeText } from '../slack/text.ts';
import type { Finished } from './child.ts';
import type { ChatCommand } from './command.ts';
import type { Answer, Matter } from './desk.ts';

export const person = (user: string): string => `<@${user}>`;

/** The buttons' names, by which their presses come back. */
export const GO = 'bake.go';
export const LEAVE = 'bake.leave';

/** A message of lines, the first of which notifications show. */
export const lines = (...all: string[]): SlackMessage => ({
  text: clip(all[0]!),
  blocks: [section(all.join('\n'))],
});

export const help = (environments: readonly string[]): SlackMessage =>
  lines(
    '*What I do*, with everybody looking on:',
    '`deploy ENVIRONMENT` opens the pull request that releases to it, or brings it up to date; merging it rolls it out',
    '`status [ENVIRONMENT]` says what runs where',
    '`rollback ENVIRONMENT [to RELEASE]` goes back to the last verified release, or to that one',
    '`cutover ENVIRONMENT [emergency]` puts the other colour in front; `emergency` does not wait for it to be healthy',
    `Environments: ${environments.length === 0 ? 'only one, which need not be named' : environments.map(escapeText).join(', ')}`,
  );

export function unclear(near: string | undefined): SlackMessage {
  return lines(
    near === undefined ? 'I do not understand that.' : `I do not understand that. Did you mean \`${near}\`?`,
    '`help` says what I do.',
  );
}

export const whichEnvironment = (environments: readonly string[]): SlackMessage =>
  lines(`Which environment? There is ${environments.map((name) => `*${escapeText(name)}*`).join(', ')}.`);

/** Why something was not even begun: what bake.yaml or Slack has against it. */
export function trouble(error: unknown): SlackMessage {
  const hint = error instanceof BakeError && error.hint !== undefined ? [`→ ${escapeText(error.hint)}`] : [];
  return lines(`:x: ${escapeText(messageOf(error))}`, ...hint);
}

export function notAllowed(user: string, { config, environment }: Project): SlackMessage {
  const { allow } = config.chat;
  const who = (allow[environment] ?? allow['*'])?.map(person).join(', ');
  return lines(
    `:no_entry: ${person(user)}, you may not change *${escapeText(environment)}*.`,
    who === undefined
      ? 'Members of this workspace may, guests may not.'
      : who === ''
        ? 'Nobody may by chat.'
        : `These may: ${who}.`,
  );
}

export const elsewhere = (channel: string | undefined): SlackMessage =>
  lines(
    channel === undefined
      ? 'Changes are asked for in a channel that I am in, where everybody sees them.'
      : `Changes are asked for in <#${channel}>, where everybody sees them.`,
  );

export const inTheWay = (
  { what, user, since }: Matter,
  now: number,
  link: string | undefined,
): SlackMessage =>
  lines(
    `:hourglass: One at a time: ${person(user)} has asked to ${escapeText(what)} ${formatDuration(now - since)} ago${link === undefined ? '' : `, <${link}|here>`}.`,
  );

export const stopping: SlackMessage = lines('I am being stopped. Ask again in a minute.');

/** A button of a question that is not open: answered a moment ago, or asked by a bot that has been stopped since. */
export const tooLate: SlackMessage = lines(
  'That question is not open any more: this press did nothing. The message says what became of it, else ask again.',
);

/** "roll back production to v41" */
export function whatOf(command: ChatCommand, environment: string): string {
  switch (command.kind) {
    case 'rollback':
      return `roll back ${environment}${command.release === undefined ? '' : ` to ${command.release}`}`;
    case 'cutover':
      return `put the other colour of ${environment} in front${command.emergency ? ', healthy or not' : ''}`;
    default:
      return `${command.kind} ${environment}`;
  }
}

/** The question before a change, with its buttons. `looked`: what is there now. */
export function question(
  { what, user }: Matter,
  { id, looked, within }: { id: string; looked: string[]; within: number },
): SlackMessage {
  const asks = `:question: ${person(user)} asks to *${escapeText(what)}*.`;
  return {
    text: asks,
    blocks: [
      section([asks, ...looked.map(escapeText)].join('\n')),
      {
        type: 'actions',
        elements: [
          button(GO, what[0]!.toUpperCase() + what.slice(1), id, 'danger'),
          button(LEAVE, 'Leave it as it is', id),
        ],
      },
      context(`Whoever may change it may press, within ${formatDuration(within)}.`),
    ],
  };
}

const button = (action_id: string, text: string, value: string, style?: 'danger') => ({
  ...{ type: 'button' as const, action_id, value, ...(style && { style }) },
  text: { type: 'plain_text' as const, text: clip(text, 75) },
});

/** The question once it is answered with no: nothing is done, and there is nothing left to press. */
export function leftAlone({ what, user }: Matter, answer: Answer): SlackMessage {
  const why =
    'user' in answer
      ? `${person(answer.user)} called it off`
      : { late: 'nobody confirmed it in time', stopped: 'the bot was stopped' }[answer.how];
  return lines(
    `:heavy_minus_sign: ${person(user)} asked to *${escapeText(what)}*; ${why}. Nothing was changed.`,
  );
}

export const begins = ({ what }: Matter, who: string): SlackMessage => ({
  text: `:hourglass_flowing_sand: ${escapeText(what)}: begins`,
  blocks: [section(`:hourglass_flowing_sand: *${escapeText(what)}*`), context(who)],
});

/** How a command that only looks ended. */
export function looked(end: Finished, rows: readonly string[]): SlackMessage {
  const mark = end.error ? ':x:' : end.ok ? ':mag:' : ':warning:';
  const first = `${mark} *${escapeText(end.headline)}*`;
  const why = end.error
    ? [escapeText(end.error.message), ...(end.error.hint ? [`→ ${escapeText(end.error.hint)}`] : [])]
    : [];
  const table: SlackBlock[] = rows.length === 0 ? [] : [section(codeBlock(rows))];
  return { text: clip(first), blocks: [section([first, ...why].join('\n')), ...table] };
}

/** The fact `release.pull` of `bake release`. */
export interface ReleasePull {
  pull?: { number: number; url: string };
  changes: { key: string; title: string; url: string; author: string; ticked: boolean }[];
}

/** More of them would be a wall; the pull request has them all. */
const MOST_CHANGES = 20;

/** The pull request of a release, with its boxes. */
export function released(
  end: Finished,
  release: ReleasePull | undefined,
  { user, environment }: Matter,
): SlackMessage {
  if (end.error || !release) return looked(end, []);
  const first = `:package: *${escapeText(end.headline)}*`;
  const { pull, changes } = release;
  if (!pull) return lines(first, ...end.changed.map(escapeText));
  const shown = changes
    .slice(0, MOST_CHANGES)
    .map(
      ({ key, title, url, author, ticked }) =>
        `${ticked ? ':white_check_mark:' : ':white_large_square:'} <${url}|${escapeText(key.slice(0, 7))}> ${escapeText(clip(title, 80))} (${escapeText(author)})`,
    );
  const more = changes.length > MOST_CHANGES ? [`… and ${changes.length - MOST_CHANGES} more`] : [];
  return {
    text: clip(first),
    blocks: [
      section([first, ...shown, ...more].join('\n')),
      context(
        `<${pull.url}|Merging #${pull.number}> rolls out *${escapeText(environment)}* · asked for by ${person(user)}`,
      ),
    ],
  };
}
