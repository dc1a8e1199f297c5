import type { NotifyConfig } from '../../config/schema.ts';
import { originOf } from '../../run/origin.ts';
import { openSlack, slackOptionsOf } from '../../slack/post.ts';
import { escapeText } from '../../slack/text.ts';
import type { Reporter } from '../reporter.ts';
import type { RunBegin } from '../team.ts';
import { slackReporter } from './reporter.ts';

/** The reporter for Slack, where bake.yaml wants this command told and the environment says how to reach Slack; else undefined. */
export async function openSlackReporter(
  { slack: wanted }: NotifyConfig,
  begin: RunBegin,
  warn: (message: string) => void,
): Promise<Reporter | undefined> {
  const options = wanted && slackOptionsOf(process.env, wanted.channel);
  if (!options || !wanted.commands.some((command) => command === begin.command)) return undefined;
  const { by, link } = originOf(process.env);
  const who = { words: `by ${escapeText(by)}`, link };
  return slackReporter(await openSlack(options), { begin, warn, who });
}
