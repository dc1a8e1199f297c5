import { splitWords } from './words.ts';

/** One command of an Exec…= setting: systemd.service(5), "Command lines". */
export interface ExecCommand {
  words: string[];
  /** `-`: a failure does not count. */
  ignoreFailure: boolean;
  /** `@`: the second word is argv[0]. */
  ownName: boolean;
  /** `:` no variables are substituted. */
  literal: boolean;
  /** `+` and `!`: run as root whatever User= says. */
  privileged: boolean;
}

/** The commands of one setting; several are separated by a lone `;`. */
export function parseExecLine(value: string): ExecCommand[] {
  const commands: ExecCommand[] = [];
  for (const part of value.split(/\s;(?=\s|$)/)) {
    const [, prefix = '', rest = ''] = /^\s*([-@:+!|]*)(.*)$/s.exec(part) ?? [];
    const words = splitWords(rest).map((word) => (word === '\\;' ? ';' : word));
    if (words.length === 0) continue;
    commands.push({
      words,
      ignoreFailure: prefix.includes('-'),
      ownName: prefix.includes('@'),
      literal: prefix.includes(':'),
      privileged: /[+!]/.test(prefix),
    });
  }
  return commands;
}

/** Puts the environment in: `${NAME}` inside a word, `$NAME` as a whole word (split at white space), `$$` for a dollar. */
export function expandVariables(words: string[], environment: Record<string, string | undefined>): string[] {
  return words.flatMap((word, index) => {
    const whole = /^\$([A-Za-z_]\w*)$/.exec(word);
    if (whole && index > 0) return splitWords(environment[whole[1] as string] ?? '');
    return word.replace(/\$(?:\$|\{([A-Za-z_]\w*)\})/g, (match, name?: string) =>
      match === '$$' ? '$' : (environment[name as string] ?? ''),
    );
  });
}
