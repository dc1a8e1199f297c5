import { createHmac } from 'node:crypto';
import type { Block } from './slack-blocks.ts';

/** What Slack sends to an app (docs.slack.dev: events-api, interactivity, slash commands), of one workspace with one app. */
export const TEAM = 'T0TEAM001';
export const APP = 'A0APP0001';
export const BOT_USER = 'U0BAKEBOT';

export interface Payload {
  /** How socket mode calls it. */
  type: 'events_api' | 'interactive' | 'slash_commands';
  body: Record<string, unknown>;
}

export interface Place {
  channel: string;
  /** The message under which it is said. */
  thread?: string;
}

let counted = 0;
const next = (): string => String(++counted).padStart(8, '0');

export const mentionOf = (user: string, text: string, { channel, thread }: Place, ts: string): Payload => ({
  type: 'events_api',
  body: {
    ...{ token: 'verification', team_id: TEAM, api_app_id: APP, type: 'event_callback' },
    ...{ event_id: `Ev${next()}`, event_time: Math.floor(Number(ts)) },
    authorizations: [
      { enterprise_id: null, team_id: TEAM, user_id: BOT_USER, is_bot: true, is_enterprise_install: false },
    ],
    event: {
      ...{ type: 'app_mention', user, ts, channel, event_ts: ts, team: TEAM },
      ...{ text: `<@${BOT_USER}> ${text}`, ...(thread === undefined ? {} : { thread_ts: thread }) },
    },
  },
});

export const slashOf = (user: string, text: string, channel: string, responseUrl: string): Payload => ({
  type: 'slash_commands',
  body: {
    ...{ token: 'verification', team_id: TEAM, team_domain: 'example', api_app_id: APP },
    ...{ channel_id: channel, channel_name: 'deploys', user_id: user, user_name: user.toLowerCase() },
    ...{ command: '/bake', text, response_url: responseUrl, trigger_id: `${next()}.1.abc` },
    is_enterprise_install: 'false',
  },
});

export const pressOf = (
  user: string,
  action: { action_id: string; value?: string; block_id?: string },
  message: { channel: string; ts: string; text: string; blocks?: Block[] },
  responseUrl: string,
): Payload => ({
  type: 'interactive',
  body: {
    ...{ type: 'block_actions', token: 'verification', api_app_id: APP, response_url: responseUrl },
    team: { id: TEAM, domain: 'example' },
    user: { id: user, username: user.toLowerCase(), team_id: TEAM },
    channel: { id: message.channel, name: 'deploys' },
    container: {
      ...{ type: 'message', message_ts: message.ts, channel_id: message.channel, is_ephemeral: false },
    },
    message: { type: 'message', user: BOT_USER, ts: message.ts, text: message.text, blocks: message.blocks },
    ...{ trigger_id: `${next()}.2.abc`, actions: [{ type: 'button', ...action, action_ts: message.ts }] },
  },
});

/** The body as it goes over HTTP: events as JSON, the others as forms (an interaction in its field `payload`). */
export function encode({ type, body }: Payload): { contentType: string; text: string } {
  const form = 'application/x-www-form-urlencoded';
  if (type === 'events_api') return { contentType: 'application/json', text: JSON.stringify(body) };
  if (type === 'interactive')
    return { contentType: form, text: new URLSearchParams({ payload: JSON.stringify(body) }).toString() };
  return { contentType: form, text: new URLSearchParams(body as Record<string, string>).toString() };
}

/** Slack's signature, version 0 (docs.slack.dev/authentication/verifying-requests-from-slack). `at`: seconds since the epoch. */
export const signed = (secret: string, text: string, at: number): Record<string, string> => ({
  'X-Slack-Request-Timestamp': String(at),
  'X-Slack-Signature': `v0=${createHmac('sha256', secret).update(`v0:${at}:${text}`).digest('hex')}`,
});
