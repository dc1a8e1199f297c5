import type { App as BoltApp } from '@slack/bolt';
import { messageOf } from '../run/errors.ts';
import { type SlackError, slackErrorOf } from '../slack/errors.ts';
import { silent } from '../slack/silent.ts';
import { REQUEST_TIMEOUT } from '../slack/transport.ts';
import type { ChatBot } from './bot.ts';
import { doorOf, type Reach } from './door.ts';
import type { Member } from './members.ts';
import { GO, LEAVE } from './words.ts';

/** The bot in its workspace. */
export interface ChatApp {
  /** The workspace that it is of. */
  team: string | undefined;
  /** Who somebody is. */
  member(user: string): Promise<Member | undefined>;
  /** Takes what Slack sends from now on; resolves with where it is reached. Throws `SlackError` and usage errors. */
  start(bot: ChatBot, lost: (error: SlackError) => void): Promise<string>;
  /** Takes nothing more. */
  stop(): Promise<void>;
}

/** Events whose delivery Slack repeats when it has heard nothing within three seconds; as many are remembered. */
const REMEMBERED = 500;

/**
 * Makes the app with Slack's own framework (Bolt), which checks signatures and their age, acknowledges, and keeps the socket open.
 * Throws `SlackError` where the token is not taken.
 */
export async function openChat(
  { botToken, apiUrl, reach }: { botToken: string; apiUrl?: string; reach: Reach },
  note: (line: string) => void,
): Promise<ChatApp> {
  const [{ App }, { WebClient }] = await Promise.all([import('@slack/bolt'), import('@slack/web-api')]);
  const request = { slackApiUrl: apiUrl, timeout: REQUEST_TIMEOUT, retryConfig: { retries: 2 } };
  const clientOptions = { ...request, logger: silent };
  const client = new WebClient(botToken, clientOptions);
  const door = await doorOf(reach, apiUrl);
  const { user_id, bot_id, team_id } = await client.auth.test().catch((error: unknown) => {
    throw slackErrorOf(error, 'the bot token');
  });
  const app: BoltApp = new App({
    ...{ token: botToken, botId: bot_id, botUserId: user_id, tokenVerificationEnabled: false },
    ...{ receiver: door.receiver, logger: silent, clientOptions, convoStore: false },
  });
  app.error(async (error) => note(`not answered: ${messageOf(error)}`));
  return {
    team: team_id,
    async member(user) {
      const answer = await client.users.info({ user }).catch((error: unknown) => {
        throw slackErrorOf(error, `the question who ${user} is`);
      });
      return answer.user;
    },
    start(bot, lost) {
      listen(app, bot);
      return door.open(app.start.bind(app), { note, lost });
    },
    async stop() {
      await app.stop();
    },
  };
}

/** What is done with what Slack sends. Nothing waits for the bot: Slack is answered at once. */
function listen(app: BoltApp, bot: ChatBot): void {
  const seen = new Set<string>();
  const isNew = (id: string): boolean => {
    if (seen.has(id)) return false;
    seen.add(id);
    for (const oldest of seen) {
      if (seen.size <= REMEMBERED) break;
      seen.delete(oldest);
    }
    return true;
  };

  app.event('app_mention', async ({ event, body }) => {
    const { user, channel, text, thread_ts: thread, bot_id } = event;
    if (user === undefined || bot_id !== undefined || !isNew(body.event_id)) return;
    // Slack lets a bot speak to one person only where that person used a command or a button.
    void bot.hear({ user, channel, text, thread, privately: async () => {} });
  });

  app.command(/^\//, async ({ command, ack, respond }) => {
    await ack();
    const { user_id: user, channel_id: channel, text } = command;
    const privately = async (message: object) =>
      void (await respond({ response_type: 'ephemeral', ...message }));
    void bot.hear({ user, channel, text, privately });
  });

  for (const [id, how] of [
    [GO, 'go'],
    [LEAVE, 'leave'],
  ] as const) {
    app.action<import('@slack/bolt').BlockButtonAction>(id, async ({ action, body, ack, respond }) => {
      await ack();
      const { channel, message, user } = body;
      if (!channel || !message) return;
      const privately = async (said: object) =>
        void (await respond({ response_type: 'ephemeral', replace_original: false, ...said }));
      const posted = { channel: channel.id, ts: message.ts };
      void bot.press({ user: user.id, question: action.value ?? '', how, posted, privately });
    });
  }
}
