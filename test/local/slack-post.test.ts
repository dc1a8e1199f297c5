import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/run/clock.ts';
import type { SlackError } from '../../src/slack/errors.ts';
import { openSlack, type Slack, slackOptionsOf } from '../../src/slack/post.ts';
import { type SlackWorkspace, startSlack } from '../helpers/slack-server.ts';

let workspace: SlackWorkspace;
let slack: Slack;
/** How long it was waited, milliseconds; no time passes. */
const waits: number[] = [];
const clock = { ...systemClock, sleep: async (ms: number) => void waits.push(ms) };

beforeAll(async () => {
  workspace = await startSlack();
  slack = await openSlack({
    botToken: workspace.tokens.bot,
    channel: '#deploys',
    apiUrl: workspace.url,
    clock,
  });
});
beforeEach(() => {
  waits.length = 0;
});
afterAll(() => workspace.close());

const failure = (promise: Promise<unknown>): Promise<SlackError> =>
  promise.then(
    () => expect.fail(),
    (error) => error,
  );

test('a bot says something, changes it, goes on in its thread, and knows the link to it', async () => {
  const posted = await slack.post({ text: 'begun', blocks: [{ type: 'divider' }] });
  await slack.update(posted!, { text: 'done' });
  await slack.thread(posted!, { text: 'how it went' });
  expect(workspace.messages.map(({ text, history, thread }) => ({ text, history, thread }))).toEqual([
    { text: 'done', history: ['begun', 'done'], thread: undefined },
    { text: 'how it went', history: ['how it went'], thread: posted!.ts },
  ]);
  expect(posted!.channel).toBe('C0DEPLOYS');
  expect(workspace.messages[0]?.blocks).toBeUndefined();
  expect(await slack.linkTo(posted!)).toContain('/archives/C0DEPLOYS/p');
  expect(workspace.refused).toEqual([]);
});

test('a webhook says something; what it cannot do it does not pretend to', async () => {
  const webhook = await openSlack({ webhook: workspace.webhookUrl });
  expect(webhook.edits).toBe(false);
  expect(await webhook.post({ text: 'by webhook' })).toBeUndefined();
  expect(workspace.messages.at(-1)).toMatchObject({ text: 'by webhook', by: 'webhook' });
  await expect(webhook.thread({ channel: 'C', ts: '1' }, { text: 'no' })).rejects.toThrow(
    'a webhook can neither',
  );
});

test('Slack is left alone for as long as it asks, then the message goes', async () => {
  workspace.trouble(
    'chat.postMessage',
    { status: 429, retryAfter: 7 },
    { status: 503 },
    { error: 'internal_error' },
  );
  await slack.post({ text: 'patient' });
  expect(waits[0]).toBe(7_000);
  expect(waits).toHaveLength(3);
  expect(workspace.messages.at(-1)?.text).toBe('patient');

  workspace.trouble(new URL(workspace.webhookUrl).pathname, { status: 429, retryAfter: 3 });
  waits.length = 0;
  const webhook = await openSlack({ webhook: workspace.webhookUrl, clock });
  await webhook.post({ text: 'patient too' });
  expect(waits).toEqual([3_000]);
});

test.each([
  ['not_in_channel', 'Slack refused the message to #deploys: not_in_channel', 'Invite the bot'],
  [
    'channel_not_found',
    'Slack refused the message to #deploys: channel_not_found',
    'Use the id of the channel',
  ],
  ['invalid_auth', 'Slack refused the message to #deploys: invalid_auth', 'Make a new bot token'],
])('%s is said with what to do about it, and not tried again', async (error, message, hint) => {
  workspace.trouble('chat.postMessage', { error });
  const refusal = await failure(slack.post({ text: 'no' }));
  expect(refusal.message).toBe(message);
  expect(refusal.hint).toContain(hint);
  expect(waits).toEqual([]);
});

test('a scope that is missing is named', async () => {
  workspace.scopes.delete('chat:write');
  const refusal = await failure(slack.post({ text: 'no' }));
  workspace.scopes.add('chat:write');
  expect(refusal.message).toBe('Slack refused the message to #deploys: missing_scope (chat:write)');
});

test('no error has a token or the address of a webhook in it', async () => {
  const secret = `${new URL(workspace.url).origin}/services/T0TEAM001/B0GONE001/VERYSECRET`;
  const gone = await failure((await openSlack({ webhook: secret })).post({ text: 'no' }));
  expect(gone.message).toBe('Slack refused the message to the webhook: no_service');
  expect(gone.hint).toContain('SLACK_WEBHOOK_URL');

  const closed = await startSlack();
  await closed.close();
  const nowhere = { apiUrl: closed.url, botToken: 'xoxb-VERYSECRET', channel: '#deploys' };
  let passed = 0;
  const sleep = async (ms: number) => {
    passed += ms;
  };
  const hurried = { ...systemClock, now: () => passed, sleep };
  const unreachable = await failure((await openSlack({ ...nowhere, clock: hurried })).post({ text: 'no' }));
  expect(unreachable.message).toContain(
    'Slack could not be reached with the message to #deploys: connect ECONNREFUSED',
  );
  expect(passed).toBeGreaterThanOrEqual(60_000);
  for (const error of [gone, unreachable])
    expect(`${error.message} ${error.hint}`).not.toContain('VERYSECRET');
});

test('the environment says how to reach Slack: a bot needs a channel, a webhook has its own', () => {
  expect(slackOptionsOf({}, '#deploys')).toBeUndefined();
  expect(slackOptionsOf({ SLACK_BOT_TOKEN: 'xoxb-1' }, undefined)).toBeUndefined();
  expect(slackOptionsOf({ SLACK_BOT_TOKEN: 'xoxb-1' }, '#deploys')).toMatchObject({ botToken: 'xoxb-1' });
  expect(slackOptionsOf({ SLACK_WEBHOOK_URL: 'https://hooks' }, undefined)).toMatchObject({
    webhook: 'https://hooks',
  });
});
