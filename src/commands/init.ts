import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { loadProject } from '../config/load.ts';
import { Interrupted, usageError } from '../run/errors.ts';
import { type Application, KINDS, type Kind } from '../setup/application.ts';
import { detect, type Found } from '../setup/detect.ts';
import { planOf } from '../setup/plan.ts';
import { type Ask, answer, type Given } from '../setup/questions.ts';
import { setupFiles } from '../setup/setup.ts';
import { writeFiles } from '../setup/write.ts';
import { withFailures } from './failure.ts';
import type { GlobalOptions } from './session.ts';
import { description } from './validate.ts';

interface InitOptions extends GlobalOptions, Omit<Given, 'port'> {
  yes?: boolean;
  force?: boolean;
  kind?: string;
  port?: string;
  /** --no-workflows. */
  workflows: boolean;
}

/** `bake init`: bake.yaml and what it names, for the application that is in the directory. */
export const init = (options: InitOptions): Promise<number> =>
  withFailures(options, async () => {
    const directory = resolve(options.directory ?? process.cwd());
    const found = lookAt(directory, options);
    const say = (text: string) => void (options.json || process.stdout.write(`${text}\n`));
    say(`Found ${inWords(found)}`);
    const given: Given = { ...options, port: portOf(options.port) };
    const answers = await asking(options, (ask) => answer(found, basename(directory), given, ask));
    const files = setupFiles(planOf(found, answers), options);
    const { written, kept } = writeFiles(directory, files, { force: options.force ?? false });
    const project = loadProject({ directory, variables: process.env });
    if (options.json) {
      process.stdout.write(
        `${JSON.stringify({ ok: true, kind: found.application.kind, source: found.source, answers, written, kept, notes: found.application.notes })}\n`,
      );
      return 0;
    }
    const what = new Map(files.map((file) => [file.path, file.what]));
    const width = Math.max(...written.map((path) => path.length)) + 2;
    say('\nWritten:');
    for (const path of written)
      say(`  ${path.padEnd(width)}${what.get(path) ?? 'leaves .bake/ out of the repository'}`);
    if (kept.length > 0) say(`Already there, and the same: ${kept.join(', ')}`);
    say(`\n${description(project)}`);
    for (const note of found.application.notes) say(`\nNote: ${note}`);
    say(`\nNext:\n${next(found, options).join('\n')}`);
    return 0;
  });

/** Throws a usage error when there is nothing that bake knows, or a configuration already. */
function lookAt(directory: string, { kind, force }: InitOptions): Found {
  if (kind !== undefined && !KINDS.includes(kind as Kind))
    throw usageError(`--kind is ${kind}: ${KINDS.join(', ')}`);
  if (!existsSync(directory)) throw usageError(`no directory ${directory}`);
  if (existsSync(join(directory, 'bake.yaml')) && !force)
    throw usageError('bake.yaml is already there: nothing was written', 'Give --force to write it anew.');
  const found = detect(directory, kind as Kind | undefined);
  if (found) return found;
  throw usageError(
    kind === undefined
      ? `no application that bake knows is in ${directory}`
      : `${directory} does not look like ${article(kind as Kind)} project`,
    'It knows Python (worker.py, main.py, app.py …), Node.js (package.json with "start" or "main"), Django (manage.py), Rails (Gemfile) and Dockerfiles; or write bake.yaml yourself, starting from an example.',
  );
}

const NAMES: Record<Kind, string> = {
  python: 'Python',
  node: 'Node.js',
  django: 'Django',
  rails: 'Rails',
  docker: 'Docker',
};
const article = (kind: Kind) => `a ${NAMES[kind]}`;

function inWords({ application, source, others }: Found): string {
  const what = `${article(application.kind)} ${roleOf(application)} (${application.because}${source === '.' ? '' : ` in ${source}/`})`;
  const also = others.map((kind) => `--kind ${kind}`).join(', ');
  return also === '' ? what : `${what}; it would also pass for ${also}`;
}

const roleOf = ({ web, queue }: Application) =>
  web ? 'web application' : queue ? 'worker that receives from a queue' : 'worker';

const next = ({ application }: Found, { directory }: InitOptions): string[] => {
  const flags = `${directory === undefined ? '' : ` -C ${directory}`}${application.kind === 'docker' ? ' -e local' : ''}`;
  const lines = {
    [`bake rehearse${flags}`]: 'build, roll out and fail on a throw-away local cloud: no account needed',
    'bake explain KEY': 'what a key of bake.yaml means',
    'bake doctor': 'whether this machine and account are ready for the real thing',
  };
  return Object.entries(lines).map(([command, what]) => `  ${command.padEnd(30)}${what}`);
};

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw usageError(`--port is ${text}: 1 to 65535`);
  return port;
}

/** Asks on the terminal; where nobody can be asked (a pipe, CI, --json, --yes) proposals are taken. */
async function asking<T>({ yes, json }: InitOptions, work: (ask?: Ask) => Promise<T>): Promise<T> {
  const { stdin: input, stdout: output, env } = process;
  if (yes || json || env.CI || !input.isTTY || !output.isTTY) return work();
  const terminal = createInterface({ input, output });
  const stop = new AbortController();
  terminal.once('SIGINT', () => stop.abort());
  terminal.once('close', () => stop.abort());
  try {
    return await work(async (question, proposal) => {
      const said = await terminal.question(`${question} [${proposal}]: `, { signal: stop.signal });
      return said.trim() || proposal;
    });
  } catch (error) {
    if (stop.signal.aborted) throw new Interrupted('nothing was written');
    throw error;
  } finally {
    terminal.close();
  }
}
