import type { Machine, Tool, ToolIo } from '../machine.ts';
import { unitName } from '../units/search.ts';
import { type ParsedOptions, parseOptions } from './options.ts';
import { FILE_COMMANDS } from './systemctl-files.ts';
import { JOB_COMMANDS } from './systemctl-jobs.ts';
import { LIST_COMMANDS } from './systemctl-list.ts';
import { STATE_COMMANDS } from './systemctl-state.ts';

export interface Request {
  /** Names with their kind: `worker` -> `worker.service`. */
  units: string[];
  words: string[];
  options: ParsedOptions;
  io: ToolIo;
  machine: Machine;
}

/** Resolves with systemctl(1)'s exit code. */
export type Command = (request: Request) => Promise<number>;

const OPTIONS: Record<string, string> = {
  ...{ now: 'now', q: 'quiet', quiet: 'quiet', 'no-block': 'no-block', a: 'all', all: 'all', f: 'force' },
  ...{
    'no-pager': 'no-pager',
    'no-legend': 'no-legend',
    plain: 'plain',
    l: 'full',
    full: 'full',
    value: 'value',
  },
  ...{
    force: 'force',
    failed: 'failed',
    system: 'system',
    'no-reload': 'no-reload',
    wait: 'wait',
    runtime: 'runtime',
  },
  ...{
    'no-ask-password': 'system',
    'no-wall': 'system',
    'show-transaction': 'system',
    'reload-or-restart': 'system',
  },
  ...{ p: 'property=', property: 'property=', P: 'only=', state: 'state=', t: 'type=', type: 'type=' },
  ...{ n: 'lines=', lines: 'lines=', o: 'output=', output: 'output=', s: 'signal=', signal: 'signal=' },
  ...{
    root: 'root=',
    user: 'user',
    M: 'machine=',
    machine: 'machine=',
    version: 'version',
    'no-warn': 'system',
  },
  ...{ 'kill-who': 'whom=', 'kill-whom': 'whom=', 'job-mode': 'job-mode=', 'preset-mode': 'job-mode=' },
};

const COMMANDS: Record<string, Command> = {
  ...JOB_COMMANDS,
  ...FILE_COMMANDS,
  ...STATE_COMMANDS,
  ...LIST_COMMANDS,
};

/** systemctl(1) as far as images and services need it, with its exit codes. */
export const systemctl: Tool = async (args, io, machine) => {
  let options: ParsedOptions;
  try {
    options = parseOptions(args, OPTIONS);
  } catch (error) {
    io.err(`systemctl: ${(error as Error).message}\n`);
    return 1;
  }
  if (options.flags.has('version')) {
    io.out('systemd 252 (the local cloud)\n');
    return 0;
  }
  if (options.flags.has('user')) {
    io.err("Failed to connect to bus: the local cloud has no users' service managers\n");
    return 1;
  }
  const [verb = 'list-units', ...words] = options.words;
  const command = COMMANDS[verb];
  if (!command) {
    io.err(`Unknown command verb ${verb}.\n`);
    return 1;
  }
  return command({ units: words.map(unitName), words, options, io, machine });
};
