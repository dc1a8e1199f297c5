import { invalidParameter } from './records.ts';

export type Condition = (event: unknown) => boolean;

/** The nodes that a property selector points to: none where the property is missing, several with `*`. */
export function select(selector: string): (event: unknown) => unknown[] {
  const steps = [...selector.matchAll(/\.?\[(?:(\d+)|'([^']*)'|"([^"]*)"|(\*))\]|\.(?:([\w-]+)|(\*))/g)].map(
    ([, index, single, double, anyElement, name, anyProperty]) => ({
      key: index ?? single ?? double ?? name ?? '',
      every: anyElement !== undefined || anyProperty !== undefined,
    }),
  );
  return (event) => {
    let nodes = [event];
    for (const { key, every } of steps) {
      nodes = nodes.flatMap((node) => {
        if (typeof node !== 'object' || node === null) return [];
        if (every) return Object.values(node);
        return Object.hasOwn(node, key) ? [(node as Record<string, unknown>)[key]] : [];
      });
    }
    return nodes;
  };
}

/**
 * A test of one node. Numbers compare as numbers, text as text, with `*` for any characters; a missing property, an object
 * or a list matches nothing, not even `!=`. @throws InvalidParameterException for an order of texts
 */
export function condition(operator: string, operand: string | RegExp): Condition {
  if (operator === '=' || operator === '!=') {
    const equal = operand instanceof RegExp ? (text: string) => operand.test(text) : equality(operand);
    return (node) =>
      (typeof node === 'string' || typeof node === 'number') && equal(String(node)) === (operator === '=');
  }
  const number = operand instanceof RegExp || operand === '' ? Number.NaN : Number(operand);
  if (Number.isNaN(number)) throw invalidParameter('Invalid filter pattern');
  const compare = {
    '<': (node: number) => node < number,
    '<=': (node: number) => node <= number,
    '>': (node: number) => node > number,
    '>=': (node: number) => node >= number,
  }[operator];
  if (!compare) throw invalidParameter('Invalid filter pattern');
  return (node) => typeof node === 'number' && compare(node);
}

function equality(operand: string): (text: string) => boolean {
  if (operand.includes('*')) {
    const parts = operand.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    const wildcard = new RegExp(`^${parts.join('[^]*')}$`);
    return (text) => wildcard.test(text);
  }
  const number = operand.trim() === '' ? Number.NaN : Number(operand);
  return (text) => text === operand || (text !== '' && Number(text) === number);
}
