/** Options of a tool: `names` maps every spelling to one key; those that take a value end in `=`. */
export interface ParsedOptions {
  flags: Set<string>;
  values: Map<string, string[]>;
  words: string[];
}

/** Throws an Error with getopt_long(3)'s sentence for an unknown option. */
export function parseOptions(args: string[], names: Record<string, string>): ParsedOptions {
  const parsed: ParsedOptions = { flags: new Set(), values: new Map(), words: [] };
  const queue = [...args];
  const take = (spelling: string, attached: string | undefined): boolean => {
    const key = names[spelling];
    if (key === undefined) {
      const dashes = spelling.length === 1 ? 'invalid option --' : 'unrecognized option';
      throw new Error(`${dashes} '${spelling.length === 1 ? spelling : `--${spelling}`}'`);
    }
    if (!key.endsWith('=')) {
      parsed.flags.add(key);
      return false;
    }
    const value = attached ?? queue.shift();
    if (value === undefined) throw new Error(`option '${spelling}' requires an argument`);
    parsed.values.set(key.slice(0, -1), [...(parsed.values.get(key.slice(0, -1)) ?? []), value]);
    return true;
  };
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '--') {
      parsed.words.push(...queue);
      break;
    }
    if (word.startsWith('--')) {
      const [name = '', ...value] = word.slice(2).split('=');
      take(name, value.length > 0 ? value.join('=') : undefined);
    } else if (word.startsWith('-') && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        const rest = word.slice(at + 1);
        if (take(word[at] as string, rest === '' ? undefined : rest)) break;
      }
    } else parsed.words.push(word);
  }
  return parsed;
}
