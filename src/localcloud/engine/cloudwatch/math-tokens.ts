import { ServiceError } from '../errors.ts';

export type Token = { kind: 'number' | 'name' | 'sign' | 'end'; text: string };

const TOKEN =
  /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_]\w*)|(==|!=|<=|>=|&&|\|\||[-+*/^(),[\]<>])|("[^"]*"))/y;

/** AWS: MetricDataQuery. */
const LONGEST = 2_048;

/** Throws ValidationError where the text is no metric math. */
export function tokens(expression: string, id: string): Token[] {
  if (expression.length > LONGEST) throw expressionError(id, `it has more than ${LONGEST} characters`);
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  const text = expression.trimEnd();
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw expressionError(id, `unexpected text at ${text.slice(from, from + 20)}`);
    const [, number, name, sign, quoted] = match;
    if (number !== undefined) found.push({ kind: 'number', text: number });
    else if (name !== undefined) found.push({ kind: 'name', text: name });
    else found.push({ kind: 'sign', text: sign ?? (quoted as string) });
  }
  return [...found, { kind: 'end', text: 'end of the expression' }];
}

export const expressionError = (id: string, message: string) =>
  new ServiceError('ValidationError', `Error in expression '${id}': ${message}`);
