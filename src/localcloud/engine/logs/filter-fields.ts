import type { Matcher } from './filter-json.ts';
import { type Condition, condition } from './filter-json-condition.ts';
import { type Regexes, regexes } from './filter-regex.ts';
import { invalidParameter } from './records.ts';

const TOKEN =
  /\s*(?:(\.\.\.|&&|\|\||!=|<=|>=|[=<>(),])|"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%|([^\s,&|=<>!()"%]+))\s*/y;

type Token = { kind: 'operator' | 'text' | 'regex' | 'word'; text: string };

const invalid = () => invalidParameter('Invalid filter pattern');

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  const kinds = ['operator', 'text', 'regex', 'word'] as const;
  TOKEN.lastIndex = 0;
  for (let at = 0; at < pattern.length; at = TOKEN.lastIndex) {
    const match = TOKEN.exec(pattern);
    if (!match) throw invalid();
    const kind = kinds.findIndex((_, group) => match[group + 1] !== undefined);
    tokens.push({ kind: kinds[kind] as Token['kind'], text: match[kind + 1] as string });
  }
  return tokens;
}

/** Fields of a message: words, and what stands in quotes or square brackets, without them. */
const fieldsOf = (message: string): string[] =>
  [...message.matchAll(/"([^"]*)"|\[([^\]]*)\]|(\S+)/g)].map(
    ([, quoted, bracketed, word]) => (quoted ?? bracketed ?? word) as string,
  );

/**
 * The inside of `[ … ]`: one name per field, perhaps with conditions on it (`status=4*`, `bytes>1000 && bytes<2000`), `...` for
 * any number of fields. Without `...` a message must have as many fields as the pattern.
 * Source: CloudWatch Logs, "Filter pattern syntax", space-delimited log events.
 */
export function parseFieldPattern(pattern: string): Matcher {
  const compile = regexes();
  const items = split(tokenize(pattern)).map((tokens) => itemOf(tokens, compile));
  const gap = items.indexOf(undefined);
  if (gap !== items.lastIndexOf(undefined)) throw invalid();
  const before = (gap < 0 ? items : items.slice(0, gap)) as Condition[];
  const after = (gap < 0 ? [] : items.slice(gap + 1)) as Condition[];
  return (message) => {
    const fields = fieldsOf(message);
    const least = before.length + after.length;
    if (gap < 0 ? fields.length !== least : fields.length < least) return false;
    const last = fields.slice(fields.length - after.length);
    return (
      before.every((matches, at) => matches(fields[at])) && after.every((matches, at) => matches(last[at]))
    );
  };
}

function split(tokens: Token[]): Token[][] {
  const items: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'operator' && token.text === ',') items.push([]);
    else items.at(-1)!.push(token);
  }
  return items;
}

/** Undefined for `...`. */
function itemOf(tokens: Token[], compile: Regexes): Condition | undefined {
  const [first] = tokens;
  if (tokens.length <= 1) {
    if (first?.kind === 'operator' && first.text !== '...') throw invalid();
    return first?.text === '...' && first.kind === 'operator' ? undefined : () => true;
  }
  const state = { at: 0 };
  const matches = either(tokens, state, compile);
  if (state.at < tokens.length) throw invalid();
  return matches;
}

const isNext = (tokens: Token[], at: number, operator: string) =>
  tokens[at]?.kind === 'operator' && tokens[at].text === operator;

function either(tokens: Token[], state: { at: number }, compile: Regexes): Condition {
  const parts = [both(tokens, state, compile)];
  while (isNext(tokens, state.at, '||')) {
    state.at++;
    parts.push(both(tokens, state, compile));
  }
  return (field) => parts.some((matches) => matches(field));
}

function both(tokens: Token[], state: { at: number }, compile: Regexes): Condition {
  const parts = [one(tokens, state, compile)];
  while (isNext(tokens, state.at, '&&')) {
    state.at++;
    parts.push(one(tokens, state, compile));
  }
  return (field) => parts.every((matches) => matches(field));
}

function one(tokens: Token[], state: { at: number }, compile: Regexes): Condition {
  if (isNext(tokens, state.at, '(')) {
    state.at++;
    const inner = either(tokens, state, compile);
    if (!isNext(tokens, state.at, ')')) throw invalid();
    state.at++;
    return inner;
  }
  const [name, operator, operand] = tokens.slice(state.at, state.at + 3);
  if (name?.kind !== 'word' || operator?.kind !== 'operator' || !operand || operand.kind === 'operator')
    throw invalid();
  state.at += 3;
  const value = operand.kind === 'regex' ? compile(operand.text) : operand.text.replace(/\\(.)/g, '$1');
  const matches = condition(operator.text, value);
  const ordered = operator.text.startsWith('<') || operator.text.startsWith('>');
  // Fields are text; an order is one of numbers.
  return (field) => matches(ordered && field !== '' ? Number(field) : field);
}
