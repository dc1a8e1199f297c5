import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Tool } from '../machine.ts';
import { JobError } from '../services/service.ts';
import { unitName } from '../units/search.ts';
import { parseTimeSpan } from '../units/time-span.ts';
import { type ParsedOptions, parseOptions } from './options.ts';

const OPTIONS: Record<string, string> = {
  ...{ u: 'unit=', unit: 'unit=', 'on-active': 'on-active=', p: 'property=', property: 'property=' },
  ...{ 'timer-property': 'timer-property=', E: 'setenv=', setenv: 'setenv=', uid: 'uid=', gid: 'gid=' },
  ...{ 'working-directory': 'working-directory=', description: 'description=', slice: 'slice=' },
  ...{ 'service-type': 'service-type=', wait: 'wait', q: 'quiet', quiet: 'quiet', 'no-block': 'no-block' },
  ...{ G: 'collect', collect: 'collect', r: 'remain', 'remain-after-exit': 'remain', system: 'system' },
};

/** systemd-run(1): a command as a service, at once or `--on-active` from now. */
export const systemdRun: Tool = async (args, io, { manager }) => {
  let options: ParsedOptions;
  try {
    options = parseOptions(ownOptionsFirst(args), OPTIONS);
  } catch (error) {
    io.err(`systemd-run: ${(error as Error).message} (or not supported by the local cloud)\n`);
    return 1;
  }
  const { flags, values, words } = options;
  if (words.length === 0) {
    io.err('Command line to execute required.\n');
    return 1;
  }
  const service = unitName(values.get('unit')?.at(-1) ?? `run-u${randomBytes(4).toString('hex')}`);
  writeFileSync(`/run/systemd/system/${service}`, unitText(options));
  const say = (line: string) => {
    if (!flags.has('quiet')) io.err(`${line}\n`);
  };

  const active = values.get('on-active')?.at(-1);
  if (active !== undefined) {
    const delay = parseTimeSpan(active);
    if (delay === undefined) {
      io.err(`Failed to parse timer value: ${active}\n`);
      return 1;
    }
    const timer = service.replace(/\.service$/, '.timer');
    manager.startLater(timer, service, delay);
    say(`Running timer as unit: ${timer}\nWill run service as unit: ${service}`);
    return 0;
  }
  say(`Running as unit: ${service}`);
  const started = manager.start(service);
  if (flags.has('no-block')) {
    started.catch(() => {});
    return 0;
  }
  try {
    await started;
  } catch (error) {
    if (!(error instanceof JobError)) throw error;
    if (!flags.has('wait')) {
      io.err(`${error.message}\n`);
      return 1;
    }
  }
  return flags.has('wait') ? (manager.find(service).mainExit?.code ?? 1) : 0;
};

/** The options end with the first word: what follows are the command's own. */
function ownOptionsFirst(args: string[]): string[] {
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string;
    if (word === '--') return args;
    if (!word.startsWith('-')) return [...args.slice(0, at), '--', ...args.slice(at)];
    const key = OPTIONS[word.replace(/^--?/, '')];
    if (key?.endsWith('=')) at++; // Its value is the next word.
  }
  return args;
}

function unitText({ flags, values, words }: ParsedOptions): string {
  const one = (option: string, setting: string) => {
    const value = values.get(option)?.at(-1);
    return value === undefined ? [] : [`${setting}=${value}`];
  };
  const type = flags.has('wait') ? 'oneshot' : (values.get('service-type')?.at(-1) ?? 'exec');
  return [
    '[Unit]',
    `Description=${(values.get('description')?.at(-1) ?? words.join(' ')).replace(/\s+/g, ' ')}`,
    '[Service]',
    `Type=${type}`,
    `ExecStart=${words.map(quoted).join(' ')}`,
    ...(flags.has('remain') ? ['RemainAfterExit=yes'] : []),
    ...one('uid', 'User'),
    ...one('gid', 'Group'),
    ...one('working-directory', 'WorkingDirectory'),
    ...(values.get('setenv') ?? []).map((assignment) => `Environment=${quoted(assignment)}`),
    ...(values.get('property') ?? []),
    '',
  ].join('\n');
}

/** As a unit file takes it back literally: no variables, no specifiers. */
const quoted = (word: string) =>
  `"${word.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
