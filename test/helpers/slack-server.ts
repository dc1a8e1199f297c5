import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  AppsConnectionsOpenResponse,
  AuthTestResponse,
  ChatGetPermalinkResponse,
  ChatPostMessageResponse,
  ChatUpdateResponse,
  UsersInfoResponse,
} from '@slack/web-api';
import { METHODS, readArguments } from './slack-api.ts';
import { type Block, checkMessage } from './slack-blocks.ts';
import {
  BOT_USER,
  encode,
  mentionOf,
  type Payload,
  type Place,
  pressOf,
  signed,
  slashOf,
  TEAM,
} from './slack-events.ts';
import { openSocketMode } from './slack-socket.ts';

/** A message as it stands. `history`: its texts, as it was first said and after each change. */
export interface Said {
  channel: string;
  ts: string;
  thread?: string;
  text: string;
  blocks?: Block[];
  history: string[];
  /** Said in a thread, and in the channel, too. */
  broadcast?: true;
  /** By whom: the bot, the webhook, or, for what only one sees, `to:USER`. */
  by: string;
}

export interface SlackUser {
  id: string;
  team?: string;
  restricted?: boolean;
  bot?: boolean;
}

/** What the next call of a method gets instead of an answer: an error of Slack's, a status, or silence until the caller gives up. */
type Trouble = { error: string; needed?: string } | { status: number; retryAfter?: number };

/**
 * Plays one workspace of Slack on loopback: its Web API, an incoming webhook, and what it sends to an app, by socket mode where the app
 * has opened one, else signed over HTTP to `requestUrl`. It refuses what Slack would refuse, and remembers it in `refused`.
 */
export async function startSlack() {
  const tokens = { bot: 'xoxb-1-bot-SECRETSECRET', app: 'xapp-1-app-SECRETSECRET' };
  const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';
  const changed = new EventEmitter();
  const messages: Said[] = [];
  const requests: { method: string; values: Record<string, unknown> }[] = [];
  const refused: string[] = [];
  const troubles = new Map<string, Trouble[]>();
  const scopes = new Set(['chat:write', 'users:read', 'app_mentions:read', 'commands']);
  /** Channels that the bot is in, by id, with their names. */
  const channels = new Map([['C0DEPLOYS', 'deploys']]);
  const users = new Map<string, SlackUser>(['U0ANN', 'U0BEN'].map((id) => [id, { id }]));
  let clock = 1_800_000_000;
  const nextTs = () => `${clock++}.000100`;
  const socket = openSocketMode();
  let requestUrl: string | undefined;

  const keep = (said: Omit<Said, 'history'>): Said => {
    const message = { ...said, history: [said.text] };
    messages.push(message);
    changed.emit('changed');
    return message;
  };
  const channelOf = (name: string) =>
    channels.has(name) ? name : [...channels].find(([, known]) => `#${known}` === name)?.[0];

  const answers: Record<string, (values: Record<string, unknown>) => object> = {
    'auth.test': () =>
      ({
        ok: true,
        url: 'https://example.slack.com/',
        team: 'example',
        user: 'bake',
        team_id: TEAM,
        user_id: BOT_USER,
        bot_id: 'B0BAKE001',
      }) satisfies AuthTestResponse,
    'apps.connections.open': () =>
      ({ ok: true, url: `${base.replace('http', 'ws')}/link` }) satisfies AppsConnectionsOpenResponse,
    'chat.getPermalink': ({ channel, message_ts: ts }) =>
      ({
        ...{ ok: true, channel: String(channel) },
        permalink: `https://example.slack.com/archives/${channel}/p${String(ts).replace('.', '')}`,
      }) satisfies ChatGetPermalinkResponse,
    'chat.postMessage': (values) => {
      const wrong = checkMessage(values);
      if (wrong) return { ok: false, error: wrong };
      const channel = channelOf(String(values.channel));
      if (channel === undefined) return { ok: false, error: 'channel_not_found' };
      const {
        text,
        blocks,
        thread_ts: thread,
      } = values as { text: string; blocks?: Block[]; thread_ts?: string };
      const { ts } = keep({
        channel,
        ts: nextTs(),
        text,
        blocks,
        by: 'bot',
        ...(thread && { thread }),
        ...(values.reply_broadcast === 'true' && { broadcast: true as const }),
      });
      return {
        ok: true,
        channel,
        ts,
        message: { type: 'message', text, ts, user: BOT_USER },
      } satisfies ChatPostMessageResponse;
    },
    'chat.update': (values) => {
      const wrong = checkMessage(values);
      if (wrong) return { ok: false, error: wrong };
      const { channel, ts } = values as { channel: string; ts: string };
      // Unlike posting, this takes ids only.
      const message = messages.find((one) => one.ts === ts && one.channel === channel);
      if (!message) return { ok: false, error: 'message_not_found' };
      if (message.by !== 'bot') return { ok: false, error: 'cant_update_message' };
      // Blocks that are not given stay away: the message is replaced.
      Object.assign(message, { text: values.text, blocks: values.blocks });
      message.history.push(String(values.text));
      changed.emit('changed');
      return {
        ok: true,
        channel,
        ts,
        text: message.text,
        message: { text: message.text },
      } satisfies ChatUpdateResponse;
    },
    'users.info': ({ user: id }) => {
      const user = users.get(String(id));
      if (!user) return { ok: false, error: 'user_not_found' };
      return {
        ok: true,
        user: {
          ...{ id: user.id, name: user.id.toLowerCase(), team_id: user.team ?? TEAM, deleted: false },
          ...{
            is_bot: user.bot ?? false,
            is_restricted: user.restricted ?? false,
            is_ultra_restricted: false,
          },
          is_stranger: false,
        },
      } satisfies UsersInfoResponse;
    },
  };

  function call(method: string, authorization: string | undefined, form: URLSearchParams): object {
    const known = METHODS[method];
    if (!known) return { ok: false, error: 'unknown_method' };
    if (!authorization) return { ok: false, error: 'not_authed' };
    if (authorization !== `Bearer ${tokens[known.token]}`)
      return {
        ok: false,
        error: Object.values(tokens).some((one) => authorization.endsWith(one))
          ? 'not_allowed_token_type'
          : 'invalid_auth',
      };
    if (known.token === 'bot' && known.scope && !scopes.has(known.scope))
      return { ok: false, error: 'missing_scope', needed: known.scope, provided: [...scopes].join(',') };
    const { values, error } = readArguments(method, form);
    if (error) return { ok: false, error };
    requests.push({ method, values });
    return answers[method]!(values);
  }

  function webhook(text: string): { status: number; body: string } {
    const message = JSON.parse(text) as Record<string, unknown>;
    const wrong = checkMessage(message);
    if (wrong) return { status: 400, body: wrong };
    const { blocks } = message as { blocks?: Block[] };
    keep({ channel: 'C0DEPLOYS', ts: nextTs(), text: String(message.text), blocks, by: 'webhook' });
    return { status: 200, body: 'ok' };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = (await request.toArray()).join('');
    const { pathname } = new URL(request.url!, base);
    const method = pathname.replace(/^\/api\//, '');
    const trouble = troubles.get(method)?.shift();
    const send = (status: number, body: string, headers: Record<string, string> = {}) =>
      response.writeHead(status, headers).end(body);
    if (trouble && 'status' in trouble) {
      const { status, retryAfter } = trouble;
      send(status, '', retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
    } else if (pathname.startsWith('/services/')) {
      const { status, body } = trouble
        ? { status: 404, body: trouble.error }
        : pathname === hook
          ? webhook(text)
          : { status: 404, body: 'no_service' };
      if (status !== 200) refused.push(`webhook: ${body}`);
      send(status, body);
    } else if (pathname.startsWith('/respond/')) {
      const said = JSON.parse(text) as { text: string; blocks?: Block[] };
      keep({ channel: 'C0DEPLOYS', ts: nextTs(), ...said, by: `to:${pathname.split('/')[2]}` });
      send(200, 'ok');
    } else {
      const body = trouble
        ? { ok: false, ...trouble }
        : call(method, request.headers.authorization, new URLSearchParams(text));
      const { ok, error } = body as { ok: boolean; error?: string };
      if (!ok) refused.push(`${method}: ${error}`);
      send(200, JSON.stringify(body), { 'content-type': 'application/json' });
    }
  }

  const server = createServer((request, response) => void answer(request, response));
  server.on('upgrade', socket.upgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hook = '/services/T0TEAM001/B0HOOK001/SECRETSECRETSECRET';
  const respondTo = (user: string) => `${base}/respond/${user}`;

  /** Sends something to the app; the status of its answer. A `secret` or time (`at`, seconds) other than Slack's is a forgery's. */
  async function deliver(
    payload: Payload,
    forged: { secret?: string; at?: number; text?: string } = {},
  ): Promise<number> {
    if (requestUrl === undefined) return socket.deliver(payload);
    const { contentType, text } = encode(payload);
    const at = forged.at ?? Math.floor(Date.now() / 1_000);
    const headers = { 'content-type': contentType, ...signed(forged.secret ?? signingSecret, text, at) };
    const response = await fetch(requestUrl, { method: 'POST', headers, body: forged.text ?? text });
    await response.text();
    return response.status;
  }

  return {
    url: `${base}/api/`,
    webhookUrl: `${base}${hook}`,
    signingSecret,
    tokens,
    ...{
      messages,
      requests,
      refused,
      scopes,
      channels,
      users,
      deliver,
      hangUp: socket.hangUp,
      connected: socket.connected,
    },
    /** What a program needs to find this workspace. */
    environment: {
      SLACK_API_URL: `${base}/api/`,
      SLACK_BOT_TOKEN: tokens.bot,
      SLACK_APP_TOKEN: tokens.app,
      SLACK_SIGNING_SECRET: signingSecret,
    },
    /** Where the app takes what Slack sends, instead of a socket. */
    sendTo(url: string) {
      requestUrl = url;
    },
    /** The next call of a method (or `/services/…`, the webhook) gets this. */
    trouble(method: string, ...what: Trouble[]) {
      troubles.set(method, [...(troubles.get(method) ?? []), ...what]);
    },
    mention: (user: string, text: string, place: Place = { channel: 'C0DEPLOYS' }) =>
      deliver(mentionOf(user, text, place, nextTs())),
    slash: (user: string, text: string, channel = 'C0DEPLOYS') =>
      deliver(slashOf(user, text, channel, respondTo(user))),
    /** Presses a button of a message as it stands. */
    press(user: string, message: Said, actionId: string) {
      const button = (message.blocks ?? [])
        .flatMap((block) => (block.type === 'actions' ? block.elements : []))
        .find((element) => element.action_id === actionId);
      if (!button) throw new Error(`no button ${actionId}`);
      const { action_id, value } = button;
      return deliver(
        pressOf(user, { action_id, value }, { ...message, blocks: message.blocks }, respondTo(user)),
      );
    },
    /** Resolves with the first message, in order, for which `is` holds as it stands now or later. */
    async said(is: (message: Said) => boolean): Promise<Said> {
      for (;;) {
        const found = messages.find(is);
        if (found) return found;
        await once(changed, 'changed');
      }
    },
    async close() {
      socket.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

export type SlackWorkspace = Awaited<ReturnType<typeof startSlack>>;
