/**
 * What Slack's Web API takes, of the methods that bake uses: names, types and what is required, read from Slack's OpenAPI description
 * (github.com/slackapi/slack-api-specs, web-api/slack_web_openapi_v2.json, commit 0e43fd0, MIT licence) and, for what came later
 * (apps.connections.open, markdown_text), from docs.slack.dev/reference/methods. Answers are held to the types of @slack/web-api.
 */
type Kind = 'string' | 'boolean' | 'json';

interface Method {
  /** Which token, and the scope that it must have. */
  token: 'bot' | 'app';
  scope?: string;
  parameters: Record<string, { kind: Kind; required?: true }>;
}

const string = { kind: 'string' } as const;
const boolean = { kind: 'boolean' } as const;
const json = { kind: 'json' } as const;
const required = { kind: 'string', required: true } as const;

export const METHODS: Record<string, Method> = {
  'apps.connections.open': { token: 'app', scope: 'connections:write', parameters: {} },
  'auth.test': { token: 'bot', parameters: {} },
  'chat.getPermalink': { token: 'bot', parameters: { channel: required, message_ts: required } },
  'chat.postMessage': {
    token: 'bot',
    scope: 'chat:write',
    parameters: {
      ...{ channel: required, text: string, blocks: json, attachments: json, thread_ts: string },
      ...{ mrkdwn: boolean, parse: string, link_names: boolean, reply_broadcast: boolean, metadata: json },
      ...{ unfurl_links: boolean, unfurl_media: boolean, as_user: string, username: string },
      ...{ icon_emoji: string, icon_url: string, markdown_text: string },
    },
  },
  'chat.update': {
    token: 'bot',
    scope: 'chat:write',
    parameters: {
      ...{ channel: required, ts: required, text: string, blocks: json, attachments: json },
      ...{ as_user: string, parse: string, link_names: string, metadata: json, markdown_text: string },
    },
  },
  'users.info': {
    token: 'bot',
    scope: 'users:read',
    parameters: { user: required, include_locale: boolean },
  },
};

/** Reads the arguments of a call as they came; Slack's own word for what is wrong with them, else undefined. */
export function readArguments(
  method: string,
  form: URLSearchParams,
): { values: Record<string, unknown>; error?: string } {
  const known = METHODS[method]?.parameters;
  if (!known) return { values: {}, error: 'unknown_method' };
  const values: Record<string, unknown> = {};
  for (const [name, text] of form) {
    const parameter = known[name];
    if (!parameter) return { values, error: `invalid_arg_name (${name})` };
    if (parameter.kind === 'boolean' && !/^(true|false|1|0)$/.test(text))
      return { values, error: `invalid_arguments (${name})` };
    values[name] = parameter.kind === 'json' ? parsed(text) : text;
    if (values[name] === undefined) return { values, error: `invalid_arguments (${name})` };
  }
  const missing = Object.keys(known).find((name) => known[name]?.required && !values[name]);
  return missing === undefined ? { values } : { values, error: `invalid_arguments (${missing})` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
