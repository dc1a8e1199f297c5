import type { types } from '@slack/bolt';
import type { ChatPostMessageArguments } from '@slack/web-api';
import { type Clock, systemClock } from '../run/clock.ts';
import { usageError } from '../run/errors.ts';
import { fetchUntil, patiently, REQUEST_TIMEOUT } from './transport.ts';

/** What is said. `text` is what notifications and screen readers have, and all there is without `blocks`; both are Slack's mrkdwn. */
export interface SlackMessage {
  text: string;
  blocks?: SlackBlock[];
}

export type SlackBlock = types.KnownBlock;

/** Where a message stands: what Slack's `chat.update` and threads name it by. */
export interface Posted {
  channel: string;
  ts: string;
}

/** One channel of Slack. Everything throws `SlackError`; what fails for a reason that passes is tried for a minute. */
export interface Slack {
  /** Whether messages can be edited and answered in a thread: a bot's can, a webhook's cannot. */
  readonly edits: boolean;
  /** Says something in the channel; undefined from a webhook, which is not told where it stands. */
  post(message: SlackMessage): Promise<Posted | undefined>;
  /** Replaces what was said. */
  update(posted: Posted, message: SlackMessage): Promise<void>;
  /** Says something in the thread of a message; `everybody`: in the channel, too. */
  thread(posted: Posted, message: SlackMessage, options?: { everybody?: boolean }): Promise<Posted>;
  /** A link to a message, for people; undefined where Slack does not tell. */
  linkTo(posted: Posted): Promise<string | undefined>;
  /** Gives up what is under way. */
  close(): void;
}

export interface SlackOptions {
  /** Address of an incoming webhook; used where there is no bot. */
  webhook?: string;
  botToken?: string;
  /** Channel that the bot writes to, by id or #name. */
  channel?: string;
  /** Default: https://slack.com/api/ */
  apiUrl?: string;
  clock?: Clock;
}

/** How to reach Slack as the environment says it (SLACK_BOT_TOKEN, SLACK_WEBHOOK_URL, SLACK_API_URL), or undefined where it does not. */
export function slackOptionsOf(
  environment: Record<string, string | undefined>,
  channel: string | undefined,
): SlackOptions | undefined {
  const webhook = environment.SLACK_WEBHOOK_URL || undefined;
  const botToken = environment.SLACK_BOT_TOKEN || undefined;
  if (webhook === undefined && (botToken === undefined || channel === undefined)) return undefined;
  return { webhook, botToken, channel, apiUrl: environment.SLACK_API_URL || undefined };
}

/** Opens a channel: by the bot where there is a token and a channel, else by the webhook. The SDK is loaded here. */
export async function openSlack(options: SlackOptions): Promise<Slack> {
  if (options.botToken !== undefined && options.channel !== undefined)
    return openBot(options.botToken, options.channel, options);
  if (options.webhook !== undefined) return openWebhook(options.webhook, options);
  throw usageError(
    'nothing to reach Slack by',
    'Set SLACK_BOT_TOKEN and `notify.slack.channel`, or SLACK_WEBHOOK_URL.',
  );
}

type Place = { channel: string } | { channel: string; thread_ts: string; reply_broadcast?: true };

async function openBot(token: string, channel: string, options: SlackOptions): Promise<Slack> {
  const { WebClient } = await import('@slack/web-api');
  const { silent } = await import('./silent.ts');
  const ended = new AbortController();
  const client = new WebClient(token, {
    slackApiUrl: options.apiUrl,
    fetch: fetchUntil(ended.signal),
    timeout: REQUEST_TIMEOUT,
    retryConfig: { retries: 0 },
    logger: silent,
  });
  const send = <T>(about: string, call: () => Promise<T>) =>
    patiently(call, { about, clock: options.clock ?? systemClock, signal: ended.signal });
  // Links to runs and pull requests would each open a box of their own.
  const quiet = { unfurl_links: false, unfurl_media: false };
  const say = async (message: SlackMessage, place: Place) => {
    const about = `the message to ${channel}`;
    const answer = await send(about, () =>
      client.chat.postMessage({ ...quiet, ...message, ...place } as ChatPostMessageArguments),
    );
    return { channel: answer.channel ?? channel, ts: answer.ts! };
  };
  return {
    edits: true,
    post: (message) => say(message, { channel }),
    thread: (posted, message, { everybody } = {}) =>
      say(message, {
        ...{ channel: posted.channel, thread_ts: posted.ts },
        ...(everybody && { reply_broadcast: true as const }),
      }),
    async update(posted, message) {
      await send(`the change of a message in ${channel}`, () =>
        client.chat.update({ ...message, ...posted }),
      );
    },
    async linkTo({ channel: where, ts }) {
      const asked = { channel: where, message_ts: ts };
      const answer = await send('the question for a link', () => client.chat.getPermalink(asked));
      return answer.permalink;
    },
    close: () => ended.abort(),
  };
}

async function openWebhook(url: string, options: SlackOptions): Promise<Slack> {
  const { IncomingWebhook } = await import('@slack/webhook');
  const ended = new AbortController();
  const webhook = new IncomingWebhook(url, { fetch: fetchUntil(ended.signal), timeout: REQUEST_TIMEOUT });
  const cannot = async () => {
    throw usageError('a webhook can neither edit nor answer messages', 'Set SLACK_BOT_TOKEN.');
  };
  return {
    edits: false,
    async post(message) {
      const context = { clock: options.clock ?? systemClock, signal: ended.signal };
      await patiently(() => webhook.send(message), { about: 'the message to the webhook', ...context });
      return undefined;
    },
    update: cannot,
    thread: cannot,
    linkTo: async () => undefined,
    close: () => ended.abort(),
  };
}
