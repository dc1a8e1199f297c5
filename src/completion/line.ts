import type { Argument, Command, Option } from 'commander';

/** A command line as far as it is typed: what its last word may become. */
export interface Line {
  command: Command;
  /** What the last word belongs to. */
  wanted: { option: Option } | { argument: Argument | undefined };
  /** The last word, or what is typed of the value after `--option=`. */
  current: string;
  /** What stands before the value in the same word, `--option=`, which the shell keeps in the word. */
  prefix: string;
  /** After `--` nothing is an option. */
  onlyOperands: boolean;
  /** Options that were given, by their long names, with their values. */
  given: Map<string, string | undefined>;
}

/** Reads the words after the program's name; the last one is being typed. Words that make no sense are passed over. */
export function readLine(program: Command, words: readonly string[]): Line {
  const reader = new Reader(program);
  for (const word of words.slice(0, -1)) reader.read(word);
  return reader.end(words.at(-1) ?? '');
}

class Reader {
  #command: Command;
  #operands = 0;
  /** An option whose value comes next. */
  #open: Option | undefined;
  #onlyOperands = false;
  readonly #given = new Map<string, string | undefined>();

  constructor(program: Command) {
    this.#command = program;
  }

  read(word: string): void {
    // Shells that break words at `=` hand it over as a word of its own.
    if (this.#open && word === '=') return;
    if (this.#open && !(this.#open.optional && word.startsWith('-'))) {
      this.#given.set(nameOf(this.#open), word);
      this.#open = undefined;
      return;
    }
    this.#open = undefined;
    if (word === '--') this.#onlyOperands = true;
    else if (word.startsWith('-') && !this.#onlyOperands) this.#option(word);
    else this.#operand(word);
  }

  #option(word: string): void {
    const [flag, ...value] = word.split('=');
    const option = optionsOf(this.#command).find(({ short, long }) => flag === short || flag === long);
    if (!option) return;
    this.#given.set(nameOf(option), value.length > 0 ? value.join('=') : undefined);
    if (value.length === 0 && (option.required || option.optional)) this.#open = option;
  }

  #operand(word: string): void {
    const inside = visible(this.#command).find((one) => one.name() === word || one.aliases().includes(word));
    if (inside && this.#operands === 0) this.#command = inside;
    else this.#operands++;
  }

  end(word: string): Line {
    const given = this.#given;
    const onlyOperands = this.#onlyOperands;
    const line = { command: this.#command, given, onlyOperands, current: word, prefix: '' };
    const argument = { argument: this.#command.registeredArguments[this.#operands] };
    if (onlyOperands) return { ...line, wanted: argument };
    const open = this.#open;
    if (open && !(open.optional && word.startsWith('-')))
      return { ...line, wanted: { option: open }, current: word === '=' ? '' : word };
    const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    const option = optionsOf(this.#command).find(({ long }) => long !== undefined && long === flag);
    if (option && flag !== undefined && value !== undefined)
      return { ...line, wanted: { option }, current: value, prefix: `${flag}=` };
    return { ...line, wanted: argument };
  }
}

/** `directory` of `-C, --directory <dir>` */
export const nameOf = (option: Option): string => (option.long ?? option.short ?? '').replace(/^-+/, '');

/** Its own and those of the commands above it. */
export const optionsOf = (command: Command): Option[] => [
  ...command.options.filter(({ hidden }) => !hidden),
  ...(command.parent ? optionsOf(command.parent) : []),
];

/** The commands that the help shows. */
export const visible = (command: Command): Command[] =>
  command.commands.filter((one) => !(one as Command & { _hidden?: boolean })._hidden);
