import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

/** What expressions see: contexts by name, and how it has gone so far. */
export interface Scope {
  contexts: Record<string, unknown>;
  /** Of the steps before, or of the jobs that are needed. */
  status: 'success' | 'failure' | 'cancelled';
}

/** A value of a workflow with every `${{ … }}` in it evaluated, however deep. */
export function interpolate(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return interpolateText(value, scope);
  if (Array.isArray(value)) return value.map((item) => interpolate(item, scope));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, interpolate(one, scope)]));
}

/** What is put into environments, inputs and outputs is text. */
export function texts(value: unknown, scope: Scope): Record<string, string> {
  const entries = Object.entries((interpolate(value ?? {}, scope) ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, one]) => [key, asText(one)]));
}

export const asText = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

const EXPRESSION = /\$\{\{((?:'(?:[^']|'')*'|(?!\}\})[^'])*)\}\}/g;

function interpolateText(text: string, scope: Scope): unknown {
  const [whole, expression] = new RegExp(`^${EXPRESSION.source}$`).exec(text) ?? [];
  if (whole !== undefined) return evaluate(expression!, scope);
  return text.replaceAll(EXPRESSION, (_, inside: string) => asText(evaluate(inside, scope)));
}

const STATUS_FUNCTION = /\b(success|failure|always|cancelled)\s*\(/;

/** An `if:`; one that does not ask how it has gone so far wants it to have gone well. */
export function holds(condition: unknown, scope: Scope): boolean {
  if (condition === undefined) return scope.status === 'success';
  const text = String(condition)
    .trim()
    .replace(/^\$\{\{(.*)\}\}$/s, '$1');
  if (!STATUS_FUNCTION.test(text.replaceAll(/'(?:[^']|'')*'/g, "''")) && scope.status !== 'success')
    return false;
  return truth(evaluate(text, scope));
}

const truth = (value: unknown): boolean =>
  !(value === null || value === undefined || value === false || value === 0 || value === '');

/** By GitHub's own parser and evaluator. */
function evaluate(expression: string, { contexts, status }: Scope): unknown {
  const answer = (name: string, value: boolean) => {
    const known = { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(value) };
    return [name, known] as const;
  };
  const functions = new Map([
    answer('always', true),
    answer('success', status === 'success'),
    answer('failure', status === 'failure'),
    answer('cancelled', status === 'cancelled'),
  ]);
  const { tokens } = new Lexer(expression.trim()).lex();
  const parsed = new Parser(tokens, Object.keys(contexts), [...functions.values()]).parse();
  const evaluator = new Evaluator(parsed, toData(contexts) as data.Dictionary, functions);
  return fromData(evaluator.evaluate());
}

function toData(value: unknown): data.ExpressionData {
  if (value === undefined || value === null) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value.map(toData));
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return new data.Dictionary(...entries.map(([key, one]) => ({ key, value: toData(one) })));
}

const fromData = (value: data.ExpressionData): unknown =>
  JSON.parse(JSON.stringify(value, data.replacer) ?? 'null');
