import { BakeError, messageOf } from '../run/errors.ts';

/** Slack refused something, or could not be reached. No message of it has a token or a webhook's address in it. */
export class SlackError extends BakeError {
  /** Slack's own word (`not_in_channel`), an HTTP status, or `unreachable`. */
  readonly code: string;
  /** Whether the same request may go through later. */
  readonly passes: boolean;
  /** How long Slack asks to be left alone, milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    options: { code: string; passes?: boolean; retryAfter?: number; hint?: string; cause?: unknown },
  ) {
    super(message, { hint: options.hint, cause: options.cause });
    this.code = options.code;
    this.passes = options.passes ?? false;
    this.retryAfter = options.retryAfter;
  }
}

/** Slack answered 429: too many requests (docs.slack.dev/apis/web-api/rate-limits). */
export class TooManyRequests extends Error {
  /** Milliseconds. */
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super(`Slack asks to be left alone for ${Math.ceil(retryAfter / 1_000)} s`);
    this.retryAfter = retryAfter;
  }
}

const TOKEN =
  'Make a new bot token (xoxb-…) under "OAuth & Permissions" of the Slack app, and put it in SLACK_BOT_TOKEN.';
const WEBHOOK =
  'Make a new webhook under "Incoming Webhooks" of the Slack app, and put its address in SLACK_WEBHOOK_URL.';
const CHANNEL =
  'Use the id of the channel (C…): it stands at the end of "View channel details". A private one has to have the bot in it.';

/** What to do about what Slack says no to (the "Errors" of chat.postMessage, and of incoming webhooks). */
const HINTS: Record<string, string> = {
  not_in_channel: 'Invite the bot: type /invite and its name in the channel.',
  channel_not_found: CHANNEL,
  is_archived: 'The channel is archived. Name another one.',
  channel_is_archived: 'The channel of the webhook is archived. Make a webhook for another one.',
  invalid_auth: TOKEN,
  not_authed: TOKEN,
  account_inactive: TOKEN,
  token_revoked: TOKEN,
  token_expired: TOKEN,
  not_allowed_token_type: TOKEN,
  missing_scope: 'Add the scope under "OAuth & Permissions" of the Slack app, and install it again.',
  restricted_action: 'Somebody who runs the workspace has to let apps post in this channel.',
  no_service: WEBHOOK,
  no_active_hooks: WEBHOOK,
  invalid_token: WEBHOOK,
  no_team: WEBHOOK,
  team_disabled: WEBHOOK,
};

/** Slack's own troubles; they pass (docs.slack.dev: "internal_error", "fatal_error", "service_unavailable"). */
const PASSING = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'ratelimited',
  'request_timeout',
]);

/** What the SDK threw, in bake's words. `about`: what was not done, "the message to #deploys". */
export function slackErrorOf(thrown: unknown, about: string): SlackError {
  const { data, original, statusCode, body } = thrown as {
    data?: { error?: string; needed?: string };
    original?: unknown;
    statusCode?: number;
    body?: unknown;
  };
  if (original instanceof TooManyRequests)
    return new SlackError(`Slack did not take ${about}: ${original.message}`, {
      ...{ code: 'ratelimited', passes: true, retryAfter: original.retryAfter, cause: thrown },
    });
  if (data?.error !== undefined) return refused(about, data.error, data.needed, thrown);
  if (statusCode !== undefined) {
    // A webhook says its word as the body; a page of somebody's proxy is none.
    const word = /^[a-z_]{3,60}$/.exec(String(body).trim())?.[0];
    if (statusCode < 500 && word !== undefined) return refused(about, word, undefined, thrown);
    return new SlackError(`Slack did not take ${about}: HTTP ${statusCode}`, {
      ...{ code: String(statusCode), passes: statusCode >= 500, cause: thrown },
    });
  }
  const why = messageOf((original as Error | undefined)?.cause ?? original ?? thrown);
  return new SlackError(`Slack could not be reached with ${about}: ${why}`, {
    ...{ code: 'unreachable', passes: true, cause: thrown },
    hint: 'Look whether this machine reaches https://slack.com.',
  });
}

function refused(about: string, code: string, scope: string | undefined, cause: unknown): SlackError {
  const missing = scope === undefined ? '' : ` (${scope})`;
  return new SlackError(`Slack refused ${about}: ${code}${missing}`, {
    ...{ code, passes: PASSING.has(code), hint: HINTS[code], cause },
  });
}
