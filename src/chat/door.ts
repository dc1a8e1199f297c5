import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App, Receiver } from '@slack/bolt';
import { messageOf, usageError } from '../run/errors.ts';
import { type SlackError, slackErrorOf } from '../slack/errors.ts';
import { silent } from '../slack/silent.ts';
import { REQUEST_TIMEOUT } from '../slack/transport.ts';

/** How Slack reaches the bot: over a socket that the bot opens, or with signed requests to a port of its own. */
export type Reach =
  | {
      kind: 'socket';
      appToken: string;
      /** After how long without an answer the socket is lost, and how long before another is opened, milliseconds (default: 5 s). */
      ping?: number;
    }
  | { kind: 'http'; signingSecret: string; port: number; host: string };

/** What Slack sends comes in here. */
export interface Door {
  receiver: Receiver;
  /** Opens it, with what starts the receiver; resolves with where it is. Throws `SlackError` and usage errors. */
  open(start: Starter, events: DoorEvents): Promise<string>;
}

type Starter = App['start'];

export interface DoorEvents {
  /** Something that whoever looks after the bot may want to know. */
  note(line: string): void;
  /** It is shut for good. */
  lost(error: SlackError): void;
}

/** The path that Slack's requests go to. */
const EVENTS = '/slack/events';

export const doorOf = (reach: Reach, apiUrl: string | undefined): Promise<Door> =>
  reach.kind === 'socket' ? socketDoor(reach, apiUrl) : portDoor(reach);

/** Opened again as often as Slack or the network closes it: for as long as the token is taken. */
async function socketDoor(
  { appToken, ping }: Reach & { kind: 'socket' },
  slackApiUrl: string | undefined,
): Promise<Door> {
  const [{ SocketModeReceiver }, { WebClient }] = await Promise.all([
    import('@slack/bolt'),
    import('@slack/web-api'),
  ]);
  const request = { slackApiUrl, timeout: REQUEST_TIMEOUT };
  // Slack may be away for hours. Its client by itself would wait longer each time, and at last for days.
  const retryConfig = { forever: true, minTimeout: 1_000, maxTimeout: 30_000, unref: true };
  const receiver = new SocketModeReceiver({
    ...{ appToken, logger: silent, clientPingTimeout: ping },
    installerOptions: { clientOptions: { ...request, retryConfig } },
  });
  return {
    receiver,
    async open(start, { note, lost }) {
      const refused = (error: unknown) => slackErrorOf(error, 'the app token');
      // A token that is refused is to be said now: the receiver would go on trying.
      const once = new WebClient(appToken, { ...request, logger: silent, retryConfig: { retries: 2 } });
      await once.apps.connections.open().catch((error: unknown) => {
        throw refused(error);
      });
      await start();
      const { client } = receiver;
      // It opens another by itself, and nobody hears of it when that fails.
      const again = client.start.bind(client);
      client.start = () =>
        again().catch((error: unknown) => {
          lost(refused(error));
          return { ok: false };
        });
      client.on('reconnecting', () => note('the socket was closed: another is opened'));
      return 'a socket';
    },
  };
}

async function portDoor({ signingSecret, port, host }: Reach & { kind: 'http' }): Promise<Door> {
  const { HTTPReceiver } = await import('@slack/bolt');
  const handler = (_request: unknown, response: ServerResponse) => void response.end('ok\n');
  const receiver = new HTTPReceiver({
    ...{ signingSecret, endpoints: [EVENTS], logger: silent },
    customRoutes: [{ path: '/health', method: 'GET', handler }],
  });
  return {
    receiver,
    async open(start) {
      const server = (await start({ port, host }).catch((error: unknown) => {
        throw usageError(
          `cannot listen on ${host}:${port}: ${messageOf(error)}`,
          'Choose another --port or --host.',
        );
      })) as Server;
      return `http://${host}:${(server.address() as AddressInfo).port}${EVENTS}`;
    },
  };
}
