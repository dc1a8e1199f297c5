import { type Condition, condition, select } from './filter-json-condition.ts';
import { type Regexes, regexes } from './filter-regex.ts';
import { invalidParameter } from './records.ts';

/** Whether a log event's message matches. */
export type Matcher = (message: string) => boolean;

/** `$.a.b[0]`, `$.list[*].x`, `$.*`, `$.['dotted.key']` · operators · "text" · %regex% · bare words and numbers. */
const TOKEN =
  /\s*(?:(\$(?:\.?\[(?:\d+|\*|'[^']*'|"[^"]*")\]|\.(?:[\w-]+|\*))+)|(&&|\|\||[()]|!=|<=|>=|[=<>])|"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%|([\w.*+-]+))\s*/y;

type Token = { kind: 'selector' | 'operator' | 'text' | 'regex' | 'word'; text: string };

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  const kinds = ['selector', 'operator', 'text', 'regex', 'word'] as const;
  TOKEN.lastIndex = 0;
  for (let at = 0; at < pattern.length; at = TOKEN.lastIndex) {
    const match = TOKEN.exec(pattern);
    if (!match) throw invalidParameter(`Invalid character(s) in term '${pattern.slice(at).trim()[0] ?? ''}'`);
    const kind = kinds.findIndex((_, group) => match[group + 1] !== undefined);
    tokens.push({ kind: kinds[kind] as Token['kind'], text: match[kind + 1] as string });
  }
  return tokens;
}

/**
 * The inside of `{ … }`: conditions with `&&` (binds tighter) and `||`, in parentheses.
 * A message that is not a JSON object does not match.
 */
export function parseJsonPattern(pattern: string): Matcher {
  const parser = new Parser(tokenize(pattern), regexes());
  const matches = parser.whole();
  return (message) => {
    if (!message.trimStart().startsWith('{')) return false;
    try {
      return matches(JSON.parse(message));
    } catch {
      return false;
    }
  };
}

class Parser {
  readonly #tokens: Token[];
  readonly #compile: Regexes;
  #at = 0;

  constructor(tokens: Token[], compile: Regexes) {
    this.#tokens = tokens;
    this.#compile = compile;
  }

  whole(): Condition {
    const condition = this.#or();
    if (this.#at < this.#tokens.length) throw this.#invalid();
    return condition;
  }

  #invalid() {
    return invalidParameter('Invalid filter pattern');
  }

  #next(): Token {
    const token = this.#tokens[this.#at++];
    if (!token) throw this.#invalid();
    return token;
  }

  #skip(text: string): boolean {
    const token = this.#tokens[this.#at];
    const found = token !== undefined && token.kind !== 'text' && token.text.toUpperCase() === text;
    if (found) this.#at++;
    return found;
  }

  #or(): Condition {
    const parts = [this.#and()];
    while (this.#skip('||')) parts.push(this.#and());
    return (event) => parts.some((matches) => matches(event));
  }

  #and(): Condition {
    const parts = [this.#one()];
    while (this.#skip('&&')) parts.push(this.#one());
    return (event) => parts.every((matches) => matches(event));
  }

  #one(): Condition {
    if (this.#skip('(')) {
      const inner = this.#or();
      if (!this.#skip(')')) throw this.#invalid();
      return inner;
    }
    const selector = this.#next();
    if (selector.kind !== 'selector') throw this.#invalid();
    const nodes = select(selector.text);
    if (this.#skip('IS')) {
      const value = { NULL: null, TRUE: true, FALSE: false }[this.#next().text.toUpperCase()];
      if (value === undefined) throw this.#invalid();
      return (event) => nodes(event).some((node) => node === value);
    }
    if (this.#skip('NOT')) {
      if (!this.#skip('EXISTS')) throw this.#invalid();
      return (event) => nodes(event).length === 0;
    }
    const operator = this.#next();
    const operand = this.#next();
    if (operator.kind !== 'operator' || operand.kind === 'selector' || operand.kind === 'operator')
      throw this.#invalid();
    const compare =
      operand.kind === 'regex'
        ? condition(operator.text, this.#compile(operand.text))
        : condition(operator.text, operand.text.replace(/\\(.)/g, '$1'));
    return (event) => nodes(event).some(compare);
  }
}
