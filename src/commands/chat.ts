import { once } from 'node:events';
import { openChat } from '../chat/app.ts';
import { ChatBot } from '../chat/bot.ts';
import type { Reach } from '../chat/door.ts';
import { didYouMean } from '../config/known.ts';
import { loadProject } from '../config/load.ts';
import type { Project } from '../config/schema.ts';
import { usageError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import { openSlack } from '../slack/post.ts';
import { type GlobalOptions, type Outcome, runCommand, type Session } from './session.ts';

export interface ChatOptions extends GlobalOptions {
  socket?: boolean;
  port?: string;
  host?: string;
}

/** `bake chat`. No cloud is asked by the bot itself: what it is asked for it starts as `bake …`. */
export const chat = (options: ChatOptions): Promise<number> =>
  runCommand('chat', options, (session) => serve(session, options), {
    ...{ cloud: () => false, journal: false },
    interrupted: {
      first: 'interrupted: takes nothing more, and waits for what is under way',
      second: 'what is under way goes on by itself; `bake status` shows it',
    },
  });

async function serve({ run, project }: Session, options: ChatOptions): Promise<Outcome> {
  const { SLACK_API_URL: apiUrl } = process.env;
  const { botToken, reach } = reachOf(options, process.env);
  const load = loaderOf(project, options);
  for (const name of project.environments) checkAllowed(load(name));

  const app = await openChat({ botToken, apiUrl, reach }, (line) => run.warn(line));
  const bot = new ChatBot({
    load,
    environment: options.env,
    bake: bakeOf(project, options),
    open: (channel) => openSlack({ botToken, channel, apiUrl }),
    member: app.member,
    team: app.team,
    clock: run.clock,
    note: (line) => run.note(line),
  });
  // While a socket is opened anew nothing else would keep the process.
  const alive = setInterval(() => {}, 60_000);
  const ended = new AbortController();
  const over = once(AbortSignal.any([run.signal, ended.signal]), 'abort');
  try {
    run.note(`takes commands by ${await app.start(bot, (error) => ended.abort(error))}`);
    if (!run.signal.aborted) await over;
    await app.stop();
  } finally {
    if (bot.busy > 0) run.note(`waits for ${count(bot.busy, 'command')} under way`);
    await bot.stop();
    clearInterval(alive);
  }
  if (ended.signal.aborted) throw ended.signal.reason;
  return { headline: 'bake chat has ended; nothing is under way' };
}

/** By socket, unless there is a port: then Slack has to reach it, and signs what it sends. */
function reachOf(
  { socket, port, host = '127.0.0.1' }: ChatOptions,
  { SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_SIGNING_SECRET }: NodeJS.ProcessEnv,
): { botToken: string; reach: Reach } {
  if (socket && port !== undefined) throw usageError('--socket and --port are two ways: choose one');
  if (port !== undefined && !/^\d{1,5}$/.test(port))
    throw usageError(`--port ${port} is no number of a port`);
  const botToken = needed('SLACK_BOT_TOKEN', SLACK_BOT_TOKEN, 'xoxb-…, under "OAuth & Permissions"');
  if (port === undefined) {
    const appToken = needed(
      'SLACK_APP_TOKEN',
      SLACK_APP_TOKEN,
      'xapp-…, with the scope connections:write, under "Basic Information"',
    );
    return { botToken, reach: { kind: 'socket', appToken } };
  }
  const signingSecret = needed('SLACK_SIGNING_SECRET', SLACK_SIGNING_SECRET, 'under "Basic Information"');
  return { botToken, reach: { kind: 'http', signingSecret, port: Number(port), host } };
}

function needed(name: string, value: string | undefined, where: string): string {
  if (value) return value;
  throw usageError(
    `${name} is not set`,
    `Set it to what the page of the Slack app says (${where}): docs/chat.md.`,
  );
}

/** bake.yaml as it is each time, so that a checkout that moves on needs no new bot. */
const loaderOf =
  ({ file, directory }: Project, { file: named }: ChatOptions) =>
  (environment?: string): Project =>
    loadProject({ directory, file: named && file, environment, variables: process.env });

/** How the bot calls bake: as it was called itself. */
const bakeOf = ({ file }: Project, { file: named, local }: ChatOptions): [string, ...string[]] => [
  process.execPath,
  process.argv[1]!,
  ...(named === undefined ? [] : ['--file', file]),
  ...(local ? ['--local'] : []),
];

/** A list for an environment that is not there would let everybody in, unnoticed. */
function checkAllowed({ config, environments }: Project): void {
  const known = ['*', 'default', ...environments];
  for (const name of Object.keys(config.chat.allow)) {
    if (!known.includes(name))
      throw usageError(
        `chat.allow names the environment "${name}", which is not there${didYouMean(name, environments)}`,
      );
  }
}
