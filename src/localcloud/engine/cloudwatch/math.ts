import { call } from './math-functions.ts';
import { expressionError, type Token, tokens } from './math-tokens.ts';
import { type MathScope, pointwise, type Series, single, type Value } from './math-values.ts';

/**
 * The value of a metric math expression: numbers, ids, + - * / ^, comparisons, AND, OR, arrays, functions.
 * Source: CloudWatch user guide, "Using math expressions". Throws ValidationError.
 */
export function calculate(expression: string, scope: MathScope): number | Series {
  return single(scope, new Parser(tokens(expression, scope.id), scope).whole());
}

type Operator = (a: number, b: number) => number | undefined;
const truth = (test: boolean) => (test ? 1 : 0);

/** Operators by how strongly they bind, weakest first. */
const LEVELS: Record<string, Operator>[] = [
  { '||': (a, b) => truth(a !== 0 || b !== 0), OR: (a, b) => truth(a !== 0 || b !== 0) },
  { '&&': (a, b) => truth(a !== 0 && b !== 0), AND: (a, b) => truth(a !== 0 && b !== 0) },
  {
    '==': (a, b) => truth(a === b),
    '!=': (a, b) => truth(a !== b),
    '<': (a, b) => truth(a < b),
    '<=': (a, b) => truth(a <= b),
    '>': (a, b) => truth(a > b),
    '>=': (a, b) => truth(a >= b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  // A division by zero gives no value.
  { '*': (a, b) => a * b, '/': (a, b) => (b === 0 ? undefined : a / b) },
  { '^': (a, b) => a ** b },
];

class Parser {
  readonly #tokens: Token[];
  readonly #scope: MathScope;
  #at = 0;

  constructor(list: Token[], scope: MathScope) {
    this.#tokens = list;
    this.#scope = scope;
  }

  whole(): Value {
    const value = this.#binary(0);
    if (this.#next.kind !== 'end') throw this.#unexpected();
    return value;
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #unexpected() {
    return expressionError(this.#scope.id, `unexpected ${this.#next.text}`);
  }

  #take(text: string): boolean {
    const found = this.#next.kind !== 'end' && this.#next.text === text;
    if (found) this.#at++;
    return found;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#unexpected();
  }

  #binary(level: number): Value {
    const operators = LEVELS[level];
    if (!operators) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const { kind, text } = this.#next;
      if (kind === 'end' || !Object.hasOwn(operators, text)) return left;
      this.#at++;
      const right = this.#binary(level + 1);
      left = pointwise(this.#scope, [left, right], operators[text] as Operator);
    }
  }

  #unary(): Value {
    if (this.#take('-')) return pointwise(this.#scope, [this.#unary()], (a) => -a);
    if (this.#take('+')) return this.#unary();
    return this.#primary();
  }

  #primary(): Value {
    const { kind, text } = this.#next;
    if (kind === 'end') throw this.#unexpected();
    this.#at++;
    if (kind === 'number') return Number(text);
    if (text === '(') {
      const value = this.#binary(0);
      this.#expect(')');
      return value;
    }
    if (text === '[') return { many: this.#list(']') };
    if (kind !== 'name') {
      this.#at--;
      throw this.#unexpected();
    }
    if (this.#take('(')) return call(this.#scope, text, this.#list(')'));
    // Words of FILL.
    if (text === 'REPEAT' || text === 'LINEAR') return { word: text };
    return this.#scope.lookup(text);
  }

  #list(end: string): Value[] {
    const list: Value[] = [];
    if (this.#take(end)) return list;
    do list.push(this.#binary(0));
    while (this.#take(','));
    this.#expect(end);
    return list;
  }
}
