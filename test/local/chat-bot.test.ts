import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ChatApp, openChat } from '../../src/chat/app.ts';
import { ChatBot } from '../../src/chat/bot.ts';
import { loadProject } from '../../src/config/load.ts';
import type { Clock } from '../../src/run/clock.ts';
import { Interrupted } from '../../src/run/errors.ts';
import { openSlack } from '../../src/slack/post.ts';
import { temporaryDirectory } from '../helpers/cli.ts';
import { failure } from '../helpers/failure.ts';
import { type Said, type SlackWorkspace, startSlack } from '../helpers/slack-server.ts';

const CONFIG = `project: shop
region: eu-central-1
image: { base: { id: ami-1 }, layers: [{ name: application, provisioners: [{ inline: 'true' }] }] }
fleet: { name: workers, size: { min: 1, max: 4, desired: 2 } }
chat:
  channel: C0DEPLOYS
  allow: { production: [U0ANN, U0BEN] }
environments:
  production: {}
  staging: {}
`;

const WAITING = { timeout: 20_000, interval: 100 };

/** Time that passes when a test says so. */
class Passing implements Clock {
  #now = 0;
  #sleepers: { until: number; wake: () => void }[] = [];
  now = () => this.#now;
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Interrupted()));
      this.#sleepers.push({ until: this.#now + ms, wake: resolve });
    });
  }
  pass(ms: number): void {
    this.#now += ms;
    for (const { until, wake } of this.#sleepers) if (until <= this.#now) wake();
  }
}

let workspace: SlackWorkspace;
let directory: string;
let clock: Passing;
let app: ChatApp;
let bot: ChatBot;
let notes: string[];
let lost: string[];

beforeEach(async () => {
  workspace = await startSlack();
  directory = temporaryDirectory('chat');
  writeFileSync(join(directory, 'bake.yaml'), CONFIG);
  const status = {
    headline: '2 instances run release 42',
    facts: {
      status: {
        group: 'workers',
        targets: [],
        unknown: [],
        suspendedProcesses: [],
        instances: [],
        desired: 2,
        min: 1,
        max: 4,
        template: { name: 'workers', version: 2 },
        verified: { release: '41' },
      },
    },
  };
  answer({ status, rollback: { headline: 'release 41 runs again' }, cutover: {} });
  Object.assign(process.env, workspace.environment);
  clock = new Passing();
  notes = [];
  const note = (line: string) => void notes.push(line);
  const { tokens, url: apiUrl } = workspace;
  app = await openChat(
    { botToken: tokens.bot, apiUrl, reach: { kind: 'socket', appToken: tokens.app, ping: 500 } },
    note,
  );
  bot = new ChatBot({
    load: (environment) => loadProject({ directory, environment, variables: {} }),
    bake: [process.execPath, fileURLToPath(new URL('../helpers/told-bake.mjs', import.meta.url))],
    open: (channel) => openSlack({ botToken: tokens.bot, channel, apiUrl }),
    ...{ member: app.member, team: app.team, clock, note },
  });
  lost = [];
  await app.start(bot, (error) => lost.push(error.message));
});
afterEach(async () => {
  await app.stop();
  await bot.stop();
  await workspace.close();
  for (const name of Object.keys(workspace.environment)) delete process.env[name];
  rmSync(directory, { recursive: true });
});

const answer = (answers: object) => writeFileSync(join(directory, 'answers.json'), JSON.stringify(answers));
const calls = () => readFileSync(join(directory, 'calls.txt'), 'utf8').trim().split('\n');
const shown = ({ text, blocks }: Said) => `${text} ${JSON.stringify(blocks)}`;
const saying = (words: string) => workspace.said((message) => shown(message).includes(words));
const buttons = ({ blocks }: Said) => (blocks ?? []).filter(({ type }) => type === 'actions');
const idle = () => vi.waitFor(() => expect(bot.busy).toBe(0), { timeout: 10_000 });
/** Asks for a rollback of production, up to the question. */
async function asked(words = 'rollback production'): Promise<Said> {
  await workspace.mention('U0ANN', words);
  return workspace.said((message) => buttons(message).length > 0);
}

test('a rollback is confirmed by a button, done by bake, and told in the message that asked', async () => {
  const question = await asked('rollback production to v41');
  expect(shown(question)).toContain('<@U0ANN> asks to *roll back production to v41*');
  expect(shown(question)).toContain('2 instances run release 42\\nlast verified: release 41');
  await workspace.press('U0BEN', question, 'bake.go');
  await saying(':white_check_mark: *release 41 runs again*');
  await idle();
  expect(buttons(question)).toEqual([]);
  expect(shown(question)).toContain('asked by <@U0ANN>, confirmed by <@U0BEN> · run run-7');
  // The child has no token of Slack's: it says nothing there, nor can what it starts.
  expect(calls()).toEqual(['production status', 'production rollback --yes --to v41']);
  expect(workspace.messages.filter(({ thread, by }) => thread === undefined && by === 'bot')).toHaveLength(1);
  expect(workspace.refused).toEqual([]);
});

test('a button counts once, and only from those who may press it', async () => {
  workspace.users.set('U0EVE', { id: 'U0EVE' });
  const question = await asked();
  const before = structuredClone(question);
  await workspace.press('U0EVE', question, 'bake.go');
  const refusal = await saying('<@U0EVE>, you may not change *production*.');
  expect(refusal).toMatchObject({ by: 'to:U0EVE', text: expect.any(String) });
  expect(shown(refusal)).toContain('These may: <@U0ANN>, <@U0BEN>.');
  expect(buttons(question)).toHaveLength(1);

  await Promise.all([
    workspace.press('U0ANN', before, 'bake.go'),
    workspace.press('U0BEN', before, 'bake.leave'),
  ]);
  await saying('release 41 runs again');
  await saying('not open any more');
  await workspace.press('U0ANN', before, 'bake.go');
  await idle();
  expect(calls().filter((call) => call.includes('rollback'))).toHaveLength(1);
  expect(workspace.messages.filter(({ by }) => by === 'to:U0ANN' || by === 'to:U0BEN')).toHaveLength(2);
});

test('a question that nobody answers closes by itself; who asked may take it back', async () => {
  const late = await asked();
  clock.pass(5 * 60_000);
  await saying('nobody confirmed it in time. Nothing was changed');
  expect(buttons(late)).toEqual([]);
  await idle();
  const taken = await asked('cutover production emergency');
  expect(shown(taken)).toContain('put the other colour of production in front, healthy or not');
  await workspace.press('U0ANN', taken, 'bake.leave');
  await saying('<@U0ANN> called it off. Nothing was changed');
  await idle();
  expect(calls()).toEqual(['production status', 'production status']);
});

test('one at a time for each environment: who comes second is told who was first, and where', async () => {
  await asked();
  clock.pass(60_000);
  const refusal = 'One at a time: <@U0ANN> has asked to roll back production 1 m ago';
  const refused = () => workspace.messages.filter((message) => shown(message).includes(refusal));
  // The question is to be seen a little before the bot knows where it stands.
  await vi.waitFor(async () => {
    await workspace.mention('U0BEN', 'cutover production');
    expect(refused().map(shown).join()).toContain(`${refusal}, <https://example`);
  }, WAITING);
  expect(refused().flatMap(buttons)).toEqual([]);
  await workspace.mention('U0BEN', 'rollback staging');
  await saying('<@U0BEN> asks to *roll back staging*');
});

test('without a list members of the workspace may, but neither guests nor people of other companies', async () => {
  workspace.users.set('U0GUEST', { id: 'U0GUEST', restricted: true });
  workspace.users.set('U0OTHER', { id: 'U0OTHER', team: 'T0OTHER01' });
  for (const user of ['U0GUEST', 'U0OTHER']) {
    await workspace.mention(user, 'rollback staging');
    await saying(`<@${user}>, you may not change *staging*.`);
  }
  await workspace.mention('U0ANN', 'rollback staging');
  await saying('<@U0ANN> asks to *roll back staging*');
});

test('changes are asked for where everybody sees them; anybody may look, anywhere', async () => {
  workspace.channels.set('C0RANDOM', 'random');
  await workspace.mention('U0ANN', 'rollback production', { channel: 'C0RANDOM' });
  await workspace.slash('U0ANN', 'rollback production', 'D0DIRECT');
  await vi.waitFor(() => {
    const told = workspace.messages.filter((message) => shown(message).includes('asked for in <#C0DEPLOYS>'));
    expect(told.map(({ channel, by }) => `${channel} ${by}`).sort()).toEqual([
      'C0DEPLOYS to:U0ANN',
      'C0RANDOM bot',
    ]);
  });
  await workspace.mention('U0EVE', 'status production', { channel: 'C0RANDOM', thread: '1.1' });
  const status = await saying('2 instances run release 42');
  expect(status).toMatchObject({ channel: 'C0RANDOM', thread: '1.1' });
  expect(shown(status)).toContain('scaling group workers: 2 instances wanted');
});

test('what it does not understand it says so, with what was likely meant', async () => {
  await workspace.slash('U0ANN', 'rolback production');
  await saying('Did you mean `rollback`?');
  await workspace.slash('U0ANN', 'rollback produktion');
  await saying('no environment "produktion"; there is production, staging');
  await workspace.slash('U0ANN', 'status');
  await saying('Which environment? There is *production*, *staging*.');
  await workspace.slash('U0ANN', 'rollback production --to; rm');
  await saying('I do not understand that.');
  await workspace.slash('U0ANN', '');
  await saying('Environments: production, staging');
  writeFileSync(join(directory, 'bake.yaml'), CONFIG.replace('channel:', 'chanel:'));
  await workspace.slash('U0ANN', 'help');
  await saying('unknown key "chanel", did you mean "channel"?');
  await idle();
});

test('an event that Slack sends again is answered once', async () => {
  const { mentionOf } = await import('../helpers/slack-events.ts');
  const event = mentionOf('U0ANN', 'help', { channel: 'C0DEPLOYS' }, '1800000000.000100');
  for (let time = 0; time < 3; time++) await workspace.deliver(event);
  await saying('What I do');
  await idle();
  expect(workspace.messages).toHaveLength(1);
});

test('what goes wrong is said to everybody, with the reason and what to do', async () => {
  const error = {
    message: 'there is no second colour',
    hint: 'Roll out with blue-green first.',
    details: [],
    exitCode: 1,
  };
  answer({ status: {}, cutover: { ok: false, headline: 'bake cutover failed', error } });
  const question = await asked('cutover production');
  await workspace.press('U0ANN', question, 'bake.go');
  const notice = await workspace.said(({ broadcast }) => broadcast === true);
  expect(notice).toMatchObject({
    thread: question.ts,
    text: expect.stringContaining('there is no second colour'),
  });
  expect(shown(question)).toContain(
    ':x: *bake cutover failed*\\nthere is no second colour\\n→ Roll out with',
  );
  await idle();
  expect(calls()).toEqual(['production status', 'production cutover --yes']);
});

test('a run that dies is not left standing as if it went on', async () => {
  await workspace.press('U0ANN', await asked('rollback production to killed'), 'bake.go');
  const message = await saying('ended without saying how it went (SIGKILL)');
  expect(message.text).toContain(':x:');
  expect(shown(await saying('What is worth reading'))).toContain('out of memory');
  await workspace.said(({ broadcast }) => broadcast === true);
});

test('a bot that is stopped closes its questions, waits for what is under way, and takes nothing more', async () => {
  await workspace.press('U0ANN', await asked('rollback production to slow'), 'bake.go');
  await vi.waitFor(() => expect(calls()).toContain('production rollback --yes --to slow'));
  await workspace.mention('U0ANN', 'rollback staging');
  await saying('asks to *roll back staging*');
  let over = false;
  const stopped = bot.stop().then(() => {
    over = true;
  });
  await saying('the bot was stopped. Nothing was changed');
  await workspace.mention('U0ANN', 'rollback staging');
  await saying('I am being stopped.');
  expect(over).toBe(false);
  writeFileSync(join(directory, 'go'), '');
  await stopped;
  await saying('release 41 runs again');
});

test('a channel that the bot is not in: who used a command there is told so alone', async () => {
  await workspace.slash('U0ANN', 'help', 'C0SECRET');
  const told = await saying('Slack refused the message to C0SECRET: channel_not_found');
  expect(told.by).toBe('to:U0ANN');
});

test('a socket that is cut is opened again, also when Slack is away for a while; a token that was revoked is the end', async () => {
  workspace.trouble('apps.connections.open', { status: 503 });
  workspace.hangUp();
  await vi.waitFor(() => expect(workspace.connected()).toBe(true), { timeout: 10_000 });
  await workspace.mention('U0ANN', 'help');
  await saying('What I do');
  expect(notes).toContain('the socket was closed: another is opened');
  workspace.trouble('apps.connections.open', { error: 'invalid_auth' });
  workspace.hangUp();
  await vi.waitFor(() => expect(lost).toEqual(['Slack refused the app token: invalid_auth']), {
    timeout: 10_000,
  });
});

test('a token that is not taken is said before anything begins', async () => {
  const { url: apiUrl, tokens } = workspace;
  const reach = { kind: 'socket', appToken: tokens.app } as const;
  const wrong = await failure(openChat({ botToken: 'xoxb-wrong', apiUrl, reach }, () => {}));
  expect(wrong.message).toBe('Slack refused the bot token: invalid_auth');
  const swapped = await openChat(
    { botToken: tokens.bot, apiUrl, reach: { ...reach, appToken: tokens.bot } },
    () => {},
  );
  expect((await failure(swapped.start(bot, () => {}))).message).toBe(
    'Slack refused the app token: not_allowed_token_type',
  );
});
