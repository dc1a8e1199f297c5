import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { Argument, Command, Option } from 'commander';
import { KINDS } from '../setup/application.ts';
import { type Line, nameOf, optionsOf, readLine, visible } from './line.ts';
import { projectWords } from './project.ts';
import { keysFrom, valuesOfKey } from './schema-words.ts';
import { SHELLS } from './scripts.ts';

/** What the last word may become. */
export interface Candidate {
  value: string;
  description: string;
}

/** What the shell knows better than bake. */
export type Shells = 'files' | 'directories';

/** What the last of the words may become: candidates that begin with it, or what the shell is to look for itself. Pure but for the project's files. */
export function complete(program: Command, words: readonly string[]): Candidate[] | Shells {
  const line = readLine(program, words);
  const found = possible(line);
  if (typeof found === 'string') return found;
  return found
    .filter(({ value }) => value.startsWith(line.current))
    .map(({ value, description }) => ({ value: `${line.prefix}${value}`, description }));
}

function possible(line: Line): Candidate[] | Shells {
  const { wanted, command, current } = line;
  if ('option' in wanted) return valuesOf(wanted.option, line);
  if (current.startsWith('-') && !line.onlyOperands) return optionWords(line);
  if (command.commands.length > 0)
    return visible(command).map((one) => ({ value: one.name(), description: one.description() }));
  return wanted.argument ? argumentWords(wanted.argument, line) : [];
}

/** Those that were not given yet. */
const optionWords = ({ command, given }: Line): Candidate[] => [
  ...optionsOf(command)
    .filter((option) => !given.has(nameOf(option)))
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', description })),
  { value: '--help', description: 'display help for command' },
];

const plain = (values: readonly string[], description = ''): Candidate[] =>
  values.map((value) => ({ value, description }));

type Source = (line: Line) => Candidate[];

const builds: Source = ({ given }) =>
  projectWords(given).builds.map(({ release, imageId }) => ({ value: release, description: imageId }));
const imageIds: Source = ({ given }) =>
  projectWords(given).builds.map(({ release, imageId }) => ({
    value: imageId,
    description: `release ${release}`,
  }));

/** Values of options, by their long names. Others have files by their placeholder, or nothing. */
const SOURCES: Record<string, Source> = {
  env: ({ given }) => plain(projectWords(given).environments, 'environment'),
  from: ({ given }) => plain(projectWords(given).layers, 'layer'),
  only: ({ given }) => plain(projectWords(given).images, 'image'),
  release: builds,
  to: builds,
  image: imageIds,
  cloud: () => plain(valuesOfKey('cloud'), 'cloud'),
  // Of `bake init`; where one is rolled out by, the program names its choices itself.
  strategy: () => plain(['rolling', 'blue-green'], 'strategy'),
  kind: () => plain(KINDS, 'kind of application'),
  scenario: () => plain(scenarioNames(), 'scenario'),
  'on-interrupt': () => plain(valuesOfKey('rollout.onInterrupt')),
  runtime: () => [
    { value: 'sandbox', description: 'real processes' },
    { value: 'none', description: 'state machines only' },
  ],
};

function valuesOf(option: Option, line: Line): Candidate[] | Shells {
  if (option.argChoices) return plain(option.argChoices, nameOf(option));
  return SOURCES[nameOf(option)]?.(line) ?? pathsOf(option.flags);
}

/** Those that come with bake: `scenarios/`. */
const scenarioNames = (): string[] =>
  readdirSync(new URL('../../scenarios/', import.meta.url)).map((file) => basename(file, '.yaml'));

/** `--report <file>`, `-C <dir>`: the shell knows what there is. */
function pathsOf(flags: string): Candidate[] | Shells {
  if (/[<[]dir/.test(flags)) return 'directories';
  return /[<[]file/.test(flags) ? 'files' : [];
}

function argumentWords(argument: Argument, { current, command }: Line): Candidate[] | Shells {
  if (argument.argChoices) return plain(argument.argChoices);
  if (command.name() === 'explain') return keysFrom(current);
  if (command.name() === 'completion') return plain(SHELLS);
  return argument.name() === 'events' ? 'files' : [];
}
