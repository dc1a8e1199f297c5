import { ServiceError } from '../../errors.ts';

export type Token = { kind: 'word' | 'text' | 'number' | 'regex' | 'sign'; text: string };

export const malformed = (what: string) =>
  new ServiceError('MalformedQueryException', `unexpected symbol found ${what}`);

/** Text in either quotes, a name in backticks, a regular expression, a number, a sign, a word (names may begin with `@`). */
const TOKEN =
  /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`]+)`|(\d+(?:\.\d+)?)(?![\w])|(!=|<=|>=|=~|[=<>(),|*[\]+-])|([@\w][\w.@]*))\s*/y;

const COMMENT = /\s*#.*\n?/y;
const REGEX = /\s*\/((?:[^/\\\n]|\\.)+)\/(i?)\s*/y;

/** A query of CloudWatch Logs Insights in words. A slash begins a regular expression where one can stand: there is no division. */
export function tokenize(query: string): Token[] {
  const text = query.trim();
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    COMMENT.lastIndex = at;
    if (COMMENT.test(text)) {
      at = COMMENT.lastIndex;
      continue;
    }
    REGEX.lastIndex = at;
    TOKEN.lastIndex = at;
    const regex = REGEX.exec(text);
    if (regex) {
      tokens.push({ kind: 'regex', text: `${regex[2] === 'i' ? '(?i)' : ''}${regex[1]}` });
      at = REGEX.lastIndex;
      continue;
    }
    const match = TOKEN.exec(text);
    if (!match) throw malformed(`${text[at]} at position ${at}`);
    const [, double, single, name, number, sign, word] = match;
    const quoted = double ?? single;
    if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replace(/\\(.)/g, '$1') });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else tokens.push({ kind: 'word', text: (name ?? word) as string });
    at = TOKEN.lastIndex;
  }
  return tokens;
}

/** A regular expression as the query wrote it; `(?i)` at its beginning ignores case. @throws MalformedQueryException */
export function regexOf(source: string): RegExp {
  const insensitive = source.startsWith('(?i)');
  try {
    return new RegExp(insensitive ? source.slice('(?i)'.length) : source, insensitive ? 'i' : '');
  } catch {
    throw malformed(`/${source}/`);
  }
}

/** Reads tokens one after the other. */
export class Cursor {
  readonly #tokens: Token[];
  #at = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  get peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  next(): Token {
    const token = this.#tokens[this.#at++];
    if (!token) throw malformed('at the end of the query');
    return token;
  }

  /** Whether the next is this word or sign (words in any case); then it is read. */
  skip(text: string): boolean {
    const token = this.peek;
    const found =
      token !== undefined &&
      (token.kind === 'word' || token.kind === 'sign') &&
      token.text.toLowerCase() === text;
    if (found) this.#at++;
    return found;
  }

  expect(text: string): void {
    if (!this.skip(text)) throw malformed(this.peek?.text ?? `at the end of the query, not ${text}`);
  }

  /** The name of a field. */
  word(): string {
    const token = this.next();
    if (token.kind !== 'word') throw malformed(token.text);
    return token.text;
  }
}
