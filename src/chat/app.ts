import type { App as BoltApp, Receiver } from '@slack/bolt';
import { messageOf } from '../run/errors.ts';
import { slackErrorOf } from '../slack/errors.ts';
import { silent } from '../slack/silent.ts';
import { REQUEST_TIMEOUT } from '../slack/transport.ts';
import type { ChatBot } from './bot.ts';
import type { Member } from './members.ts';
import { GO, LEAVE } from './words.ts';

/** How Slack reaches the bot: over a socket that the bot opens, or with signed requests to a port of its own. */
export type Reach =
  | { kind: 'socket'; appToken: string }
  | { kind: 'http'; signingSecret: string; port: number; host: string };

/** The path that Slack's requests go to. */
export const EVENTS = '/slack/events';

/** The door to Slack: who the bot is, and who somebody else is. */
export interface ChatApp {
  /** The bot's own user, and its workspace. */
  user: string;
  team: string | undefined;
  member(user: string): Promise<Member | undefined>;
  /** Takes what Slack sends from now on; resolves with where it is reached. */
  start(bot: ChatBot): Promise<string>;
  /** Takes nothing more. */
  stop(): Promise<void>;
}

/** Events whose delivery Slack repeats when it has heard nothing within three seconds; as many are remembered. */
const REMEMBERED = 500;

/**
 * Opens the bot's door, with Slack's own framework (Bolt): it checks signatures and their age, acknowledges, and keeps the socket open.
 * Throws `SlackError` where the token is not taken.
 */
export async function openChat(
  { botToken, apiUrl, reach }: { botToken: string; apiUrl?: string; reach: Reach },
  note: (line: string) => void,
): Promise<ChatApp> {
  const [{ App }, { WebClient }] = await Promise.all([import('@slack/bolt'), import('@slack/web-api')]);
  const clientOptions = {
    slackApiUrl: apiUrl,
    logger: silent,
    retryConfig: { retries: 2 },
    timeout: REQUEST_TIMEOUT,
  };
  const client = new WebClient(botToken, clientOptions);
  const { user_id, bot_id, team_id } = await client.auth.test().catch((error: unknown) => {
    throw slackErrorOf(error, 'the bot token');
  });
  const app: BoltApp = new App({
    ...{ token: botToken, botId: bot_id, botUserId: user_id, tokenVerificationEnabled: false },
    ...{ receiver: await receiverOf(reach, clientOptions), logger: silent, clientOptions, convoStore: false },
  });
  app.error(async (error) => note(`not answered: ${messageOf(error)}`));
  return {
    user: user_id ?? '',
    team: team_id,
    async member(user) {
      const answer = await client.users.info({ user }).catch((error: unknown) => {
        throw slackErrorOf(error, `the question who ${user} is`);
      });
      return answer.user;
    },
    async start(bot) {
      listen(app, bot);
      if (reach.kind === 'http') {
        const server = await app.start({ port: reach.port, host: reach.host } as never);
        const { port } = (server as import('node:http').Server).address() as import('node:net').AddressInfo;
        return `http://${reach.host}:${port}${EVENTS}`;
      }
      // Bolt goes on trying with a token that is refused: that is to be said.
      const appClient = new WebClient(reach.appToken, clientOptions);
      await appClient.apps.connections.open().catch((error: unknown) => {
        throw slackErrorOf(error, 'the app token');
      });
      await app.start();
      return 'a socket';
    },
    async stop() {
      await app.stop();
    },
  };
}

async function receiverOf(reach: Reach, clientOptions: { slackApiUrl?: string }): Promise<Receiver> {
  const { HTTPReceiver, SocketModeReceiver } = await import('@slack/bolt');
  if (reach.kind === 'socket')
    return new SocketModeReceiver({
      ...{ appToken: reach.appToken, logger: silent },
      installerOptions: { clientOptions },
    });
  const health = {
    path: '/health',
    method: 'GET',
    handler: (_request: unknown, response: import('node:http').ServerResponse) => void response.end('ok\n'),
  };
  return new HTTPReceiver({
    ...{ signingSecret: reach.signingSecret, endpoints: [EVENTS], logger: silent },
    customRoutes: [health],
  });
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
