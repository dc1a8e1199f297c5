import { splitWords } from './words.ts';

type Environment = Record<string, string>;

const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;

/** The assignments of Environment= settings: `A=1 "B=two words"`. */
export function parseEnvironment(values: string[]): Environment {
  return assignments(values.flatMap(splitWords));
}

/**
 * The text of an EnvironmentFile=: one assignment a line, `#` and `;` comments, quotes around parts of a value, a backslash
 * at the end of a line continues it. Variables are not substituted; a line that is no assignment is left out.
 */
export function parseEnvironmentFile(text: string): Environment {
  const lines = text.replaceAll('\\\n', '').split('\n');
  return assignments(
    lines
      .map((line) => line.trim())
      .filter((line) => !/^[#;]/.test(line))
      .map((line) => {
        const equals = line.indexOf('=');
        return `${line.slice(0, equals).trim()}=${unquote(line.slice(equals + 1).trim())}`;
      }),
  );
}

function assignments(words: string[]): Environment {
  const environment: Environment = {};
  for (const word of words) {
    const [, name, value] = ASSIGNMENT.exec(word) ?? [];
    if (name !== undefined && value !== undefined) environment[name] = value;
  }
  return environment;
}

/** Quotes as in a shell: none within single ones; a backslash before `"`, `\`, `$` or a back quote within double ones. */
function unquote(value: string): string {
  return value.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs, (_, single, double, escaped) => {
    if (single !== undefined) return single;
    return double === undefined ? escaped : double.replace(/\\(["\\$`])/g, '$1');
  });
}
