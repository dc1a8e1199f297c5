/** How a protocol writes a list: EC2 `<set><item>…`, AWS Query `<List><member>…`, flattened `<List>…</List><List>…`. */
export type ListStyle = 'item' | 'member';

/** A list written flattened: its elements directly, under this name (SQS: Message, Attribute …). */
export class Flat {
  readonly items: unknown[];
  constructor(items: unknown[]) {
    this.items = items;
  }
}

/**
 * Plain values as XML. Keys are element names as they stand on the wire; `undefined` and `null` are left out;
 * Dates are written as ISO 8601.
 */
export function toXml(value: Record<string, unknown>, style: ListStyle): string {
  return Object.entries(value)
    .map(([name, item]) => element(name, item, style))
    .join('');
}

function element(name: string, value: unknown, style: ListStyle): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Flat) return value.items.map((item) => element(name, item, style)).join('');
  if (Array.isArray(value))
    return `<${name}>${value.map((item) => element(style, item, style)).join('')}</${name}>`;
  if (value instanceof Date) return `<${name}>${value.toISOString()}</${name}>`;
  if (typeof value === 'object')
    return `<${name}>${toXml(value as Record<string, unknown>, style)}</${name}>`;
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}

/** Control characters that XML 1.0 cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
  return (
    text
      .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML forbids
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/\r/g, '&#13;')
  );
}
